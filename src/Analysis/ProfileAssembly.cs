using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Lampyris.Analysis;

// The last step of reading: addresses become frames, and stacks of the same thread name, addresses and type become one site.
internal sealed class ProfileAssembly
{
    const long MostFrames = 32 << 20;       // over all sites; beyond, inlined functions are left out

    readonly RecordedTables _tables;
    readonly Replay _replay;
    readonly SeriesRecorder? _series;
    readonly ModuleMap _moduleMap;
    readonly Dictionary<ulong, IReadOnlyList<Frame>> _symbols = [];
    readonly Dictionary<string, string> _fileNames = [];
    Site?[] _siteOfStack = [];
    long _frameCount, _negativeCount;

    public ProfileAssembly(RecordedTables tables, Replay replay, SeriesRecorder? series)
    {
        _tables = tables;
        _replay = replay;
        _series = series;
        var modules = new ProfileModule[tables.Modules.Count];
        for (int i = 0; i < modules.Length; i++) modules[i] = tables.Modules[i];
        Modules = modules;
        _moduleMap = new ModuleMap(modules);
    }

    public IReadOnlyList<ProfileModule> Modules { get; }

    public IReadOnlyDictionary<ulong, IReadOnlyList<Frame>> Symbols => _symbols;

    public IReadOnlyList<Site> Sites()
    {
        var groups = new Dictionary<StackKey, List<int>>();
        for (int i = 0; i < _tables.Stacks.Count; i++)
        {
            if (IsUnused(_replay[i])) continue;
            RecordedStack stack = _tables.Stacks[i];
            bool isGcHeap = stack.Traits.HasFlag(StackTraits.GcHeap);
            var key = new StackKey(stack.Addresses, ThreadName(stack.Thread), isGcHeap, isGcHeap ? stack.ObjectType : null);
            if (!groups.TryGetValue(key, out List<int>? stacks)) groups.Add(key, stacks = []);
            stacks.Add(i);
        }
        var sites = new List<Site>(groups.Count);
        _siteOfStack = new Site?[_tables.Stacks.Count];
        foreach ((StackKey key, List<int> stacks) in groups)
        {
            Site site = Assemble(key, stacks);
            sites.Add(site);
            foreach (int stack in stacks) _siteOfStack[stack] = site;
        }
        return sites;
    }

    Site Assemble(StackKey key, List<int> stacks)
    {
        bool isComplete = true;
        Weight live = default, peak = default, allocated = default;
        foreach (int stack in stacks)
        {
            StackWeights weights = _replay[stack];
            isComplete &= _tables.Stacks[stack].Traits.HasFlag(StackTraits.Complete);
            if (weights.LiveBytes < 0 || weights.PeakBytes < 0) _negativeCount++;
            live += ToWeight(weights.LiveBytes, weights.LiveThousandths);
            peak += ToWeight(weights.PeakBytes, weights.PeakThousandths);
            allocated += ToWeight(weights.AllocatedBytes, weights.AllocatedThousandths);
        }
        return new Site
        {
            Frames = Frames(key),
            Addresses = key.Addresses,
            Thread = key.Thread,
            IsComplete = isComplete,
            IsGcHeap = key.IsGcHeap,
            Live = live,
            Peak = peak,
            Allocated = allocated,
            LiveSeries = Series(stacks),
        };
    }

    /// <summary>Outermost first.</summary>
    Frame[] Frames(StackKey key)
    {
        var frames = new List<Frame>(key.Addresses.Length + 1);
        if (key.IsGcHeap && key.ObjectType is { Length: > 0 } type) frames.Add(new Frame(type, "", "", 0, FrameKind.ObjectType));
        foreach (ulong address in key.Addresses)
        {
            IReadOnlyList<Frame> named = Named(address);
            if (_frameCount > MostFrames) frames.Add(named[^1]);
            else frames.AddRange(named);
            if (frames.Count >= ProfileReader.MaxDepth) break;
        }
        _frameCount += frames.Count;
        frames.Reverse();
        return [.. frames];
    }

