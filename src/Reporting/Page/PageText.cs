using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Reporting.Page;

/// <summary>Text of a profile as the page shows it. Names come from files of others, so nothing in them may act.</summary>
static class PageText
{
    /// <summary>
    /// The text with what can't be seen made visible: control characters, and those that turn the direction of all that follows,
    /// as `\u202e`; half a surrogate pair as U+FFFD.
    /// </summary>
    public static string Visible(string text)
    {
        if (text.All(static c => c is >= ' ' and < '\u007f')) return text;
        StringBuilder visible = new(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsHidden(rune)) visible.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else visible.Append(rune.ToString());
        }
        return visible.ToString();
    }

    /// <summary>What the page calls the program: the executable's file name, else the command's first word.</summary>
    public static string ProgramName(Profile profile)
    {
        string path = profile.Executable.Length > 0 ? profile.Executable : profile.Command.FirstOrDefault("");
        string name = Path.GetFileName(path);
        // `dotnet app.dll` is the app's program, not dotnet.
        if (name == "dotnet" && profile.Command.Skip(1).FirstOrDefault(static word => word.EndsWith(".dll", System.StringComparison.Ordinal)) is string assembly)
            name = Path.GetFileName(assembly);
        return name.Length > 0 ? Visible(name) : $"process {profile.ProcessId}";
    }

    static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
