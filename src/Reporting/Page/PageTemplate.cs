using System;
using System.IO;
using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Lampyris.Reporting.Page;

/// <summary>Puts page.html, page.css, the scripts and the data into one file.</summary>
/// <remarks>
/// The policy in the page's head allows this script and this style, by their hashes, and nothing else: no network, no script that
/// came with a name. The data is a block that no browser runs.
/// </remarks>
static class PageTemplate
{
    /// <summary>In the order of their dependencies: together they are one module.</summary>
    static readonly string[] s_scripts =
    [
        "units.js", "dom.js", "profile.js", "calltree.js", "state.js", "colors.js", "header.js", "timeline.js", "flame.js",
        "treeview.js", "functions.js", "stacks.js", "main.js",
    ];

    static readonly Lazy<string> s_style = new(static () => Asset("page.css"));
    static readonly Lazy<string> s_script = new(static () =>
    {
        StringBuilder script = new();
        foreach (string name in s_scripts) script.Append(Asset(name)).Append('\n');
        return script.ToString();
    });

    /// <param name="title">plain text</param>
    /// <param name="data">JSON in which `&lt;` is escaped, so that it can't end the block it is in</param>
    /// <param name="output">takes the page</param>
    public static void Write(string title, string data, TextWriter output)
    {
        string template = Asset("page.html");
        int at = 0;
        while (template.IndexOf("{{", at, StringComparison.Ordinal) is int open and >= 0)
        {
            int close = template.IndexOf("}}", open, StringComparison.Ordinal);
            output.Write(template.AsSpan(at, open - at));
            output.Write(template[(open + 2)..close] switch
            {
                "title" => WebUtility.HtmlEncode(title),
                "policy" => $"default-src 'none'; script-src '{Hash(s_script.Value)}'; style-src '{Hash(s_style.Value)}'; img-src data:; base-uri 'none'; form-action 'none'",
                "style" => s_style.Value,
                "script" => s_script.Value,
                "data" => data,
                string name => throw new InvalidDataException($"page.html has no part {name}"),
            });
            at = close + 2;
        }
        output.Write(template.AsSpan(at));
    }

    static string Hash(string content) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    static string Asset(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Page/" + name)
            ?? throw new InvalidDataException($"the page's part {name} is not in this assembly");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
