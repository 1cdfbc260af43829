using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shop;

// Ordinary calls: static, virtual, through an interface, recursive, from iterators and a property.
internal static class Plain
{
    public static void Run()
    {
        for (int i = 0; i < Site.Rounds; i++) Outer(i, "x");
        Site.Expect(Site.Rounds * 500L, "Program.Main(string[]) > Plain.Run() > Plain.Outer(int, string) > Plain.Middle(int) > Site.Visit(int)");

        for (int i = 0; i < Site.Rounds; i++) Recurse(20);
        Site.Expect(Site.Rounds * 610L, "Plain.Run() > Plain.Recurse(int) > Plain.Recurse(int) > Plain.Recurse(int) > Site.Visit(int)");

        IShape shape = new Circle { Radius = 3 };
        for (int i = 0; i < Site.Rounds; i++) shape.Draw(ref i);
        Site.Expect(Site.Rounds * 700L, "Plain.Run() > Plain.Circle.Draw(ref int) > Site.Visit(int)");

        int total = 0;
        foreach (int each in Numbers(Site.Rounds)) total += each;
        Site.Expect(Site.Rounds * 810L, "Plain.Run() > Plain.Numbers(int) > Site.Visit(int)");

        for (int i = 0; i < Site.Rounds; i++) total += new Circle().Area;
        Site.Expect(Site.Rounds * 920L, "Plain.Run() > Plain.Circle.Area.get > Site.Visit(int)");

        for (int i = 0; i < Site.Rounds; i++) Buffers(40);
        Site.Expect(Site.Rounds * 1030L, "Plain.Run() > Plain.Buffers(int) > Site.Visit(int)");

        for (int i = 0; i < Site.Rounds; i++) Global(1100);
        Site.Expect(Site.Rounds * 1100L, "Plain.Run() > Plain.Global(int)");

        for (int i = 0; i < Site.Rounds; i++) Text("some text of thirty characters");
        Site.ExpectAtLeast(Site.Rounds * 31L, "Plain.Run() > Plain.Text(string) > Marshal.StringToCoTaskMemUTF8(string)");
        GC.KeepAlive(total);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Outer(int a, string b) => Middle(a) + b.Length;

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Middle(int a)
    {
        Site.Visit(500);
        return a;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Recurse(int depth)
    {
        if (depth > 0) return Recurse(depth - 1) + 1;
        Site.Visit(610);
        return 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static IEnumerable<int> Numbers(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Site.Visit(810);
            yield return i;
        }
    }

    // A frame whose size is not known before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Buffers(int count)
    {
        Span<long> buffer = stackalloc long[count];
        buffer.Fill(3);
        Site.Visit(1030);
        return (int)buffer[count - 1];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Global(int bytes)
    {
        nint block = Marshal.AllocHGlobal(bytes);
        Marshal.WriteByte(block, 1);
        Marshal.FreeHGlobal(block);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Text(string text)
    {
        nint block = Marshal.StringToCoTaskMemUTF8(text);
        Marshal.WriteByte(block, 1);
        Marshal.FreeCoTaskMem(block);
    }

    interface IShape
    {
        void Draw(ref int number);
    }

    internal sealed class Circle : IShape
    {
        public int Radius { get; init; }

        public int Area
        {
            [MethodImpl(MethodImplOptions.NoInlining)]
            get
            {
                Site.Visit(920);
                return Radius * Radius * 3;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Draw(ref int number)
        {
            Site.Visit(700);
            number += Radius - Radius;
        }
    }
}
