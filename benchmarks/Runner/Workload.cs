namespace Lampyris.Benchmarks;

/// <summary>One row of the tables: a program to run.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="What">What it does, in half a line, for the reader of the tables.</param>
/// <param name="Command">Program and arguments.</param>
internal sealed record Workload(string Name, string What, string[] Command)
{
    /// <summary>A shell command that prepares each turn, not measured and not under the allocator.</summary>
    public string Setup { get; private init; } = "";

    /// <summary>A shell command that loads the program from outside, not measured; it must end the program.</summary>
    public string Driver { get; init; } = "";

    /// <summary>The programs it needs that may be missing, on PATH.</summary>
    public string[] Needs { get; private init; } = [];

    /// <summary>Debian packages that have them.</summary>
    public string Packages { get; private init; } = "";

    /// <summary>Executables that each run must have loaded under the allocator, where a tree of processes does the work.</summary>
    public string[] Processes { get; private init; } = [];

    /// <summary>Peak memory is that of all its processes together, and not of the largest.</summary>
    public bool IsTree => Processes.Length > 0;

    /// <summary>A load that was made for allocators, and not a program that people use.</summary>
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
        Ours("buffers", "64 buffers of 4 to 124 KiB in each of 2 threads"),
        Ours("batches", "requests of 800 blocks to 16 KB, 2 threads; after rptest"),
        new("python", "JSON, dictionaries, sorting; PYTHONMALLOC=malloc", ["env", "PYTHONMALLOC=malloc", "/usr/bin/python3", Script("python.py")]) { Needs = ["/usr/bin/python3"], Packages = "python3" },
        new("perl", "words in hashes, sorting, substitution", ["/usr/bin/perl", Script("perl.pl")]) { Needs = ["/usr/bin/perl"], Packages = "perl" },
        new("sqlite", "an in-memory database: inserts, index, joins", ["sqlite3", ":memory:", $".read {Script("sqlite.sql")}"]) { Needs = ["sqlite3"], Packages = "sqlite3" },
        new("g++", "compiles a C++ file full of templates", ["g++", "-O1", "-c", "-o", "/dev/null", Folders.Input("big.cc")]) { Needs = ["g++"], Packages = "g++" },
        new("zstd", "compresses 34 MB of text with 2 threads", ["zstd", "-q", "-T2", "-9", "-c", Folders.Input("big.txt")]) { Needs = ["zstd"], Packages = "zstd" },
        new("redis", "redis-server under redis-benchmark", ["redis-server", "--port", "0", "--unixsocket", Temporary("redis.sock"), "--save", ""])
        {
            Driver = $"'{Script("redis-load.sh")}' '{Temporary("redis.sock")}'",
            Needs = ["redis-server", "redis-benchmark"],
            Packages = "redis-server and redis-tools",
        },
        new("postgres", "PostgreSQL under pgbench, 8 connections", [Script("postgres.sh"), "serve", Cluster, Socket])
        {
            Setup = $"'{Script("postgres.sh")}' setup '{Cluster}'",
            Driver = $"'{Script("postgres.sh")}' load '{Cluster}' {Socket}",
            Needs = ["postgres", "pgbench", "psql"],
            Packages = "postgresql and postgresql-client",
            Processes = ["postgres"],
        },
        new("kestrel", "a .NET web service under wrk: JSON, compression", [Folders.Tool("web-service/web-service"), Temporary("web")])
        {
            Setup = $"rm -f '{Temporary("web")}'",
            Driver = $"'{Script("web-load.sh")}' '{Temporary("web")}' {WebRequests}",
            Needs = ["wrk"],
            Packages = "wrk",
        },
        new("dotnet-build", "dotnet build of a C# project, restored before", ["env", "DOTNET_CLI_TELEMETRY_OPTOUT=1", "DOTNET_NOLOGO=1", "DOTNET_CLI_USE_MSBUILD_SERVER=0", "dotnet", "build", Folders.Built,
            "--artifacts-path", Folders.BuiltTo, "--configuration", "Release", "--no-restore", "--target:Rebuild", "--verbosity", "quiet",
            "-maxcpucount:1", "-nodeReuse:false", "-property:UseSharedCompilation=false"]) // no servers: all is done by processes that end
        {
            Packages = "the .NET SDK",
            Processes = ["dotnet", "csc"],
        },
    ];

    /// <summary>A .NET program, measured with the profilers only: their walk goes through managed code there.</summary>
    public static readonly Workload DotNet = new("requests", "a .NET service: native blocks and compression, 4 threads", [Folders.Tool("requests/requests")]) { Packages = "dotnet" };

    /// <summary>The service of the idle test, which has a table of its own.</summary>
    public static readonly Workload Idle = new("idle", "a .NET service that has gone idle", [Folders.Tool("idle-service/idle-service")]);

    private const int WebRequests = 15_000;

    private static string Cluster => Path.Combine(Folders.Output, "postgres");

    // In the abstract namespace: no file.
    private static string Socket => $"@lampyris-bench-{Environment.ProcessId}";

    // A socket's path must be short, so it can't be in the repository.
    private static string Temporary(string name) => Path.Combine(Path.GetTempPath(), $"lampyris-bench-{Environment.ProcessId}-{name}");

    public static string RedisSocket => Temporary("redis.sock");

    private static Workload Ours(string name, string what) => new(name, what, [Folders.Tool(name)]);

    private static string Script(string name) => Path.Combine(Folders.Programs, name);

    public static Workload Find(string name) =>
        All.Append(DotNet).FirstOrDefault(workload => workload.Name == name)
        ?? throw new CannotMeasureException($"unknown workload {name}; known are {string.Join(", ", All.Select(workload => workload.Name))}, {Idle.Name}");

    /// <exception cref="CannotMeasureException">A program it needs is not installed.</exception>
    public void CheckInstalled()
    {
        foreach (string program in Needs)
            if (!OnPath(program)) throw new CannotMeasureException($"{Name} needs {program}; Debian has it in {Packages}");
    }

    public static bool OnPath(string program) => ProgramFolders().Any(folder => File.Exists(Path.Combine(folder, program)));

    // Debian keeps the programs of PostgreSQL apart; `postgres.sh` finds them there, too.
    private static IEnumerable<string> ProgramFolders() =>
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), .. Directory.Exists(PostgresFolder) ? Directory.GetDirectories(PostgresFolder).Select(version => Path.Combine(version, "bin")) : []];

    private const string PostgresFolder = "/usr/lib/postgresql";
}
