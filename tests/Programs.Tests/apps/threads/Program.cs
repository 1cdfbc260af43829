// A .NET program with threads, on both of its heaps: objects for the garbage collector, blocks from malloc through
// NativeMemory (some freed by another thread), zlib, and regular expressions that are compiled at run time.
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

ConcurrentQueue<nint> handedOver = new();
string[] results = new string[12];
Thread[] threads = Enumerable.Range(0, results.Length).Select(n => new Thread(() => results[n] = Work(n))).ToArray();
foreach (Thread thread in threads)
    thread.Start();
foreach (Thread thread in threads)
    thread.Join();
foreach (string result in results)
    Console.WriteLine(result);
long left = 0;
while (handedOver.TryDequeue(out nint block))
    left += Free(block);
Console.WriteLine(Regex.Matches(string.Concat(Enumerable.Range(0, 5000)), "(1[0-9]2)+", RegexOptions.Compiled).Count);
for (int i = 0; i < 1000; i++)
{
    Thread brief = new(() => Free(Allocate(100 + i)));
    brief.Start();
    brief.Join();
}
Parallel.For(0, 200, n => SHA256.HashData(new byte[n * 1000]));
GC.Collect();
Console.WriteLine(left >= 0 ? "done" : "");

string Work(int seed)
{
    Random random = new(seed);
    Dictionary<int, nint> blocks = [];
    Dictionary<int, string> objects = [];
    long sum = 0;
    for (int i = 0; i < 40_000; i++)
    {
        int key = random.Next(2000);
        if (blocks.Remove(key, out nint old))
            sum += Free(old);
        blocks[key] = Allocate(random.Next(1, random.Next(10) == 0 ? 30_000 : 500));
        objects[random.Next(3000)] = new string((char)('a' + i % 26), random.Next(100));
        if (i % 10 == 0)
            handedOver.Enqueue(Allocate(random.Next(1, 2000)));
        if (i % 10 == 5 && handedOver.TryDequeue(out nint foreign))
            Free(foreign);
    }
    foreach (nint block in blocks.Values)
        sum += Free(block);
    byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', objects.OrderBy(o => o.Key).Select(o => o.Value)));
    using MemoryStream packed = new();
    using (BrotliStream brotli = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        brotli.Write(text);
    long packedBytes = packed.Length;
    packed.Position = 0;
    using MemoryStream unpacked = new();
    using (BrotliStream brotli = new(packed, CompressionMode.Decompress))
        brotli.CopyTo(unpacked);
    return $"{seed} {sum} {Convert.ToHexString(SHA256.HashData(unpacked.ToArray()))} {packedBytes}";
}

// A block begins with its own size and is filled with a pattern of it.
static unsafe nint Allocate(int bytes)
{
    byte* block = (byte*)NativeMemory.Alloc((nuint)bytes + 4);
    *(int*)block = bytes;
    new Span<byte>(block + 4, bytes).Fill((byte)bytes);
    return (nint)block;
}

static unsafe int Free(nint address)
{
    byte* block = (byte*)address;
    int bytes = *(int*)block;
    if (new Span<byte>(block + 4, bytes).IndexOfAnyExcept((byte)bytes) >= 0)
        throw new InvalidOperationException("a block lost its pattern");
    NativeMemory.Free(block);
    return bytes;
}
