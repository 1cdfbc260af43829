using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using Google.Protobuf;
using Lampyris.Analysis;

namespace Lampyris.Reporting.Pprof;

// profile.proto, gzipped, for `go tool pprof` and all that reads the same. The values have the names that pprof's own options know
// (-inuse_space, -alloc_objects). Every frame is in it, the .NET runtime's too: pprof has filters of its own.
public static class PprofFormat
{
    /// <summary>Writes the whole profile; <paramref name="metric"/> is what pprof shows unless it is asked for another.</summary>
    public static void Write(Analysis.Profile profile, Metric metric, Stream output)
    {
        using var zipped = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        new PprofBuilder(profile).Build(metric).WriteTo(zipped);
    }
}

internal sealed class PprofBuilder
{
    readonly Analysis.Profile _profile;
    readonly Profile _result = new();
    readonly Dictionary<string, long> _texts = [];
    readonly Dictionary<(string Name, string File), ulong> _functions = [];
    readonly Dictionary<ulong, ulong> _locationOfAddress = [];
    readonly Dictionary<Frame, ulong> _locationOfFrame = [];
    readonly Dictionary<ProfileModule, ulong> _mappings = [];
    readonly ModuleMap _modules;

    public PprofBuilder(Analysis.Profile profile)
    {
        _profile = profile;
        _modules = new ModuleMap(profile.Modules);
        Text("");
    }

    public Profile Build(Metric metric)
    {
        Type("inuse_objects", "count");
        Type("inuse_space", "bytes");
        Type("peak_objects", "count");
        Type("peak_space", "bytes");
        Type("alloc_objects", "count");
        Type("alloc_space", "bytes");
        _result.DefaultSampleType = Text(metric switch
        {
            Metric.Live => "inuse_space",
            Metric.Peak => "peak_space",
            Metric.Allocated => "alloc_space",
            _ => "alloc_objects",
        });
        _result.PeriodType = new ValueType { Type = Text("space"), Unit = Text("bytes") };
        _result.Period = _profile.IntervalBytes;
        _result.TimeNanos = (_profile.Started - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        _result.DurationNanos = _profile.Duration.Ticks * TimeSpan.NanosecondsPerTick;
        foreach (string remark in _profile.Remarks) _result.Comment.Add(Text(remark));

        // pprof takes the first mapping for the program.
        foreach (ProfileModule module in _profile.Modules.OrderByDescending(module => module.Path == _profile.Executable)) Mapping(module);
        foreach (Site site in _profile.Sites) _result.Sample.Add(Sample(site));
        return _result;
    }

    Sample Sample(Site site)
    {
        var sample = new Sample();
        bool isByAddress = !site.Frames.Contains(ProfileFilter.RuntimeGroup) && site.Addresses.All(_profile.Symbols.ContainsKey);
        if (isByAddress)
        {
            if (site.Frames.Count > 0 && site.Frames[^1].Kind == FrameKind.ObjectType) sample.LocationId.Add(Location(site.Frames[^1]));
            foreach (ulong address in site.Addresses) sample.LocationId.Add(Location(address));
        }
        else
        {
            foreach (Frame frame in site.Frames.Reverse()) sample.LocationId.Add(Location(frame));
        }
        foreach (Weight weight in new[] { site.Live, site.Peak, site.Allocated })
        {
            sample.Value.Add((long)Math.Round(weight.Count));
            sample.Value.Add(weight.Bytes);
        }
        if (site.Thread.Length > 0) sample.Label.Add(new Label { Key = Text("thread"), Str = Text(site.Thread) });
        if (site.IsGcHeap) sample.Label.Add(new Label { Key = Text("heap"), Str = Text("GC") });
        return sample;
    }

    ulong Location(ulong address)
    {
        if (_locationOfAddress.TryGetValue(address, out ulong id)) return id;
        var location = new Location { Id = (ulong)_result.Location.Count + 1, Address = address - 1 };      // in the call, not behind it
        if (_modules.Find(address) is { } module) location.MappingId = Mapping(module);
        foreach (Frame frame in _profile.Symbols[address]) location.Line.Add(Line(frame));
        _result.Location.Add(location);
        _locationOfAddress.Add(address, location.Id);
        return location.Id;
    }

    ulong Location(Frame frame)
    {
        if (_locationOfFrame.TryGetValue(frame, out ulong id)) return id;
        var location = new Location { Id = (ulong)_result.Location.Count + 1 };
        location.Line.Add(Line(frame));
        _result.Location.Add(location);
        _locationOfFrame.Add(frame, location.Id);
        return location.Id;
    }

    Line Line(Frame frame) => new() { FunctionId = Function(frame), Line_ = frame.Line };

    ulong Function(Frame frame)
    {
        var key = (frame.Function, frame.File);
        if (_functions.TryGetValue(key, out ulong id)) return id;
        long name = Text(frame.Function);
        id = (ulong)_result.Function.Count + 1;
        _result.Function.Add(new Function { Id = id, Name = name, SystemName = name, Filename = Text(frame.File) });
        _functions.Add(key, id);
        return id;
    }

    ulong Mapping(ProfileModule module)
    {
        if (_mappings.TryGetValue(module, out ulong id)) return id;
        id = (ulong)_result.Mapping.Count + 1;
        _result.Mapping.Add(new Mapping
        {
            Id = id,
            MemoryStart = module.Start,
            MemoryLimit = module.End,
            FileOffset = ImageOffset.Of(module, _profile.Modules),
            Filename = Text(module.Path),
            BuildId = Text(module.BuildId),
            // Names are all there are: pprof need not look for the files.
            HasFunctions = true,
            HasFilenames = true,
            HasLineNumbers = true,
            HasInlineFrames = true,
        });
        _mappings.Add(module, id);
        return id;
    }

    void Type(string type, string unit) => _result.SampleType.Add(new ValueType { Type = Text(type), Unit = Text(unit) });

    long Text(string text)
    {
        if (_texts.TryGetValue(text, out long index)) return index;
        index = _result.StringTable.Count;
        _result.StringTable.Add(text);
        _texts.Add(text, index);
        return index;
    }
}
