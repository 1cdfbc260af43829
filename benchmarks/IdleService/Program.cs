using System;

namespace Lampyris.Benchmarks;

// A service after its rush hour: many threads fill memory with native blocks, nearly all of which the main thread then
// frees; and then nothing happens any more. What stays resident now is what the operator of the service sees for the
// rest of the day. Prints resident KB when full and after the idle time, KB of the OS pages that hold live blocks, which can't
// go back, and how long it took until resident memory was at most 1.3 times what is live and what was there before the
// first block, and until 19 of 20 bytes of what went back were gone; for the benchmarks and the tests.
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (!Settings.TryParse(arguments, out Settings settings))
        {
            Console.Error.WriteLine(Settings.Usage);
            return 2;
        }

        using var service = new Service(settings);
        service.Start();
        long beforeKb = ProcessMemory.ResidentKb();
        service.Fill();
        long fullKb = ProcessMemory.ResidentKb();
        if (settings.EndThreads) service.EndThreads();
        long liveKb = service.FreeNearlyAll() / 1024;
        var decline = new Decline(settings.IdleMs);

        Console.WriteLine($"before_resident_kb {beforeKb}");
        Console.WriteLine($"full_resident_kb {fullKb}");
        Console.WriteLine($"live_kb {liveKb}");
        Console.WriteLine($"live_pages_kb {service.LivePagesKb()}");
        Console.WriteLine($"idle_resident_kb {decline.IdleKb}");
        Console.WriteLine($"small_ms {decline.FirstMs(beforeKb + liveKb * 13 / 10)}");
        Console.WriteLine($"settled_ms {decline.FirstMs(decline.IdleKb + (fullKb - decline.IdleKb) / 20)}");
        return 0;
    }
}
