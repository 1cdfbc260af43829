using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Lampyris.Analysis;

// Writes the names of all addresses of a profile into the profile itself, while the files and the runtime's own account of its
// methods are at hand: from then on it says everything on any machine.
public static class ProfileSymbolizer
{
    const int TellEvery = 256;

    /// <summary>Appends a Symbol record for each address, and the GC heap's allocations, if there are any; returns how many addresses were named.</summary>
    /// <param name="path">the profile</param>
    /// <param name="trace">what the process's .NET runtime said; null where it has none</param>
    /// <param name="managed">samples of the GC heap; null where none were asked for</param>
    /// <param name="progress">told now and then: addresses done, addresses in all</param>
    /// <exception cref="ProfileException">the file can't be read or written</exception>
    public static int AppendNames(string path, DotNetTrace? trace, IReadOnlyList<ManagedAllocation>? managed = null, Action<int, int>? progress = null)
    {
        Profile profile = ProfileReader.Read(path);
        var modules = profile.Modules.Select(module => new SymbolModule(module.Start, module.End, module.Bias, module.Path, Convert.FromHexString(module.BuildId)));
        var names = new SymbolTable(modules, trace);
        var addresses = new HashSet<ulong>(profile.Sites.SelectMany(site => site.Addresses));
        using ProfileAppender appender = ProfileAppender.Open(path);
        if (managed is not null) AppendGcHeap(appender, managed, addresses);
        int done = 0;
        foreach (ulong address in addresses.Order())
        {
            appender.AddSymbol(address, names.Resolve(address));
            if (++done % TellEvery == 0) progress?.Invoke(done, addresses.Count);
        }
        return done;
    }

    // The runtime tells a thread by number only.
    static void AppendGcHeap(ProfileAppender appender, IReadOnlyList<ManagedAllocation> allocations, HashSet<ulong> addresses)
    {
        var sums = new Dictionary<(int Thread, string Type, string Stack), (ManagedAllocation First, Weight Sum)>();
        foreach (ManagedAllocation allocation in allocations)
        {
            var key = (allocation.ThreadId, allocation.Type, string.Join(' ', allocation.Stack));
            sums[key] = sums.TryGetValue(key, out (ManagedAllocation First, Weight Sum) sum) ? (sum.First, sum.Sum + allocation.Weight) : (allocation, allocation.Weight);
        }
        foreach ((ManagedAllocation first, Weight sum) in sums.Values)
        {
            addresses.UnionWith(first.Stack);
            string thread = string.Create(CultureInfo.InvariantCulture, $".NET thread {first.ThreadId}");
            appender.AddAllocation(appender.AddGcHeapStack(thread, StackTraits.Complete, first.Stack, first.Type), sum);
        }
    }
}
