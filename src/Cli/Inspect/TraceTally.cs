using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Cli;

// Takes the calls of a trace one after another and sorts out which are an allocator's: mappings of files, of shared memory
// and of thread stacks are not, nor is what the loader does until it unmaps its cache, the last thing before the program.
// Threads share an address space, a forked process begins with a copy of its parent's, `execve` makes a new one.
internal sealed class TraceTally
{
    /// <summary>So many calls of a start are kept back until it is known whether they were the loader's.</summary>
    const int MaxUndecided = 50_000, MaxWithoutCache = 500;
    const string CacheName = "ld.so.cache";

    /// <summary>One address space.</summary>
    sealed class Space
    {
        public ulong? Break;
        public Dictionary<ulong, ulong> Foreign = [];       // start to end of what is no heap
        public ulong CacheStart;
        public List<(MemoryCall Call, ulong Bytes, bool HasFailed)>? Undecided;

        public Space Copy() => new() { Break = Break, Foreign = new(Foreign) };

        public bool IsForeign(ulong address) => Foreign.Any(range => address >= range.Key && address < range.Value);
    }

    static readonly int s_kinds = Enum.GetValues<MemoryCall>().Length;
    readonly StraceLog _log = new();
    readonly Dictionary<int, Space> _spaces = [];
    readonly ulong[,] _counts = new ulong[s_kinds, TraceReport.Limits.Count], _bytes = new ulong[s_kinds, TraceReport.Limits.Count];
    readonly ulong[] _failed = new ulong[s_kinds];
    readonly HashSet<Space> _starting = [];
    ulong _loader, _other;
    ulong? _smallestMmap;

    /// <summary>Programs executed so far; 0 means that nothing was traced.</summary>
    public ulong ProgramCount { get; private set; }

    public void Read(string line)
    {
        StracedCall? returned = _log.Read(line, out int processId);
        if (processId != 0 && !_spaces.ContainsKey(processId)) _spaces[processId] = SpaceOfChild(processId);
        if (returned is not { } call) return;
        Space space = _spaces[processId];
        string[] arguments = call.Arguments.Split(", ");
        switch (call.Name)
        {
            case "execve" or "execveat" when call.Result == 0:
                ProgramCount++;
                _spaces[processId] = space = new Space { Undecided = [] };
                _starting.Add(space);
                break;
            case "fork" or "vfork" or "clone" or "clone3" when call.Result is > 0 and <= int.MaxValue:
                _spaces.TryAdd((int)call.Result.Value, Inherited(space, call.Name, call.Arguments));
                break;
            case "brk":
                Brk(space, arguments[0], call.Result);
                break;
            case "mmap" or "mmap2" when arguments.Length >= 5:
                Mmap(space, call, arguments);
                break;
            case "munmap" or "madvise" or "mprotect" or "mremap" when arguments.Length >= 2:
                Other(space, call, arguments);
                break;
        }
    }

    /// <summary>A child may be heard of before the call that made it has returned to its parent.</summary>
    Space SpaceOfChild(int processId)
    {
        foreach (int parent in _log.Waiting)
            if (parent != processId && _log.Unfinished(parent) is { Name: "fork" or "vfork" or "clone" or "clone3" } call && _spaces.TryGetValue(parent, out Space? space))
                return Inherited(space, call.Name, call.Arguments);
        return new Space();
    }

    static Space Inherited(Space parent, string call, string arguments) =>
        call == "vfork" || arguments.Contains("CLONE_VM", StringComparison.Ordinal) ? parent : parent.Copy();

    void Brk(Space space, string wanted, ulong? result)
    {
        if (result is not { } now) return;
        if (space.Break is { } before && StraceLog.Number(wanted) is { } asked and > 0)
        {
            // The kernel refuses by leaving the end where it was.
            if (now == before && asked != before) Count(space, asked > before ? MemoryCall.BrkGrow : MemoryCall.BrkShrink, 0, hasFailed: true);
            else if (now > before) Count(space, MemoryCall.BrkGrow, now - before, hasFailed: false);
            else if (now < before) Count(space, MemoryCall.BrkShrink, before - now, hasFailed: false);
        }
        space.Break = now;
    }

