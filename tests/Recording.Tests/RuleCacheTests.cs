using System;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed class RuleCacheTests
{
    static FrameRule Rule(int offset)
    {
        FrameRule rule = default;
        rule.CfaOffset = offset;
        rule.CfaRegister = (byte)(offset & 7);
        return rule;
    }

    [Fact]
    public void ARuleIsFoundByItsAddressUntilItIsOld()
    {
        RuleCache.Put(0x1234, 100, Rule(8));
        Assert.True(RuleCache.TryGet(0x1234, 100, out FrameRule rule) && rule.CfaOffset == 8);
        Assert.True(RuleCache.TryGet(0x1234, 110, out _));
        Assert.False(RuleCache.TryGet(0x1234, 111, out _));
        Assert.False(RuleCache.TryGet(0x1235, 100, out _));
        RuleCache.Put(0x1234, ushort.MaxValue, Rule(8));
        Assert.True(RuleCache.TryGet(0x1234, 3, out _));        // the clock's few bits came round
    }

    // Goal: no reader sees a rule that is not the address's. Method: threads write and read the same entries.
    [Fact]
    public void ReadersNeverSeeHalfOfARule()
    {
        int wrong = 0, hits = 0;
        var threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            int seed = i;
            threads[i] = new Thread(() =>
            {
                var random = new Random(seed);
                for (int step = 0; step < 500_000; step++)
                {
                    ulong address = (ulong)random.Next(1, 3000) * 0x1_0001;
                    int expected = (int)(address % 10007);
                    if (step % 2 == 0) RuleCache.Put(address, 5, Rule(expected));
                    else if (RuleCache.TryGet(address, 5, out FrameRule rule))
                    {
                        Interlocked.Increment(ref hits);
                        if (rule.CfaOffset != expected || rule.CfaRegister != (byte)(expected & 7)) Interlocked.Increment(ref wrong);
                    }
                }
            });
            threads[i].Start();
        }
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(0, wrong);
        Assert.True(hits > 100_000, $"{hits} hits");
    }
}
