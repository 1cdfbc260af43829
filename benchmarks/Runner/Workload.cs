namespace Lampyris.Benchmarks;

/// <summary>One row of the tables: a program to run.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="What">What it does, in half a line, for the reader of the tables.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Driver">A shell command that loads the program from outside, not measured; it must end the program.</param>
/// <param name="Packages">Debian packages that have the programs it needs.</param>
internal sealed record Workload(string Name, string What, string[] Command, string Driver = "", string Packages = "")
{
    /// <summary>A program of this repository's, and not one from the distribution.</summary>
    public bool IsOurs => Packages.Length == 0;

    public static readonly Workload[] All =
    [
        Ours("churn", "mixed sizes, temporaries and long-lived blocks, 1 thread"),
        Ours("interpreter", "small counted objects, lists and strings, 1 thread"),
        Ours("compiler", "syntax trees of modules, dropped whole, 1 thread"),
        Ours("growth", "arrays and strings that grow by realloc, 1 thread"),
        Ours("large", "64 KiB to 32 MiB, malloc and calloc, 1 thread"),
        Ours("drift", "sizes wander, generations die, a few stay, 1 thread"),
        Ours("server", "sessions move between 4 threads, which are replaced"),
        Ours("pipeline", "2 threads allocate, 2 others free"),
        Ours("cache", "a shared map with eviction, 4 threads"),
        Ours("threads", "28,000 short threads, 4 at a time"),
        Ours("handover", "8 threads leave their blocks to successors; after larson"),
        Ours("exchange", "8 threads keep, drop and swap blocks; after mstress"),
        Ours("parcels", "4 threads send blocks by the thousand; after rpmalloc's"),
        Ours("lottery", "random places, skewed sizes, 2 threads; after alloc-test"),
        Ours("waves", "8 threads fill and empty, in 3 orders; after sh8bench"),
        new("python", "JSON, dictionaries, sorting; PYTHONMALLOC=malloc", ["env", "PYTHONMALLOC=malloc", "/usr/bin/python3", Script("python.py")], Packages: "python3"),
        new("perl", "words in hashes, sorting, substitution", ["/usr/bin/perl", Script("perl.pl")], Packages: "perl"),
        new("sqlite", "an in-memory database: inserts, index, joins", ["sqlite3", ":memory:", $".read {Script("sqlite.sql")}"], Packages: "sqlite3"),
        new("g++", "compiles a C++ file full of templates", ["g++", "-O1", "-c", "-o", "/dev/null", Folders.Input("big.cc")], Packages: "g++"),
        new("zstd", "compresses 34 MB of text with 2 threads", ["zstd", "-q", "-T2", "-9", "-c", Folders.Input("big.txt")], Packages: "zstd"),
        new("redis", "redis-server under redis-benchmark", ["redis-server", "--port", "0", "--unixsocket", RedisSocket, "--save", ""], $"'{Script("redis-load.sh")}' '{RedisSocket}'", "redis-server and redis-tools"),
    ];

    /// <summary>A .NET program, measured with the profilers only: their walk goes through managed code there.</summary>
    public static readonly Workload DotNet = new("requests", "a .NET service: native blocks and compression, 4 threads", [Folders.Tool("requests/requests")], Packages: "dotnet");

    // A socket's path must be short, so it can't be in the repository.
    public static string RedisSocket => Path.Combine(Path.GetTempPath(), $"lampyris-bench-{Environment.ProcessId}.sock");

    private static Workload Ours(string name, string what) => new(name, what, [Folders.Tool(name)]);

    private static string Script(string name) => Path.Combine(Folders.Programs, name);

    public static Workload Find(string name) =>
        All.Append(DotNet).FirstOrDefault(workload => workload.Name == name)
        ?? throw new CannotMeasureException($"unknown workload {name}; known are {string.Join(", ", All.Select(workload => workload.Name))}, idle");

    /// <exception cref="CannotMeasureException">A program it needs is not installed.</exception>
    public void CheckInstalled()
    {
        string[] needed = Driver.Length > 0 ? [Command[0], "redis-benchmark"] : Command[0] == "env" ? [Command[2]] : [Command[0]];
        foreach (string program in needed)
            if (!OnPath(program)) throw new CannotMeasureException($"{Name} needs {program}; Debian has it in {Packages}");
    }

    public static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
