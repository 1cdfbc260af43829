using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris.Preload.Tests;

/// <summary>Stacks seen from inside malloc, each with what the runtime says of the same place.</summary>
static unsafe class Capture
{
    const int AskedBytes = 12_347;              // nobody else in the process asks for as much

    sealed record Pair(ulong[] Addresses, bool Complete, string[] Methods);

    // The program runs on the capturing variant of the library, which is found like any library that was loaded with it.
    static readonly nint s_self = NativeLibrary.GetMainProgramHandle();
    static readonly delegate* unmanaged[SuppressGCTransition]<nuint, void> s_next = (delegate* unmanaged[SuppressGCTransition]<nuint, void>)NativeLibrary.GetExport(s_self, "capture_next_of");
    static readonly delegate* unmanaged[SuppressGCTransition]<ulong**, byte*, int> s_addresses = (delegate* unmanaged[SuppressGCTransition]<ulong**, byte*, int>)NativeLibrary.GetExport(s_self, "capture_addresses");
    static readonly List<Pair> s_pairs = [];

    /// <summary>Allocates native memory, and notes who malloc thinks did it and who the runtime thinks is here.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Here()
    {
        string[] methods = [.. new StackTrace(1, false).GetFrames().Select(frame => frame.GetMethod()!).Where(IsOurs).Select(method => method.Name)];
        s_next(AskedBytes);
        void* block = NativeMemory.Alloc(AskedBytes);
        ulong* addresses;
        byte complete;
        int count = s_addresses(&addresses, &complete);
        var pair = new Pair(new Span<ulong>(addresses, count).ToArray(), complete != 0, methods);
        NativeMemory.Free(block);
        lock (s_pairs) s_pairs.Add(pair);
    }

    static bool IsOurs(MethodBase method) => method.DeclaringType == null || method.Module == typeof(Capture).Module;

    // Handlers run on top of what threw, and the runtime does not tell of what an exception has already left.
    static bool IsInHandler(string[] seen, string[] methods)
    {
        int found = 0;
        foreach (string name in seen)
            if (found < methods.Length && name == methods[found]) found++;
        return found == methods.Length && seen.Contains("Throws");
    }

    /// <summary>Compares all pairs by the names in the runtime's perf map, and prints what came out; returns how many differ.</summary>
    public static int Compare()
    {
        PerfMap map = PerfMap.Read();
        int different = 0, complete = 0;
        var tiers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (Pair pair in s_pairs)
        {
            // Up to here, the capture's own frames.
            PerfMap.Method[] seen = [.. pair.Addresses.Select(map.At).OfType<PerfMap.Method>().Where(method => method.IsOurs).SkipWhile(method => method.Name == nameof(Here))];
            foreach (PerfMap.Method method in seen) tiers[method.Tier] = tiers.GetValueOrDefault(method.Tier) + 1;
            if (pair.Complete) complete++;
            string[] names = [.. seen.Select(method => method.Name)];
            if (pair.Complete && (names.SequenceEqual(pair.Methods) || IsInHandler(names, pair.Methods))) continue;
            if (++different > 5) continue;
            Console.WriteLine($"seen:   {string.Join(' ', names)}{(pair.Complete ? "" : " (not complete)")}");
            Console.WriteLine($"        {string.Join(' ', pair.Addresses.Select(address => address.ToString("x", CultureInfo.InvariantCulture)))}");
            Console.WriteLine($"really: {string.Join(' ', pair.Methods)}");
        }
        Console.WriteLine($"{s_pairs.Count} stacks, {complete} complete, {different} differ; frames: {string.Join(", ", tiers.Select(tier => $"{tier.Value} {tier.Key}"))}");
        return different;
    }
}
