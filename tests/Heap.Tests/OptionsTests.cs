using System.Text;
using Xunit;

namespace Lampyris.Tests;

// The options are read when the heap comes up, so each case is a process.
public sealed unsafe class OptionsTests
{
    const int Base = 50;        // exit codes below it are the runtime's

    static int ExitsWithThePurgeDelay()
    {
        HeapRoot* root = Heap.Start();
        return root->PurgeDelayMs == 500 ? Base : root->PurgeDelayMs == 20 ? Base + 1 : Base + 2;
    }

    static int ExitsWithPurge() => Base + Heap.Start()->PurgeEnabled;

    [Fact]
    public void AValueInRangeIsTaken()
    {
        (int code, string error) = ChildProcess.Run(ExitsWithThePurgeDelay, ("LAMPYRIS_PURGE_DELAY_MS", "20"));
        Assert.Equal(Base + 1, code);
        Assert.Equal("", error);
        Assert.Equal(Base, ChildProcess.Run(ExitsWithPurge, ("LAMPYRIS_PURGE", "0")).ExitCode);
        Assert.Equal(Base + 1, ChildProcess.Run(ExitsWithPurge, ("LAMPYRIS_PURGE", "1")).ExitCode);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("9")]
    [InlineData("-20")]
    [InlineData("20ms")]
    [InlineData("99999999999999999999999")]
    public void ABadValueGetsOneLineOfWarningAndTheDefault(string value)
    {
        (int code, string error) = ChildProcess.Run(ExitsWithThePurgeDelay, ("LAMPYRIS_PURGE_DELAY_MS", value));
        Assert.Equal(Base, code);
        Assert.Equal($"lampyris: LAMPYRIS_PURGE_DELAY_MS={value} is not a number from 10 to 3600000; using 500\n", error);
    }

    [Fact]
    public void EveryOptionHasANameAHelpAndADefaultInRange()
    {
        for (int i = 0; i < Options.Count; i++)
        {
            Assert.StartsWith("LAMPYRIS_", Encoding.UTF8.GetString(Options.Name(i)));
            Assert.NotEqual(0, Options.Help(i).Length);
            Assert.InRange(Options.Default(i), Options.Minimum(i), Options.Maximum(i));
        }
    }
}
