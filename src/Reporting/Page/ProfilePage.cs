using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Reporting.Page;

/// <summary>
/// The page of a profile: one HTML file with everything in it, which opens from the disk of a machine without a network.
/// `PageData` says what is in it, `PageTemplate` puts the file together, Assets/ is what runs in the browser.
/// </summary>
public static class ProfilePage
{
    /// <summary>Writes the page of one profile.</summary>
    public static void Write(Profile profile, TextWriter output) =>
        PageTemplate.Write(PageText.ProgramName(profile), PageData.Of(profile), output);

    /// <summary>Writes the page of what changed from <paramref name="before"/> to <paramref name="after"/>.</summary>
    public static void WriteDifference(Profile before, Profile after, TextWriter output) =>
        PageTemplate.Write(PageText.ProgramName(after) + ", difference", PageData.OfDifference(before, after), output);
}
