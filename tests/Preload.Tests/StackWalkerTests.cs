using System.IO;
using System.Linq;
using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>What the profiler's stack walker sees from inside malloc, in programs of C and C++.</summary>
public sealed class StackWalkerTests : ProgramTests
{
    [Theory, CasesOf("capture")]
    public void WithoutFramePointers(string name) => RunCase("capture", name, CaptureLibrary.Preloaded);

    [Theory, CasesOf("capture_cxx")]
    public void InCxx(string name) => RunCase("capture_cxx", name, CaptureLibrary.Preloaded);

    [Fact]
    public void EveryCaseHoldsWithFramePointersToo()
    {
        foreach (ProgramCase one in CasesOfAttribute.Read("capture"))
        {
            CommandResult result = Run([Path.Combine(Paths.Programs, "tool_capture_with_frame_pointers"), one.Name], one.Limit, environment: CaptureLibrary.Preloaded);
            Assert.EndsWith(one.Ends, result.Output);
        }
    }

    /// <remarks>Resolvers of indirect functions run while the loader still relocates the program.</remarks>
    [Fact]
    public void AWalkFromInsideTheLoaderDoesNoHarm()
    {
        string log = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var environment = CaptureLibrary.Preloaded.ToDictionary();
        environment["LAMPYRIS_CAPTURE_EVERY"] = "1";
        environment["LAMPYRIS_CAPTURE_FILE"] = log;
        try
        {
            foreach (ProgramCase one in CasesOfAttribute.Read("early_resolver").Concat(CasesOfAttribute.Read("loader")))
                Run([Path.Combine(Paths.Programs, one.Program), one.Name], one.Limit, environment: environment);
            string[] lines = File.ReadAllLines(log);
            int complete = lines.Count(line => !line.StartsWith("lost", System.StringComparison.Ordinal));
            TestContext.Current.TestOutputHelper?.WriteLine($"{complete} of {lines.Length} stacks are complete");
            Assert.True(complete >= lines.Length * 0.99 && complete > 100, $"{complete} of {lines.Length}:\n{string.Join('\n', lines.Where(line => line.StartsWith("lost", System.StringComparison.Ordinal)).Take(5))}");
        }
        finally { File.Delete(log); }
    }
}
