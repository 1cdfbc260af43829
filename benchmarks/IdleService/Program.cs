using System;
using System.Threading;

namespace Lampyris.Benchmarks;

// A service after its rush hour: many threads fill memory with native blocks, nearly all of which the main thread then
// frees; and then nothing happens any more. What stays resident now is what the operator of the service sees for the
// rest of the day. Prints resident KB when full and after the idle time, for the benchmarks and the tests.
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
        service.Fill();
        long fullKb = ProcessMemory.ResidentKb();
        if (settings.EndThreads) service.EndThreads();
        service.FreeNearlyAll();
        Thread.Sleep(settings.IdleMs);
        long idleKb = ProcessMemory.ResidentKb();

        Console.WriteLine($"full_resident_kb {fullKb}");
        Console.WriteLine($"idle_resident_kb {idleKb}");
        return 0;
    }
}
