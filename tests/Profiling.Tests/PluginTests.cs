using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Lampyris.Analysis;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Profiling.Tests;

// The profiler as a host of the plugin contract switches it: dump first, then switch.
public sealed class PluginTests
{
    [Fact]
    public void AHostDumpsAndSwitchesAndIndependentToolsReadTheDumps()
    {
        string folder = Directory.CreateTempSubdirectory("lampyris-test-").FullName;
        try
        {
            CommandResult result = Commands.Run([Profiled.Host, Profiled.Library, Path.Combine(folder, "dump")], TimeSpan.FromSeconds(60),
                new Dictionary<string, string> { ["LAMPYRIS_PROFILE_INTERVAL"] = "1" }, folder);
            Assert.True(result.ExitCode == 0, result.Error);
            Assert.Equal("1\n1\n1\n0\n", result.Output);
            Assert.Matches("^lampyris: profile: can.t write /nowhere/[^\n]*\nlampyris: profile: no dump could be written: [^\n]*\n$", result.Error);

            // The profile itself, two dumps of it, and each dump once more as text.
            List<string> profiles = [.. Directory.GetFiles(folder, "dump.*.lprof").Order(StringComparer.Ordinal)];
            Assert.Equal(3, profiles.Count);
            Assert.Equal(600_000, Live(profiles[0]));
            Assert.Equal(400_000, Live(profiles[1]));
            Assert.Equal(600_000, Live(profiles[2]));

            List<string> texts = [.. Directory.GetFiles(folder, "dump.*.heap").Order(StringComparer.Ordinal)];
            Assert.Equal(2, texts.Count);
            foreach (string tool in new[] { "google-pprof", "jeprof" })
            {
                CommandResult read = Commands.Run([tool, "--text", "--show_bytes", Profiled.Host, texts[1]], TimeSpan.FromSeconds(60));
                Assert.True(read.ExitCode == 0, read.Error);
                Assert.Matches("600000 +[0-9.]+% +site_host", read.Output);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static long Live(string file)
    {
        _ = ProfileSymbolizer.AppendNames(file, null);
        return Profiled.Sum(ProfileReader.Read(file), "site_host", site => site.Live).Bytes;
    }
}
