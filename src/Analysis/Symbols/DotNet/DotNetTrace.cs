using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace Lampyris.Analysis;

/// <summary>What one .NET process said of its code: each method's name and where it was compiled to.</summary>
public sealed class DotNetTrace
{
    // Methods that are not sized are precompiled ones. Their code only runs through an entry point that the runtime told,
    // so what is behind the nearest one is that method's, within reason.
    const ulong MaxUnsizedBytes = 64 * 1024;

    readonly List<DotNetMethod> _methods = [];
    readonly Dictionary<ulong, DotNetModule> _modules = [];
    readonly Dictionary<ulong, DotNetMethod> _lastOfMethod = [];
    readonly Dictionary<ulong, (int Native, int Il)[]> _nextMap = [];
    readonly Dictionary<ulong, string> _importOfStub = [];
    readonly Dictionary<(string Type, string Name), string?> _parameters = [];
    readonly List<ulong> _ends = [];
    DotNetMethod[] _sorted = [];
    int[] _order = [];

    DotNetTrace()
    {
    }

    /// <summary>Whether the file ends in the middle, as that of a killed process does.</summary>
    public bool IsTruncated { get; private set; }

    public int MethodCount => _methods.Count;

    internal IReadOnlyList<DotNetMethod> Methods => _methods;

    internal IReadOnlyCollection<DotNetModule> Modules => _modules.Values;

