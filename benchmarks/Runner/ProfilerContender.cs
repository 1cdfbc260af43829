namespace Lampyris.Benchmarks;

/// <summary>A malloc with or without its profiler.</summary>
/// <param name="Allocator">Under the name that the tables show.</param>
/// <param name="Base">Name of the contender that its figures are ratios to: the same malloc, no profiler.</param>
/// <param name="Environment">What switches the profiler on, as NAME=VALUE; empty: it is off.</param>
/// <param name="OursOnly">It loses the processes that a real program starts, so only our workloads are measured, and in one round: it is slow.</param>
internal sealed record ProfilerContender(Allocator Allocator, string Base, string[] Environment, bool OursOnly = false)
{
    public const string Profiled = "lampyris, profile on", Off = "lampyris", Control = "lampyris again";

    private const string HeaptrackLibrary = "/usr/lib/heaptrack/libheaptrack_preload.so";

    /// <summary>Where lampyris writes.</summary>
    public static readonly string ProfileFile = Path.Combine(Folders.Output, "profile.lampyris");

    public string Name => Allocator.Name;

    /// <exception cref="CannotMeasureException">One of them is not on this machine.</exception>
    public static List<ProfilerContender> All()
    {
        Allocator lampyris = Allocator.Find("lampyris"), jemalloc = Allocator.Find("jemalloc"), glibc = Allocator.Find("glibc");
        string heaptrack = File.Exists(HeaptrackLibrary) ? HeaptrackLibrary : throw new CannotMeasureException("heaptrack is not installed; Debian has it in the package heaptrack");
        return
        [
            new(lampyris, Off, []),
            new(lampyris with { Name = Profiled }, Off, [$"LAMPYRIS_PROFILE={ProfileFile}"]),
            new(jemalloc, "jemalloc", []),
            new(jemalloc with { Name = "jemalloc, profile on" }, "jemalloc", ["MALLOC_CONF=prof:true,lg_prof_sample:19"]),
            new(glibc, "glibc", [], OursOnly: true),
            // What it records is thrown away; usually it is compressed as well.
            new(new Allocator("heaptrack", heaptrack, $"heaptrack {Debian.VersionOf("heaptrack")}"), "glibc", ["DUMP_HEAPTRACK_OUTPUT=/dev/null"], OursOnly: true),
            new(lampyris with { Name = Control }, Off, []),
        ];
    }
}