    void Mmap(Space space, in StracedCall call, string[] arguments)
    {
        ulong bytes = StraceLog.Number(arguments[1]) ?? 0;
        string flags = arguments[3];
        bool isHeap = flags.Contains("MAP_ANONYMOUS", StringComparison.Ordinal) && flags.Contains("MAP_PRIVATE", StringComparison.Ordinal)
            && !flags.Contains("MAP_STACK", StringComparison.Ordinal);
        if (isHeap && call.Result is { } address && space.IsForeign(address)) isHeap = false;      // a file's zeroed data
        if (isHeap)
        {
            if (call.Result is null && !call.HasFailed) return;
            Count(space, MemoryCall.Mmap, bytes, call.HasFailed);
            return;
        }
        CountOther(space);
        if (call.Result is not { } start) return;
        space.Foreign[start] = start + bytes;
        if (space.Undecided is not null && arguments[4].Contains(CacheName, StringComparison.Ordinal)) space.CacheStart = start;
    }

    void Other(Space space, in StracedCall call, string[] arguments)
    {
        ulong start = StraceLog.Number(arguments[0]) ?? 0, bytes = StraceLog.Number(arguments[1]) ?? 0;
        if (call.Name == "munmap" && start == space.CacheStart && start != 0)
        {
            _loader += (ulong)(space.Undecided?.Count ?? 0) + 1;
            Decide(space);
            space.Foreign.Remove(start);
            return;
        }
        if (space.IsForeign(start))
        {
            CountOther(space);
            if (call is { Name: "munmap", HasFailed: false } && space.Foreign.TryGetValue(start, out ulong end) && end <= start + bytes) space.Foreign.Remove(start);
            return;
        }
        if (call.Result is null && !call.HasFailed) return;
        MemoryCall kind = call.Name switch
        {
            "munmap" => MemoryCall.Munmap,
            "madvise" => MemoryCall.Madvise,
            "mprotect" => MemoryCall.Mprotect,
            _ => MemoryCall.Mremap,
        };
        // Of a mapping that changes its size, the new one says what it is about.
        if (kind == MemoryCall.Mremap && arguments.Length >= 3) bytes = StraceLog.Number(arguments[2]) ?? bytes;
        Count(space, kind, bytes, call.HasFailed);
    }

    void CountOther(Space space)
    {
        if (space.Undecided is not null) _loader++;
        else _other++;
    }

    void Count(Space space, MemoryCall call, ulong bytes, bool hasFailed)
    {
        if (space.Undecided is not { } undecided)
        {
            Enter(call, bytes, hasFailed);
            return;
        }
        undecided.Add((call, bytes, hasFailed));
        // A static program has no loader, and would wait here for ever.
        if (undecided.Count >= (space.CacheStart != 0 ? MaxUndecided : MaxWithoutCache)) Flush(space);
    }

    void Flush(Space space)
    {
        foreach ((MemoryCall call, ulong bytes, bool hasFailed) in space.Undecided ?? []) Enter(call, bytes, hasFailed);
        Decide(space);
    }

    void Decide(Space space)
    {
        space.Undecided = null;
        space.CacheStart = 0;
        _starting.Remove(space);
    }

    void Enter(MemoryCall call, ulong bytes, bool hasFailed)
    {
        if (hasFailed)
        {
            _failed[(int)call]++;
            return;
        }
        if (call == MemoryCall.Mmap) _smallestMmap = Math.Min(_smallestMmap ?? ulong.MaxValue, bytes);
        int size = TraceReport.Limits.Count - 1;
        while (bytes < TraceReport.Limits[size]) size--;
        _counts[(int)call, size]++;
        _bytes[(int)call, size] += bytes;
    }

    public TraceReport Report(IReadOnlyList<string> command, ChildEvent end)
    {
        foreach (Space space in _starting.ToList()) Flush(space);
        IReadOnlyList<ulong> limits = TraceReport.Limits;
        return new TraceReport
        {
            Command = command,
            End = end,
            Calls = [.. Enum.GetValues<MemoryCall>().Select(call => new CallFigures(call,
                [.. limits.Select((from, i) => new CallSizes(from, i + 1 < limits.Count ? limits[i + 1] : null, _counts[(int)call, i], _bytes[(int)call, i]))],
                _failed[(int)call]))],
            SmallestMmapBytes = _smallestMmap,
            LoaderCallCount = _loader,
            OtherCallCount = _other,
            ProgramCount = ProgramCount,
            TaskCount = (ulong)_spaces.Count,
        };
    }
}