    /// <summary>Reads a trace file, as far as it makes sense. Null where it is no such file.</summary>
    public static DotNetTrace? Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Read(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static DotNetTrace? Read(Stream stream)
    {
        var trace = new DotNetTrace();
        try
        {
            using var source = new EventPipeEventSource(stream);
            trace.Subscribe(source);
            source.Process();
        }
        // The library's readers throw whatever the damaged bytes lead them to: OutOfMemoryException, too, where a count is damaged.
        catch (Exception)
        {
            trace.IsTruncated = true;
        }
        trace.Sort();
        return trace._methods.Count > 0 || !trace.IsTruncated ? trace : null;
    }

    /// <summary>Asks a running process for its methods. Null where it is no .NET process, or does not answer.</summary>
    public static DotNetTrace? Rundown(int processId, TimeSpan? limit = null)
    {
        const long Keywords = 0x8 | 0x10 | 0x20 | 0x20000; // loader, compiled at run time, precompiled, line maps
        try
        {
            var client = new DiagnosticsClient(processId);
            // The session itself asks for next to nothing: what matters is said when it ends.
            var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", System.Diagnostics.Tracing.EventLevel.Informational, 0x8);
            using EventPipeSession session = client.StartEventPipeSession(new EventPipeSessionConfiguration([provider], 256, Keywords, requestStackwalk: false));
            using var buffer = new MemoryStream();
            System.Threading.Tasks.Task copy = session.EventStream.CopyToAsync(buffer);
            session.Stop();
            if (!copy.Wait(limit ?? TimeSpan.FromSeconds(30))) return null;
            buffer.Position = 0;
            return Read(buffer);
        }
        catch (Exception problem) when (problem is DiagnosticsClientException or IOException or TimeoutException or AggregateException or System.Net.Sockets.SocketException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    void Subscribe(EventPipeEventSource source)
    {
        source.Clr.MethodLoadVerbose += Add;
        // While the program runs a method's map follows it; in the list at the end it goes before it.
        source.Clr.MethodILToNativeMap += map =>
        {
            if (_lastOfMethod.TryGetValue((ulong)map.MethodID, out DotNetMethod? method)) method.LineMap ??= ReadMap(map);
        };
        source.Clr.LoaderModuleLoad += Add;
        source.Clr.MethodR2RGetEntryPoint += entry => Add(new DotNetMethod
        {
            Start = (ulong)entry.EntryPoint,
            Bytes = 0,
            MethodId = (ulong)entry.MethodID,
            ModuleId = 0,
            Type = entry.MethodNamespace,
            Name = entry.MethodName,
            Signature = entry.MethodSignature,
            Tier = "ReadyToRun",
        });
        source.Clr.ILStubStubGenerated += stub =>
            _importOfStub[(ulong)stub.StubMethodID] = MethodText.Import(stub.ManagedInteropMethodNamespace, stub.ManagedInteropMethodName);
        var rundown = new ClrRundownTraceEventParser(source);
        rundown.MethodDCStartVerbose += Add;
        rundown.MethodDCStopVerbose += Add;
        rundown.MethodILToNativeMapDCStart += map => _nextMap[(ulong)map.MethodID] = ReadMap(map);
        rundown.MethodILToNativeMapDCStop += map => _nextMap[(ulong)map.MethodID] = ReadMap(map);
        rundown.LoaderModuleDCStart += Add;
        rundown.LoaderModuleDCStop += Add;
    }

    void Add(MethodLoadUnloadVerboseTraceData method) => Add(new DotNetMethod
    {
        Start = method.MethodStartAddress,
        Bytes = (uint)method.MethodSize,
        MethodId = (ulong)method.MethodID,
        ModuleId = (ulong)method.ModuleID,
        Type = method.MethodNamespace,
        Name = method.MethodName,
        Signature = method.MethodSignature,
        Token = method.MethodToken,
        Tier = method.OptimizationTier.ToString(),
    });

    void Add(DotNetMethod method)
    {
        if (_nextMap.Remove(method.MethodId, out var map)) method.LineMap = map;
        if (method.Start == 0 || method.Start + method.Bytes < method.Start) return;
        _methods.Add(method);
        _lastOfMethod[method.MethodId] = method;
    }

    void Add(ModuleLoadUnloadTraceData module) =>
        _modules[(ulong)module.ModuleID] = new DotNetModule(module.ModuleILPath, module.ManagedPdbSignature);

    static (int Native, int Il)[] ReadMap(MethodILToNativeMapTraceData map)
    {
        var entries = new (int Native, int Il)[map.CountOfMapEntries];
        for (int i = 0; i < entries.Length; i++) entries[i] = (map.NativeOffset(i), map.ILOffset(i));
        Array.Sort(entries, (a, b) => a.Native.CompareTo(b.Native));
        return entries;
    }

    void Sort()
    {
        _order = [.. Enumerable.Range(0, _methods.Count)];
        Array.Sort(_order, (a, b) => _methods[a].Start != _methods[b].Start ? _methods[a].Start.CompareTo(_methods[b].Start) : a.CompareTo(b));
        _sorted = Array.ConvertAll(_order, index => _methods[index]);
        ulong end = 0;
        foreach (DotNetMethod method in _sorted) _ends.Add(end = Math.Max(end, method.Start + method.Bytes));
        foreach (DotNetMethod method in _methods)
        {
            var key = (method.Type, method.Name);
            _parameters[key] = _parameters.TryGetValue(key, out string? other) && other != method.Signature ? null : method.Signature;
        }
    }

    /// <summary>The method whose code is at an address; where code was replaced, the latest.</summary>
    internal DotNetMethod? Find(ulong address)
    {
        int low = 0, high = _sorted.Length - 1, last = -1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_sorted[middle].Start <= address) (last, low) = (middle, middle + 1);
            else high = middle - 1;
        }
        if (last < 0) return null;
        int best = -1;
        for (int i = last; i >= 0 && _ends[i] > address; i--)
            if (address - _sorted[i].Start < _sorted[i].Bytes && (best < 0 || _order[i] > _order[best])) best = i;
        if (best >= 0) return _sorted[best];
        DotNetMethod nearest = _sorted[last];
        return nearest.Bytes == 0 && address - nearest.Start < MaxUnsizedBytes ? nearest : null;
    }

    internal DotNetModule ModuleOf(DotNetMethod method) => _modules.GetValueOrDefault(method.ModuleId, new DotNetModule("", default));

    /// <summary>The method as a C# programmer would write it.</summary>
    internal string NameOf(DotNetMethod method)
    {
        if (_importOfStub.TryGetValue(method.MethodId, out string? import)) return import;
        return MethodText.Readable(method.Type, method.Name, method.Signature, (type, name) => _parameters.GetValueOrDefault((type, name)));
    }
}
