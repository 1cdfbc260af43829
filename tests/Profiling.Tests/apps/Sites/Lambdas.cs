using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shop;

// Lambdas with and without what they capture, local functions, LINQ, and C code that calls back.
internal static unsafe partial class Lambdas
{
    public static void Run()
    {
        for (int i = 0; i < Site.Rounds; i++) Call(static () => Site.Visit(500) + 1);
        Site.Expect(Site.Rounds * 500L, "Lambdas.Run() > Lambdas.Call(Func<int>) > Lambdas.Run lambda > Site.Visit(int)");
        Capturing(600);
        Site.Expect(Site.Rounds * 600L, "Lambdas.Run() > Lambdas.Capturing(int) > Lambdas.Call(Func<int>) > Lambdas.Capturing lambda > Site.Visit(int)");

        for (int i = 0; i < Site.Rounds; i++) Local(700);
        Site.Expect(Site.Rounds * 700L, "Lambdas.Run() > Lambdas.Run.Local(int) > Site.Visit(int)");

        int sum = Enumerable.Range(0, Site.Rounds).Where(each => each >= 0).Select(Convert).Sum();
        Site.Expect(Site.Rounds * 800L, "Lambdas.Run() > Enumerable.Sum* > *MoveNext* > Lambdas.Convert(int) > Site.Visit(int)");

        int[] pair = [2, 1];
        delegate* unmanaged<void*, void*, int> compare = &Compare;
        for (int i = 0; i < Site.Rounds; i++) Sort(pair, compare);
        Site.Expect(Site.Rounds * 900L, "Lambdas.Run() > Lambdas.Sort(* > *qsort* > Lambdas.Compare(void*, void*) > Site.Visit(int)");
        GC.KeepAlive(sum);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Local(int bytes) => Site.Visit(bytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Capturing(int bytes)
    {
        for (int i = 0; i < Site.Rounds; i++) Call(() => Site.Visit(bytes) + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Call(Func<int> action) => action() + 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Convert(int number)
    {
        Site.Visit(800);
        return number;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Sort(int[] numbers, delegate* unmanaged<void*, void*, int> compare)
    {
        fixed (int* first = numbers) qsort(first, (nuint)numbers.Length, sizeof(int), compare);
    }

    [UnmanagedCallersOnly]
    static int Compare(void* a, void* b)
    {
        Site.Visit(900);
        return *(int*)a - *(int*)b;
    }

    [DllImport("libc")]
    static extern void qsort(void* first, nuint count, nuint bytes, delegate* unmanaged<void*, void*, int> compare);
}
