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
            if (report.IsWrapped(AllocationSymbols.OperatorNew)) steps.Add(Wrapper(report, depth++, AllocationSymbols.OperatorNew, "operator new", "which may call"));
            // An allocator that brings both does not go from one to the other.
            if (cxx == malloc.Server && !cxx.IsStatic && cxx.Allocator is { Name: not "glibc" } direct)
            {
                steps.Add(new(depth, "operator new", $"{Name(cxx)} itself, {KernelIntro(true)}"));
                AddKernel(steps, depth + 1, direct.FromKernel);
                depth = 0;
                if (!report.IsWrapped(AllocationSymbols.Malloc))
                {
                    steps.Add(new(0, "malloc", $"{Name(cxx)} too: the same heap"));
                    return steps;
                }
            }
            else
            {
                bool callsMalloc = cxx.Imports(AllocationSymbols.Malloc) || cxx == malloc.Server || report.IsWrapped(AllocationSymbols.Malloc);
                steps.Add(new(depth++, "operator new", $"{Name(cxx)}, {(callsMalloc ? "which calls" : "which imports no malloc: memory of its own. C goes by")}"));
                if (!callsMalloc) depth = 0;
            }
        }
        string forWhom = "";
        if (report.IsWrapped(AllocationSymbols.Malloc))
        {
            LoadedObject subject = report.Subject;
            bool callsMalloc = subject.Imports(AllocationSymbols.Malloc) || subject.DefinesMalloc;
            steps.Add(Wrapper(report, depth++, AllocationSymbols.Malloc, "malloc", callsMalloc ? "which may call" : KernelIntro(subject.Allocator is not null)));
            if (!callsMalloc)
            {
                AddKernel(steps, depth, subject.Allocator?.FromKernel ?? ByImports(subject));
                (depth, forWhom) = (0, "for the libraries: ");
            }
        }
        if (malloc.Server is not { } server)
        {
            KnownAllocator? told = report.Subject.Allocator;
            steps.Add(new(depth, "malloc", !report.IsOpaque ? "nobody defines it" : told is null ? "not to be seen" : $"{told.Name}, {KernelIntro(true)}"));
            if (report.IsOpaque) AddKernel(steps, depth + 1, told?.FromKernel ?? []);
            return steps;
        }
        (string, string)[] calls = server.Allocator?.FromKernel ?? ByImports(server);
        steps.Add(new(depth, "malloc", $"{forWhom}{Name(server)}, {KernelIntro(calls.Length > 0)}"));
        AddKernel(steps, depth + 1, calls);
        return steps;
    }

    static string KernelIntro(bool isKnown) => isKnown ? "which takes memory from the kernel with" : "of which nothing more is known";

    /// <summary>"libc.so.6 (glibc)"</summary>
    public static string Name(LoadedObject each) => each.Allocator is { } known ? $"{each.FileName} ({known.Name})" : each.FileName;

    static MemoryStep Wrapper(InspectReport report, int depth, string name, string title, string then)
    {
        string wrapper = AllocationSymbols.WrapPrefix + name;
        string where = report.Subject.Wraps[wrapper] ? $"linked into {Name(report.Subject)}" : "from a library";
        return new(depth, wrapper, $"{where}: --wrap leads {title} here, {then}");
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
