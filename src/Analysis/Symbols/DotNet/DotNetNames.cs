using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Lampyris.Analysis;

// What a launcher tells the .NET runtime, so that every program below it writes down its methods: what was compiled and
// where, in a file for each process, as it goes along. A process that is killed leaves all but its last moments.
public static class DotNetNames
{
    const string Provider = "Microsoft-Windows-DotNETRuntime";

    // Keywords of the runtime's events. Level 5: methods that are compiled at run time are told at no lower one.
    const long Loader = 0x8, Jit = 0x10, Interop = 0x2000, LineMaps = 0x20000, EntryPoints = 0x20_0000_0000;
    const long AllocationSampling = 0x800_0000_0000;

    /// <summary>Variables for the environment of the program. Programs that are not .NET's don't mind them.</summary>
    /// <param name="outputFolder">an existing folder; each process writes <see cref="TraceFile"/> there</param>
    /// <param name="managedAllocations">also samples allocations on the GC heap; then every event has its stack, which costs more</param>
    public static IReadOnlyDictionary<string, string> LauncherEnvironment(string outputFolder, bool managedAllocations)
    {
        long keywords = Loader | Jit | Interop | LineMaps | EntryPoints | (managedAllocations ? AllocationSampling : 0);
        return new Dictionary<string, string>
        {
            ["DOTNET_EnableEventPipe"] = "1",
            ["DOTNET_EventPipeConfig"] = string.Create(CultureInfo.InvariantCulture, $"{Provider}:0x{keywords:x}:5"),
            ["DOTNET_EventPipeOutputPath"] = Path.Combine(outputFolder, "{pid}.nettrace"),
            ["DOTNET_EventPipeOutputStreaming"] = "1",
            ["DOTNET_EventPipeEnableStackwalk"] = managedAllocations ? "1" : "0",
        };
    }

    /// <summary>Where the process with this ID wrote its trace, if it was a .NET program.</summary>
    public static string TraceFile(string outputFolder, int processId) =>
        Path.Combine(outputFolder, processId.ToString(CultureInfo.InvariantCulture) + ".nettrace");
}
