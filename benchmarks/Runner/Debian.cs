using System.Diagnostics;

namespace Lampyris.Benchmarks;

/// <summary>What the package system says about what is installed.</summary>
internal static class Debian
{
    public static string VersionOf(string package)
    {
        try
        {
            using Process query = Process.Start(new ProcessStartInfo("dpkg-query", ["-W", "-f", "${Version}", package]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string version = query.StandardOutput.ReadToEnd();
            query.WaitForExit();
            return query.ExitCode == 0 ? version : "(not from a package)";
        }
        catch (System.ComponentModel.Win32Exception) // no dpkg: another distribution
        {
            return "(version not known)";
        }
    }
}