    /// <summary>The frames of one address, innermost first.</summary>
    IReadOnlyList<Frame> Named(ulong address)
    {
        if (_symbols.TryGetValue(address, out IReadOnlyList<Frame>? known)) return known;
        if (_tables.Symbols.TryGetValue(address, out Frame[]? symbol)) known = symbol;
        else known = [Unnamed(address)];
        _symbols.Add(address, known);
        return known;
    }

    Frame Unnamed(ulong address)
    {
        if (_moduleMap.Find(address) is not { } module) return new Frame("0x" + Hex(address), "", "", 0, FrameKind.Unknown);
        if (!_fileNames.TryGetValue(module.Path, out string? name)) _fileNames.Add(module.Path, name = Path.GetFileName(module.Path) is { Length: > 0 } file ? file : module.Path);
        return new Frame($"{name}+0x{Hex(unchecked(address - module.Bias))}", name, "", 0, FrameKind.Unknown);
    }

    static string Hex(ulong number) => number.ToString("x", CultureInfo.InvariantCulture);

    string ThreadName(int thread) => thread < 0 ? "" : _tables.Threads[thread];

    long[] Series(List<int> stacks)
    {
        if (_series is null) return [];
        long[] series = new long[_series.Points.Count];
        for (int i = 0; i < series.Length; i++)
            foreach (int stack in stacks)
                if (stack < _series.Points[i].Live.Length) series[i] += Math.Max(0, _series.Points[i].Live[stack]);
        return series;
    }

    public IReadOnlyList<TimeSpan> SeriesTimes() => _series is null ? [] : [.. _series.Points.Select(point => ProfileReader.Time(point.Time))];

    /// <summary>After `Sites`.</summary>
    public IReadOnlyList<ProfileMark> Marks()
    {
        var marks = new List<ProfileMark>();
        foreach (RecordedMark mark in _tables.Marks)
        {
            var live = new Dictionary<Site, Weight>();
            foreach ((int stack, long bytes, long thousandths) in mark.Live)
                if (_siteOfStack[stack] is { } site) live[site] = live.GetValueOrDefault(site) + ToWeight(bytes, thousandths);
            marks.Add(new ProfileMark(ProfileReader.Time(mark.Time), mark.Reason, mark.Value, live));
        }
        return marks;
    }

    /// <summary>After `Sites`.</summary>
    public IEnumerable<string> Remarks()
    {
        if (_frameCount > MostFrames) yield return "The file has more frames than can be shown; inlined functions of some stacks were left out.";
        if (_negativeCount > 0) yield return $"At {_negativeCount} stacks more was freed than allocated; they count as 0 bytes live.";
    }

    static bool IsUnused(in StackWeights weights) =>
        weights is { LiveBytes: 0, PeakBytes: 0, AllocatedBytes: 0, AllocatedThousandths: 0 };

    static Weight ToWeight(long bytes, long thousandths) => new(Math.Max(0, bytes), Math.Max(0, thousandths) / 1000.0);

    sealed record StackKey(ulong[] Addresses, string Thread, bool IsGcHeap, string? ObjectType)
    {
        readonly int _hash = Hash(Addresses, Thread, IsGcHeap, ObjectType);

        static int Hash(ulong[] addresses, string thread, bool isGcHeap, string? type)
        {
            var hash = new HashCode();
            foreach (ulong address in addresses) hash.Add(address);
            hash.Add(thread);
            hash.Add(isGcHeap);
            hash.Add(type);
            return hash.ToHashCode();
        }

        public override int GetHashCode() => _hash;

        public bool Equals(StackKey? other) =>
            other is not null && _hash == other._hash && IsGcHeap == other.IsGcHeap && Thread == other.Thread && ObjectType == other.ObjectType
            && Addresses.AsSpan().SequenceEqual(other.Addresses);
    }
}
