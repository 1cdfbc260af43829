using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Shop;

// Forty threads with names, two of each name.
internal static class Threads
{
    public static void Run()
    {
        Thread[] threads = [.. Enumerable.Range(0, 40).Select(number => new Thread(Work) { Name = $"clerk {number / 2}" })];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Site.Expect(40L * (Site.Rounds / 10) * 500, "start_thread > *Thread*Start* > Threads.Work() > Threads.Serve(int) > Site.Visit(int)");
    }

    static void Work()
    {
        for (int i = 0; i < Site.Rounds / 10; i++) Serve(500);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Serve(int bytes) => Site.Visit(bytes);
}
