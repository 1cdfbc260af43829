using System.Globalization;

namespace Lampyris.Benchmarks;

/// <summary>The machine in one line, for whoever compares two measurements.</summary>
internal static class Machine
{
    private const double BusyLoad = 0.5;

    public static string Describe()
    {
        string processor = ValueOf("/proc/cpuinfo", "model name", ':');
        string system = ValueOf("/etc/os-release", "PRETTY_NAME", '=').Trim('"');
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        long memoryGb = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        return $"{Environment.ProcessorCount} cores of {processor}, {memoryGb} GB, {system}, Linux {kernel}";
    }

    /// <summary>The load before a measurement; a warning where it is more than that of a machine at rest.</summary>
    public static double LoadBefore()
    {
        double load = Load();
        if (load > BusyLoad) Console.Error.WriteLine($"bench: warning: the machine is busy (load average {load:0.0}); expect noise");
        return load;
    }

    /// <summary>The load average of the last minute: how many other processes compete for the cores.</summary>
    private static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static string ValueOf(string file, string name, char separator)
    {
        string? line = File.ReadLines(file).FirstOrDefault(text => text.StartsWith(name, StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(separator) + 1)..].Trim();
    }
}
