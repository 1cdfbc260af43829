using System;
using System.Diagnostics;
using System.Threading;

namespace Lampyris.Benchmarks;

/// <summary>How the resident memory of this process falls while it does nothing.</summary>
internal sealed class Decline
{
    private const int LookEveryMs = 20;

    private readonly (long Ms, long ResidentKb)[] _looks;
    private readonly int _count;

    /// <summary>Watches for so long; allocates nothing meanwhile.</summary>
    public Decline(int idleMs)
    {
        _looks = new (long, long)[idleMs / LookEveryMs + 1];
        var clock = Stopwatch.StartNew();
        for (long ms = 0; ms < idleMs && _count < _looks.Length; ms = clock.ElapsedMilliseconds)
        {
            _looks[_count++] = (ms, ProcessMemory.ResidentKb());
            Thread.Sleep((int)Math.Min(LookEveryMs, idleMs - ms));
        }
        IdleKb = ProcessMemory.ResidentKb();
    }

    /// <summary>Resident at the end.</summary>
    public long IdleKb { get; }

    /// <summary>Milliseconds until not more than <paramref name="limitKb"/> was resident; -1 if that did not happen.</summary>
    public long FirstMs(long limitKb)
    {
        foreach (var (ms, residentKb) in _looks.AsSpan(0, _count))
            if (residentKb <= limitKb) return ms;
        return -1;
    }
}
