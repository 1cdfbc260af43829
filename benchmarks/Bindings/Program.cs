using System;
using System.Collections.Generic;
using System.Globalization;
using Lampyris.Benchmarks;

// Allocation from C#, measured. Turns are short and interleaved, in an order shuffled anew each round.
//
//   dotnet run -c Release --project benchmarks/Bindings -- compare [PROCESSES] [--update-docs]    beside .NET's way and mimalloc, under the JIT and compiled ahead of time
//   dotnet run -c Release --project benchmarks/Bindings -- turns [ROUNDS]                         the same in this process only
//   dotnet run -c Release --project benchmarks/Bindings -- ways [ROUNDS] [--update-docs]          the same heap by every way, from C too
//   dotnet run -c Release --project benchmarks/Bindings -- profile [ROUNDS]                       what a heap profile costs
//   DIRECT_LIBRARY=libjemalloc.so.2 MEMORY_ALLOCATOR_LIB_PATH=plugin.so dotnet run … -- turns     a plugin against its library

string what = args.Length > 0 ? args[0] : "";
bool updates = args is [.., "--update-docs"];
string[] numbers = args.Length == 0 ? [] : args[1..^(updates ? 1 : 0)];
int number = 0;
bool isUnderstood = numbers.Length == 0 || numbers.Length == 1 && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
if (!isUnderstood || what is not ("compare" or "turns" or "ways" or "profile") || updates && what is not ("compare" or "ways"))
{
    Console.Error.WriteLine("usage: bindings compare [PROCESSES] [--update-docs] | turns [ROUNDS] | ways [ROUNDS] [--update-docs] | profile [ROUNDS]");
    return 2;
}

switch (what)
{
    case "compare":
        Comparison.Measure(number > 0 ? number : 7, updates);
        break;
    case "turns":
        foreach (TurnResult result in Turns.Measure(number > 0 ? number : 61)) Console.WriteLine(result);
        break;
    case "ways":
        int rounds = number > 0 ? number : 31;
        IReadOnlyList<(Way, double)> table = Ways.Measure(rounds);
        Console.Write(WaysTable.Markdown(table));
        if (updates) WaysTable.Update(table, $"Medians of {rounds} interleaved turns, {Environment.ProcessorCount} processors.");
        break;
    default:
        ProfilerCost.Measure(number > 0 ? number : 31);
        break;
}
return 0;
