using System;
using System.Collections.Generic;
using System.IO;

namespace Lampyris.Preload.Tests;

/// <summary>The variant of the library whose malloc captures stacks (capture/Capture.c), linked from the library's own objects.</summary>
internal static class CaptureLibrary
{
    static readonly Lazy<string> s_path = new(Build);

    /// <summary>Runs a program on it.</summary>
    public static IReadOnlyDictionary<string, string> Preloaded => new Dictionary<string, string> { ["LD_PRELOAD"] = s_path.Value };

    static string Build()
    {
        string target = Path.Combine(Paths.Programs, "capturing.so");
        string objects = Path.Combine(Paths.Root, "src/Preload/obj/Release/net10.0/native-x64/");
        CommandResult built = Commands.Run([Path.Combine(Paths.Root, "tests/Preload.Tests/capture/build.sh"), objects, target], TimeSpan.FromMinutes(1));
        return built.ExitCode == 0 ? target : throw new InvalidOperationException($"the capturing library does not build:\n{built.Output}{built.Error}");
    }
}
