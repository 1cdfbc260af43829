using System;
using System.Text;

namespace Lampyris.Cli;

internal enum InkFormat
{
    Plain,

    /// <summary>Colour by the terminal's own escape sequences.</summary>
    Ansi,

    /// <summary>Spectre.Console's markup, for the live view.</summary>
    Markup,
}

// How a report is drawn where it is going: in colour or not, with which characters, how wide.
internal sealed record Ink(InkFormat Format, bool HasUnicode, int Columns)
{
    /// <summary>For a file or a pipe.</summary>
    public static readonly Ink Plain = new(InkFormat.Plain, true, Terminal.ReportColumns);

    public static Ink For(int descriptor)
    {
        int columns = Terminal.IsTerminal(descriptor) ? Terminal.Columns(descriptor) : Terminal.ReportColumns;
        return new Ink(Terminal.WantsColor(descriptor) ? InkFormat.Ansi : InkFormat.Plain, Terminal.ShowsUnicode(), Math.Clamp(columns, 40, Terminal.ReportColumns));
    }

    public string Title(string text) => Style("1", "bold", text);
    public string Label(string text) => Style("2", "dim", text);
    public string Glow(string text) => Style("92", "lime", text);          // a glow-worm's green
    public string Warning(string text) => Style("33", "olive", text);

    public string Dot => HasUnicode ? " · " : ", ";

    public string Rule(int columns) => new(HasUnicode ? '─' : '-', Math.Max(columns, 0));

    /// <summary>A bar of at most <paramref name="columns"/> characters; what is not nothing shows.</summary>
    public string Bar(double share, int columns)
    {
        if (!(share > 0)) return "";
        double length = Math.Min(share, 1) * columns;
        if (!HasUnicode) return new string('#', Math.Max(1, (int)Math.Round(length)));
        const string Eighths = "▏▎▍▌▋▊▉█";
        int eighths = Math.Max(1, (int)Math.Round(length * 8));
        var bar = new StringBuilder().Append('█', eighths / 8);
        if (eighths % 8 != 0) bar.Append(Eighths[eighths % 8 - 1]);
        return bar.ToString();
    }

    /// <summary>Cut to <paramref name="columns"/> with a sign that something is missing; no control characters.</summary>
    public string Fit(string text, int columns)
    {
        var clean = new StringBuilder(text.Length);
        foreach (char c in text) clean.Append(char.IsControl(c) ? '?' : c);
        string more = HasUnicode ? "…" : "...";
        if (clean.Length > columns) clean.Length = Math.Max(columns - more.Length, 0);
        else more = "";
        return clean + more;
    }

    /// <summary>For text that comes from outside: brackets in it are no markup.</summary>
    public string Escape(string text) => Format == InkFormat.Markup ? text.Replace("[", "[[", StringComparison.Ordinal).Replace("]", "]]", StringComparison.Ordinal) : text;

    string Style(string code, string name, string text) => (text.Length, Format) switch
    {
        (0, _) or (_, InkFormat.Plain) => text,
        (_, InkFormat.Markup) => $"[{name}]{text}[/]",
        _ => $"\u001b[{code}m{text}\u001b[0m",
    };
}
