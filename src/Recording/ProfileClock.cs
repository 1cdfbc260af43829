namespace Lampyris;

// The time in a profile: microseconds since recording began, by a clock that nobody sets.
public static unsafe class ProfileClock
{
    const int RealTime = 0, Monotonic = 1;

    static ulong s_startNs;

    /// <summary>When recording began, in ns since 1970.</summary>
    public static ulong StartedUnixNs { get; private set; }

    public static ulong Now => (Host.ClockNs(Monotonic) - s_startNs) / 1000;

    public static void Start()
    {
        StartedUnixNs = Host.ClockNs(RealTime);
        s_startNs = Host.ClockNs(Monotonic);
    }
}
