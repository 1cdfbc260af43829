using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Service;

// A service under load, of which one of many paths loses native memory: `service SECONDS`. Says when it is ready, and how
// much it has lost at the end.
internal static class Program
{
    const int Workers = 3;

    static void Main(string[] arguments)
    {
        var limit = TimeSpan.FromSeconds(double.Parse(arguments[0], CultureInfo.InvariantCulture));
        Catalog.Load();
        Console.WriteLine("ready");
        long began = Stopwatch.GetTimestamp();
        var workers = new Task[Workers];
        for (int i = 0; i < Workers; i++)
        {
            int seed = i;
            workers[i] = Task.Run(async () =>
            {
                var random = new Random(seed);
                while (Stopwatch.GetElapsedTime(began) < limit)
                {
                    for (int request = 0; request < 20; request++) await Requests.HandleAsync(random.Next());
                    await Task.Delay(2);
                }
            });
        }
        Task.WaitAll(workers);
        Console.WriteLine($"lost {Thumbnails.LostBytes}");
    }
}

internal static class Requests
{
    public static async Task HandleAsync(int number)
    {
        await Task.Yield();
        switch (number % 5)
        {
            case 0: Prices.Compute(number); break;
            case 1: Cache.Get(number % 400); break;
            case 2: Archive.Pack(number); break;
            case 3: Sessions.Touch(number); break;
            default: Thumbnails.Render(number % 400); break;
        }
    }
}

/// <summary>Made at the start, kept to the end.</summary>
internal static class Catalog
{
    static readonly List<nint> s_pages = [];

    public static void Load()
    {
        for (int i = 0; i < 300; i++) s_pages.Add(Memory.Take(64 * 1024));
    }
}

/// <summary>Takes and gives back.</summary>
internal static class Prices
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Compute(int number)
    {
        nint block = Memory.Take(20_000 + number % 10_000);
        Marshal.FreeHGlobal(block);
    }
}

/// <summary>Fills up within the first seconds, and stays.</summary>
internal static class Cache
{
    static readonly Dictionary<int, nint> s_entries = [];

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Get(int key)
    {
        lock (s_entries)
            if (!s_entries.ContainsKey(key)) s_entries[key] = Memory.Take(50_000);
    }
}

/// <summary>Native memory below the framework's code.</summary>
internal static class Archive
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Pack(int number)
    {
        using var stream = new DeflateStream(Stream.Null, CompressionLevel.Fastest);
        stream.Write(BitConverter.GetBytes(number));
    }
}

/// <summary>The last 500 are kept: old ones go as new ones come.</summary>
internal static class Sessions
{
    static readonly Queue<nint> s_open = [];

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Touch(int number)
    {
        nint session = Memory.Take(10_000 + number % 100);
        lock (s_open)
        {
            s_open.Enqueue(session);
            if (s_open.Count > 500) Marshal.FreeHGlobal(s_open.Dequeue());
        }
    }
}

/// <summary>Where it is lost: the damaged pictures' way out forgets the buffer.</summary>
internal static class Thumbnails
{
    static long s_lostBytes;

    public static long LostBytes => Interlocked.Read(ref s_lostBytes);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Render(int picture) => picture % 4 == 0 ? RenderDamaged(picture) : RenderWhole(picture);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool RenderWhole(int picture)
    {
        nint buffer = Memory.Take(30_000 + picture);
        Marshal.FreeHGlobal(buffer);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool RenderDamaged(int picture)
    {
        nint buffer = Memory.Take(30_000);
        if (Marshal.ReadByte(buffer) == 1)
        {
            Interlocked.Add(ref s_lostBytes, 30_000);
            return false;
        }
        Marshal.FreeHGlobal(buffer);
        return picture > 0;
    }
}

internal static class Memory
{
    /// <summary>A block that begins with 1.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static nint Take(int bytes)
    {
        nint block = Marshal.AllocHGlobal(bytes);
        Marshal.WriteByte(block, 1);
        return block;
    }
}
