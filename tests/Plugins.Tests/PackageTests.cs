using System;
using System.IO;
using Lampyris.Preload.Tests;
using Xunit;

namespace Lampyris.Plugins.Tests;

/// <summary>Somebody outside of this repository writes a plugin: with the package, a project of two lines, and docs/writing-a-plugin.md.</summary>
public sealed class PackageTests
{
    [Fact]
    public void APluginIsWrittenWithThePackageAlone()
    {
        // A version of its own: NuGet keeps what it has once unpacked.
        string version = $"0.1.0-test{Environment.ProcessId}.{DateTime.UtcNow.Ticks}";
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lampyris-plugin-");
        string kept = Path.Combine(Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages"), "lampyris.plugin.sdk", version);
        try
        {
            PluginBuilder.Build("dotnet", "pack", Path.Combine(Paths.Root, "src/PluginSdk"), "-c", "Release", $"-p:Version={version}", "-o", folder.FullName, "--nologo", "-v", "quiet");
            File.WriteAllText(Path.Combine(folder.FullName, "NuGet.config"), $"""<configuration><packageSources><add key="here" value="{folder.FullName}" /></packageSources></configuration>""");
            string guide = File.ReadAllText(Path.Combine(Paths.Root, "docs/writing-a-plugin.md"));
            File.WriteAllText(Path.Combine(folder.FullName, "mine.csproj"), Block(guide, "xml").Replace("0.1.0", version, StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(folder.FullName, "Mine.cs"), Block(guide, "csharp"));
            PluginBuilder.Build("dotnet", "build", folder.FullName, "-c", "Release", "--nologo", "-v", "quiet");

            CommandResult result = Commands.Run([Path.Combine(PluginBuilder.Output, "contract"), Path.Combine(folder.FullName, "bin/libmine.so"), "mine", "0"], TimeSpan.FromMinutes(1));
            Assert.True(result.ExitCode == 0, result.Error + result.Stacks);
            Assert.EndsWith("\nok\n", result.Output);
        }
        finally
        {
            folder.Delete(recursive: true);
            if (Directory.Exists(kept)) Directory.Delete(kept, recursive: true);
        }
    }

    // The first block of a language in the guide: so the guide can't grow stale.
    static string Block(string guide, string language)
    {
        int start = guide.IndexOf($"```{language}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"no block of {language} in the guide");
        start += language.Length + 4;
        return guide[start..guide.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
