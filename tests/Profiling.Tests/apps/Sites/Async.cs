using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using System.Collections.Generic;

namespace Shop;

// Asynchronous methods: before their first await they are on their caller's stack, after it on a pool thread's.
internal static class Async
{
    public static async Task Run()
    {
        for (int i = 0; i < Site.Rounds; i++) await LoadAsync(i);
        Site.Expect(Site.Rounds * 500L, "Async.LoadAsync(int) > Async.FirstAsync(int) > =Site.Visit(int)");
        Site.Expect(Site.Rounds * 600L, "Async.ThenAsync(*) > =Site.Visit(int)");
        await foreach (int each in StreamAsync(Site.Rounds))
            if (each < 0) return;
        Site.Expect(Site.Rounds * 700L, "Async.StreamAsync(*) > =Site.Visit(int)");
        await Task.WhenAll(WorkAsync(), WorkAsync(), WorkAsync());
        Site.Expect(3 * Site.Rounds * 800L, "start_thread > *ThreadPool* > Async.WorkAsync lambda > Site.Visit(int)");
    }

    static async Task<int> LoadAsync(int number)
    {
        int value = await FirstAsync(number);
        return value + await ThenAsync(number);
    }

    static async Task<int> FirstAsync(int number)
    {
        Site.Visit(500);
        await Task.CompletedTask;
        return number;
    }

    static async ValueTask<int> ThenAsync(int number)
    {
        await Task.Yield();
        Site.Visit(600);
        return number;
    }

    static async IAsyncEnumerable<int> StreamAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (i % 100 == 0) await Task.Yield();
            Site.Visit(700);
            yield return i;
        }
    }

    static Task WorkAsync() => Task.Run(static () =>
    {
        for (int i = 0; i < Site.Rounds; i++) Site.Visit(800);
    });
}
