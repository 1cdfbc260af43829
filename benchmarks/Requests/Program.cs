using System;
using System.IO;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris.Benchmarks;

// A .NET service under load: four threads answer a fixed number of requests each. A request keeps its parts in native blocks, a
// few of which live on for a while, and compresses its answer, which takes native memory as well. A load for
// measurements of profilers: the stacks of its allocations go through managed code.
internal static unsafe class Program
{
    private const int Threads = 4, RequestsEach = 12_000, PartsEach = 60, KeptEach = 500;

    private static int Main()
    {
        var threads = new Thread[Threads];
        for (int i = 0; i < threads.Length; i++)
        {
            int seed = i + 1;
            threads[i] = new Thread(() => Serve(new Random(seed))) { Name = $"worker {seed}" };
            threads[i].Start();
        }
        foreach (Thread thread in threads) thread.Join();
        return 0;
    }

    private static void Serve(Random random)
    {
        var kept = new nint[KeptEach];
        var parts = new nint[PartsEach];
        byte[] answer = new byte[4096];
        using var compressed = new MemoryStream();
        for (int request = 0; request < RequestsEach; request++)
        {
            for (int i = 0; i < parts.Length; i++) parts[i] = NewPart(random);
            for (int i = 0; i < answer.Length; i++) answer[i] = *(byte*)parts[i % parts.Length];
            if (request % 8 == 0) Compress(answer, compressed);

            int slot = random.Next(kept.Length);
            NativeMemory.Free((void*)kept[slot]);
            kept[slot] = parts[0];
            for (int i = 1; i < parts.Length; i++) NativeMemory.Free((void*)parts[i]);
        }
        foreach (nint part in kept) NativeMemory.Free((void*)part);
    }

    private static nint NewPart(Random random)
    {
        int bytes = random.Next(10) == 0 ? random.Next(1024, 16 * 1024 + 1) : random.Next(16, 512 + 1);
        byte* part = (byte*)NativeMemory.Alloc((nuint)bytes);
        *part = (byte)bytes;
        return (nint)part;
    }

    private static void Compress(byte[] answer, MemoryStream into)
    {
        into.SetLength(0);
        using var gzip = new GZipStream(into, CompressionLevel.Fastest, leaveOpen: true);
        gzip.Write(answer);
    }
}
