using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Shop;

// Generic methods and types, over values and over references, which share their code.
internal static class Generics
{
    public static void Run()
    {
        for (int i = 0; i < Site.Rounds; i++) Store(i);
        for (int i = 0; i < Site.Rounds; i++) Store("text");
        // The runtime does not say of which types a generic method is.
        Site.Expect(Site.Rounds * 1100L, "Generics.Run() > Generics.Store(T) > Site.Visit(int)");

        var ofInts = new Table<int, Guid>();
        for (int i = 0; i < Site.Rounds; i++) ofInts.Add(i, Guid.Empty);
        Site.Expect(Site.Rounds * 700L, "Generics.Run() > Generics.Table<int, Guid>.Add(int, Guid) > Site.Visit(int)");
        var ofTexts = new Table<string, object>();
        for (int i = 0; i < Site.Rounds; i++) ofTexts.Add("key", ofTexts);
        Site.Expect(Site.Rounds * 800L, "Generics.Run() > Generics.Table<_, _>.Add(_, _) > Site.Visit(int)");

        // The framework's sort calls back.
        var numbers = new List<int> { 2, 1 };
        var order = new Order();
        for (int i = 0; i < Site.Rounds; i++)
        {
            (numbers[0], numbers[1]) = (2, 1);
            numbers.Sort(order);
        }
        Site.Expect(Site.Rounds * 900L, "Generics.Run() > List<int>.Sort(*) > Generics.Order.Compare(int, int) > Site.Visit(int)");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static T Store<T>(T item)
    {
        Site.Visit(typeof(T).IsValueType ? 500 : 600);
        return item;
    }

    internal sealed class Table<TKey, TValue>
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public TValue Add(TKey key, TValue value)
        {
            Site.Visit(typeof(TKey).IsValueType ? 700 : 800);
            GC.KeepAlive(key);
            return value;
        }
    }

    internal sealed class Order : IComparer<int>
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public int Compare(int a, int b)
        {
            Site.Visit(900);
            return a.CompareTo(b);
        }
    }
}
