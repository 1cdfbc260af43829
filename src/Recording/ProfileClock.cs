namespace Lampyris;

// The time in a profile: microseconds since recording began, by a clock that nobody sets.
public static unsafe class ProfileClock
{
    static ulong s_startNs;

    /// <summary>When recording began, in ns since 1970.</summary>
    public static ulong StartedUnixNs { get; private set; }

    public static ulong Now => (Host.ClockNs(OsClock.Monotonic) - s_startNs) / 1000;

    public static void Start()
    {
        StartedUnixNs = Host.ClockNs(OsClock.RealTime);
        s_startNs = Host.ClockNs(OsClock.Monotonic);
    }
}
