using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Cli;

/// <summary>One step of the way to memory.</summary>
/// <param name="Depth">0 for where the program begins; each step is called by the last one that is less deep.</param>
internal readonly record struct MemoryStep(int Depth, string Name, string Meaning);

// The way from `new` to the kernel in this program: which file each call leads to, and what that one calls.
internal static class MemoryPath
{
    public static IReadOnlyList<MemoryStep> Of(InspectReport report)
    {
        var steps = new List<MemoryStep>();
        SymbolReport malloc = report.Of(AllocationSymbols.Malloc), create = report.Of(AllocationSymbols.OperatorNew);
        int depth = 0;
        if (create.Server is { } cxx)
        {
            steps.Add(new(depth++, "new T", "the compiler makes of it a call of"));
            if (report.IsWrapped(AllocationSymbols.OperatorNew)) steps.Add(Wrapper(report, depth++, AllocationSymbols.OperatorNew, "operator new"));
            bool isDirect = cxx == malloc.Server && cxx.Dynamic is not null && cxx.Allocator is { Name: not "glibc" };
            bool callsMalloc = cxx.Imports(AllocationSymbols.Malloc) || cxx == malloc.Server;
            string how = isDirect ? "which serves it itself, by"
                : callsMalloc ? "which calls"
                : "which imports no malloc: memory of its own. The C functions go by";
            steps.Add(new(depth++, "operator new", $"{Name(cxx)}, {how}"));
        }
        if (report.IsWrapped(AllocationSymbols.Malloc)) steps.Add(Wrapper(report, depth++, AllocationSymbols.Malloc, "malloc"));
        if (malloc.Server is not { } server)
        {
            bool isHidden = report.Subject.Dynamic is null && report.Subject.IsStripped;
            steps.Add(new(depth, "malloc", isHidden ? "not to be seen: static and stripped" : "nobody defines it"));
            if (report.Subject.Allocator is { } told) AddKernel(steps, depth + 1, told.FromKernel);
            return steps;
        }
        (string, string)[] calls = server.Allocator?.FromKernel ?? ByImports(server);
        string takes = calls.Length > 0 ? ", which takes memory from the kernel with" : ", of which nothing more is known";
        steps.Add(new(depth, "malloc", Name(server) + takes));
        AddKernel(steps, depth + 1, calls);
        return steps;
    }

    /// <summary>"libc.so.6 (glibc)"</summary>
    public static string Name(LoadedObject each) => each.Allocator is { } known ? $"{each.FileName} ({known.Name})" : each.FileName;

    static MemoryStep Wrapper(InspectReport report, int depth, string name, string title)
    {
        string wrapper = AllocationSymbols.WrapPrefix + name;
        string where = report.Subject.Wraps[wrapper] ? $"linked into {report.Subject.FileName}" : "from a library";
        return new(depth, wrapper, $"{where}: the linker's --wrap leads {title} here; it may call");
    }

    static void AddKernel(List<MemoryStep> steps, int depth, IEnumerable<(string Call, string Meaning)> calls)
    {
        foreach ((string call, string meaning) in calls) steps.Add(new(depth, call, meaning));
    }

    /// <summary>An allocator nobody knows: what it imports is what it can call.</summary>
    static (string, string)[] ByImports(LoadedObject server) =>
    [
        .. server.ImportedCalls.Select(call => call is "sbrk" or "brk" ? "brk" : "mmap").Distinct().Select(call => (call, "it imports this; for what, is not known")),
    ];
}
