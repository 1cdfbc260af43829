// Calls malloc from everywhere that .NET code can be, and compares what the stack walker saw with what the runtime knows.
using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Lampyris.Preload.Tests;

int rounds = int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture);
for (int round = 0; round < rounds; round++)
{
    Scenes.Nested(5);
    Scenes.HotLoop(60_000);
    Scenes.Generics();
    Scenes.Exceptions();
    Scenes.Filters();
    Scenes.Delegates();
    Scenes.BigFrame();
    Scenes.MadeCode();
    Scenes.Iterators();
    Scenes.Asynchronous(3).GetAwaiter().GetResult();
    Scenes.Libraries();
    Scenes.Threads();
    if (round % 8 == 0) Thread.Sleep(120);      // background compilation
}
return Capture.Compare() == 0 ? 0 : 1;

static class Scenes
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Nested(int depth)
    {
        if (depth == 0) Capture.Here();
        else Nested(depth - 1);
        return depth;
    }

    /// <summary>A method that is replaced while its loop runs (OSR).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long HotLoop(int count)
    {
        long a = 1, b = 2, c = 3, d = 4, sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += a * i + b;
            (a, b, c, d) = (b + 1, c ^ i, d + a, a - i);
            if (i % 20_000 == 19_999) Nested(1);
        }
        return sum + a + b + c + d;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static T Through<T>(T value, int depth)
    {
        if (depth == 0) Nested(1);
        else Through(new KeyValuePair<T, int>(value, depth), depth - 1);
        return value;
    }

    public static void Generics()
    {
        Through("text", 2);
        Through(1, 2);
        Through(1.5, 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Throws(int depth)
    {
        if (depth == 0) throw new InvalidOperationException("meant");
        try
        {
            Throws(depth - 1);
        }
        finally
        {
            Nested(1);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Exceptions()
    {
        try
        {
            Throws(2);
        }
        catch (InvalidOperationException)
        {
            Nested(2);
            try
            {
                Throws(1);
            }
            catch (InvalidOperationException)
            {
                Capture.Here();
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool Matches(Exception exception)
    {
        Nested(1);
        return exception is InvalidOperationException;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Filters()
    {
        try
        {
            Throws(0);
        }
        catch (Exception exception) when (Matches(exception))
        {
            Nested(0);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Delegates()
    {
        int captured = 1;
        Action<int> lambda = depth => Nested(depth + captured);
        lambda += _ => Capture.Here();
        lambda(1);
        int[] sorted = [.. Enumerable.Range(0, 3).OrderBy(number => Nested(number))];
        captured += sorted.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int BigFrame()
    {
        Span<byte> room = stackalloc byte[20_000];
        room.Fill(1);
        Nested(room[19_999]);
        Room big = default;
        Capture.Here();
        return big[3] + room[7];
    }

    [InlineArray(9000)]
    struct Room
    {
        byte _first;
    }

    /// <summary>A method that the program made while it runs.</summary>
    public static void MadeCode()
    {
        var made = new DynamicMethod("made", typeof(int), [typeof(int)], typeof(Scenes).Module, true);
        ILGenerator code = made.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Call, typeof(Scenes).GetMethod(nameof(Nested))!);
        code.Emit(OpCodes.Ret);
        made.CreateDelegate<Func<int, int>>()(2);
    }

    static IEnumerable<int> Numbers()
    {
        for (int i = 0; i < 3; i++)
        {
            Nested(i);
            yield return i;
        }
    }

    public static int Iterators() => Numbers().Sum();

    public static async Task<int> Asynchronous(int depth)
    {
        await Task.Yield();
        Nested(1);
        if (depth > 0) await Asynchronous(depth - 1);
        await Task.Delay(1);
        Capture.Here();
        return depth;
    }

    /// <summary>Native libraries that allocate: their stacks are looked at as all others of the process are.</summary>
    public static void Libraries()
    {
        using var stream = new MemoryStream();
        using (var brotli = new BrotliStream(stream, CompressionLevel.Fastest, true)) brotli.Write(new byte[20_000]);
        using (var deflate = new DeflateStream(stream, CompressionLevel.Fastest)) deflate.Write(new byte[20_000]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(stream.ToArray());
        hash.GetHashAndReset();
    }

    /// <summary>Threads that allocate native memory and on the GC heap, while the collector stops them all the time.</summary>
    public static void Threads()
    {
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(number => new Thread(() =>
        {
            for (int i = 0; i < 40; i++)
            {
                Nested((i + number) % 9);
                GC.KeepAlive(new byte[5_000]);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        for (int i = 0; i < 5; i++) GC.Collect(i % 2);
        foreach (Thread thread in threads) thread.Join();
    }
}
