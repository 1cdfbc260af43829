using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class CheckTests
{
    static int FreesTwice()
    {
        byte* block = TestHeap.Allocate(500_000);
        TestHeap.Free(block);
        TestHeap.Free(block);
        return 0;
    }

    static int FreesWhatIsNoBlock()
    {
        byte* block = TestHeap.Allocate(100);
        TestHeap.Free(block + 8 + Segment.SliceBytes * 40);
        return 0;
    }

    static int ResizesWhatIsFree()
    {
        byte* block = TestHeap.Allocate(500_000);
        TestHeap.Free(block);
        TestHeap.Reallocate(block, 700_000);
        return 0;
    }

    [Fact]
    public void ALargeBlockFreedTwiceEndsTheProcessWithALine() => EndsWithALine(FreesTwice, "freed twice, or never allocated");

    [Fact]
    public void AnAddressThatIsNoBlockEndsTheProcessWithALine() => EndsWithALine(FreesWhatIsNoBlock, "this address was never returned by malloc");

    [Fact]
    public void AFreeBlockResizedEndsTheProcessWithALine() => EndsWithALine(ResizesWhatIsFree, "this block is not live");

    static void EndsWithALine(System.Func<int> method, string words)
    {
        (int code, string error) = ChildProcess.Run(method);
        Assert.NotEqual(0, code);
        string first = error.Split('\n')[0];
        Assert.StartsWith("lampyris: ", first);
        Assert.Contains(words, first);
        Assert.Contains("(address 0x", first);
    }
}
