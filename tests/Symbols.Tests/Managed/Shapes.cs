using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Shapes;

/// <summary>Calls of a native function from every kind of method there is; prints what the stack was below each.</summary>
internal static class Program
{
    static readonly StringBuilder s_lines = new();
    static unsafe delegate* unmanaged<nint*, int, int> s_where;

    static async Task<int> Main(string[] args)
    {
        nint library = NativeLibrary.Load(args[0]);
        SetWhere(library);
        new Plain().Tier0(1);
        for (int i = 0; i < 200; i++)
        {
            new Plain().Tier1(i, i == 199);
            if (i % 40 == 39) Thread.Sleep(150); // lets the runtime compile it anew
        }
        new Plain().Replaced(200_000);
        Generic<int>.Add(3);
        Generic<string>.Add("three");
        new Outer<int>.Inner().Method<long>(1, 2);
        Lambda();
        await LoadAsync(4);
        foreach (int _ in Numbers(2)) { }
        Precompiled();
        Dynamic();
        _ = new Plain(5, "five");
        _ = new Plain().Size;
        Local(6);
        if (args.Length > 1 && args[1] == "allocate") Allocate();
        Console.Out.Write(s_lines);
        Console.Out.WriteLine("done");
        Console.Out.Flush();
        if (args.Length > 1 && args[1] == "wait") Console.In.ReadLine();
        return 0;
    }

    static unsafe void SetWhere(nint library) => s_where = (delegate* unmanaged<nint*, int, int>)NativeLibrary.GetExport(library, "where");

    /// <summary>Notes the stack below the method that calls this, and the line of the call.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static unsafe void Note(string what, [CallerLineNumber] int line = 0)
    {
        nint* stack = stackalloc nint[32];
        int count = s_where(stack, 32);
        lock (s_lines)
        {
            s_lines.Append(what).Append('\t').Append(line);
            for (int i = 0; i < count; i++) s_lines.Append('\t').Append($"{stack[i]:x}");
            s_lines.Append('\n');
        }
    }

    static void Lambda()
    {
        int captured = s_lines.Length;
        Action outer = () => Note("lambda");
        Action closure = () => Note("closure" + (captured > 0 ? "" : "?"));
        outer();
        closure();
    }

    static void Local(int count)
    {
        Parse(count);

        static void Parse(int value)
        {
            Note("local");
            GC.KeepAlive(value);
        }
    }

    static async Task LoadAsync(int id)
    {
        await Task.Delay(1);
        Note("async");
        GC.KeepAlive(id);
    }

    static IEnumerable<int> Numbers(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (i == 0) Note("iterator");
            yield return i;
        }
    }

    static void Precompiled()
    {
        bool isNoted = false;
        var list = new List<int> { 3, 1, 2 };
        list.Sort((a, b) =>
        {
            if (!isNoted) Note("precompiled");
            isNoted = true;
            return a.CompareTo(b);
        });
    }

    static void Dynamic()
    {
        Expression<Action> call = () => Note("dynamic", 0);
        call.Compile()();
    }

    static void Allocate()
    {
        object? kept = null;
        var clock = Stopwatch.StartNew();
        int rounds = 0;
        for (; rounds < 300_000 || clock.ElapsedMilliseconds < 50; rounds++) kept = new Dictionary<string, List<int>>[20];
        GC.KeepAlive(kept);
        s_lines.Append("allocated\t").Append(rounds).Append('\n');
    }
}

internal sealed class Plain
{
    readonly int _size;

    public Plain()
    {
    }

    public Plain(int size, string name)
    {
        _size = size + name.Length;
        Program.Note("constructor");
    }

    public int Size
    {
        get
        {
            Program.Note("property");
            return _size;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Tier0(int value)
    {
        GC.KeepAlive(value);
        Program.Note("tier0");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Tier1(int value, bool note)
    {
        GC.KeepAlive(value);
        if (note) Program.Note("tier1");
        GC.KeepAlive(note);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Replaced(int rounds)
    {
        long sum = 0;
        for (int i = 0; i < rounds; i++)
        {
            sum += i * rounds;
            if (i == rounds - 1) Program.Note("osr");
        }
        return sum;
    }
}

internal static class Generic<T>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Add(T value)
    {
        GC.KeepAlive(value);
        Program.Note("generic " + typeof(T).Name);
    }
}

internal sealed class Outer<T>
{
    public sealed class Inner
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Method<TOther>(T first, TOther second)
        {
            GC.KeepAlive(first);
            GC.KeepAlive(second);
            Program.Note("nested");
        }
    }
}
