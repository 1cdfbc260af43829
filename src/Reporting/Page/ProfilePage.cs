using System.IO;
using System.Net;
using Lampyris.Analysis;

namespace Lampyris.Reporting.Page;

/// <summary>The page of a profile.</summary>
public static class ProfilePage
{
    public static void Write(Profile profile, TextWriter output)
    {
        output.Write("<!doctype html><meta charset=utf-8><title>Lampyris</title><pre>");
        using var folded = new StringWriter();
        FoldedFormat.Write(profile, Metric.Live, folded);
        output.Write(WebUtility.HtmlEncode(folded.ToString()));
        output.Write("</pre>\n");
    }

    public static void WriteDifference(Profile before, Profile after, TextWriter output)
    {
        Write(before, output);
        Write(after, output);
    }
}
