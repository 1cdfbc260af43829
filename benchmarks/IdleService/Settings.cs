using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>What the command line can change; the defaults are the idle test that the measurements report.</summary>
internal readonly record struct Settings(int Threads, int SlotsPerThread, int Refills, int IdleMs, bool EndThreads)
{
    public const string Usage = "usage: idle-service [--threads N] [--slots N] [--refills N] [--idle-ms N] [--end-threads]";

    public static bool TryParse(string[] arguments, out Settings settings)
    {
        settings = new Settings(Threads: 32, SlotsPerThread: 20_000, Refills: 6, IdleMs: 5_000, EndThreads: false);
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--end-threads")
            {
                settings = settings with { EndThreads = true };
                continue;
            }
            if (i + 1 == arguments.Length || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                return false;
            switch (arguments[i++])
            {
                case "--threads": settings = settings with { Threads = number }; break;
                case "--slots": settings = settings with { SlotsPerThread = number }; break;
                case "--refills": settings = settings with { Refills = number }; break;
                case "--idle-ms": settings = settings with { IdleMs = number }; break;
                default: return false;
            }
        }
        return settings.Threads > 0 && settings.SlotsPerThread > 0;
    }
}
