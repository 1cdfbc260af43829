using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Lampyris.Preload.Tests;

/// <summary>Names of compiled code, as the runtime writes them with DOTNET_PerfMapEnabled=1.</summary>
sealed partial class PerfMap
{
    public sealed record Method(ulong Start, ulong Bytes, bool IsOurs, string Name, string Tier);

    readonly Method[] _methods;

    PerfMap(IEnumerable<Method> methods) => _methods = [.. methods.OrderBy(method => method.Start)];

    public static PerfMap Read()
    {
        string file = Path.Combine(Path.GetTempPath(), $"perf-{Environment.ProcessId}.map");
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var methods = new List<Method>();
        while (reader.ReadLine() is { } line)
        {
            Match match = Line().Match(line);
            if (!match.Success) continue;
            string text = match.Groups["text"].Value;
            Match name = Name().Match(text);
            methods.Add(new(ulong.Parse(match.Groups["start"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                ulong.Parse(match.Groups["bytes"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                text.Contains("[captured] ", StringComparison.Ordinal) && name.Success, name.Groups["name"].Value, Tier().Match(text).Groups["tier"].Value));
        }
        return new(methods);
    }

    /// <summary>The method that a return address is in; null for other code.</summary>
    public Method? At(ulong returnAddress)
    {
        int low = 0, high = _methods.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_methods[middle].Start <= returnAddress - 1) low = middle + 1;
            else high = middle;
        }
        return low > 0 && returnAddress - 1 < _methods[low - 1].Start + _methods[low - 1].Bytes ? _methods[low - 1] : null;
    }

    [GeneratedRegex("^(?:0x)?(?<start>[0-9A-Fa-f]+) (?:0x)?(?<bytes>[0-9A-Fa-f]+) (?<text>.*)$")]
    private static partial Regex Line();

    // … [captured] Namespace.Type+Nested::Name[type arguments](arguments)[Tier]
    [GeneratedRegex(@"::(?<name>[^\[(]+)")]
    private static partial Regex Name();

    [GeneratedRegex(@"\[(?<tier>[A-Za-z0-9]+)\]$")]
    private static partial Regex Tier();
}
