using System.Collections.Generic;
using System.Linq;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The report of `inspect` for people: the answer, the way to the kernel, who serves what, the files behind that.
internal static class InspectText
{
    const int StepColumns = 26, LabelColumns = 9;

    public static string Of(InspectReport report, Ink ink)
    {
        var text = new StringBuilder();
        ReportText.Header(text, ink, report.ProcessId is { } id ? $"process {id}{ink.Dot}{report.Title}" : report.Title);
        Paragraph(text, ink, Answer(report));
        foreach (string sentence in Exceptions(report)) Paragraph(text, ink, sentence);
        Path(text, ink, report);
        Served(text, ink, report);
        Areas(text, ink, report);
        Files(text, ink, report);
        foreach (string note in report.Notes.Concat(Missing(report))) Noted(text, ink, note);
        return text.ToString();
    }

    static IEnumerable<string> Missing(InspectReport report) =>
        report.MissingLibraries.Count == 0 ? [] : [$"Not found, so that the program would not start: {string.Join(", ", report.MissingLibraries)}."];

    static void Paragraph(StringBuilder text, Ink ink, string words)
    {
        text.Append("  ");
        HelpPage.Wrap(text, ink.Escape(words), 2);
    }

    static void Noted(StringBuilder text, Ink ink, string words)
    {
        text.AppendLine().Append("  ").Append(ink.Label("note".PadRight(LabelColumns)));
        HelpPage.Wrap(text, ink.Escape(words), LabelColumns + 2);
    }

    static string Answer(InspectReport report)
    {
        SymbolReport malloc = report.Of(AllocationSymbols.Malloc);
        if (malloc.Server is not { } server)
            return report.Subject.Allocator is { } told ? $"malloc is served by {told.Name}, linked in."
                : report.IsOpaque ? "Who serves malloc can't be told: the program is static and has no symbols."
                : "Nobody here defines malloc.";
        if (report.IsWrapped(AllocationSymbols.Malloc))
        {
            string at = report.Subject.Wraps[AllocationSymbols.WrapPrefix + AllocationSymbols.Malloc] ? $", linked into {MemoryPath.Name(report.Subject)}" : "";
            return $"malloc is wrapped in {report.Subject.FileName}: its own calls go to __wrap_malloc{at}. All others are served by {MemoryPath.Name(server)}: {malloc.Why}.";
        }
        string name = server.Allocator is { } known ? $" ({known.Name})" : " (an allocator that is not known by name)";
        return $"malloc is served by {server.Path}{name}: {malloc.Why}.";
    }

    static IEnumerable<string> Exceptions(InspectReport report)
    {
        List<string> wrapped = [.. AllocationSymbols.All.Where(symbol => report.IsWrapped(symbol.Name)).Select(symbol => symbol.Title)];
        if (wrapped.Count > 0)
            yield return $"--wrap is in effect in {report.Subject.FileName}, as its symbols tell, for its own calls only: {string.Join(", ", wrapped)}.";
        foreach (LoadedObject each in report.Objects)
            if (each.Dynamic is { IsSymbolic: true } && each.Exports(AllocationSymbols.Malloc) && report.Of(AllocationSymbols.Malloc).Server != each)
                yield return $"{each.FileName} binds to its own malloc (-Bsymbolic).";
    }

    static void Path(StringBuilder text, Ink ink, InspectReport report)
    {
        text.AppendLine();
        IReadOnlyList<MemoryStep> steps = MemoryPath.Of(report);
        for (int i = 0; i < steps.Count; i++)
        {
            MemoryStep step = steps[i];
            bool isLast = !steps.Skip(i + 1).TakeWhile(next => next.Depth >= step.Depth).Any(next => next.Depth == step.Depth);
            string branch = step.Depth == 0 ? "" : (ink.HasUnicode, isLast) switch
            {
                (true, true) => "└─ ",
                (true, false) => "├─ ",
                (false, true) => "`- ",
                _ => "|- ",
            };
            string left = new string(' ', 3 * System.Math.Max(0, step.Depth - 1)) + branch;
            int pad = System.Math.Max(1, StepColumns - left.Length - step.Name.Length);
            text.Append("  ").Append(ink.Label(left)).Append(ink.Glow(step.Name)).Append(' ', pad);
            if (left.Length + step.Name.Length + pad > StepColumns) text.AppendLine().Append(' ', StepColumns + 2);
            HelpPage.Wrap(text, ink.Escape(step.Meaning), StepColumns + 2);
        }
    }

    static void Served(StringBuilder text, Ink ink, InspectReport report)
    {
        text.AppendLine();
        foreach (IGrouping<(LoadedObject? Server, string Why), SymbolReport> each in report.Symbols.GroupBy(symbol => (symbol.Server, symbol.Why)))
        {
            if (each.Key.Server is not { } server)
            {
                text.Append("  ").Append(ink.Title(report.IsOpaque ? "not to be seen" : "nobody"));
            }
            else
            {
                text.Append("  ").Append(ink.Title(ink.Escape(MemoryPath.Name(server)))).Append(ink.Label(ink.Dot)).Append(ink.Escape(ink.Fit(each.Key.Why, 48)));
            }
            text.AppendLine().Append("    ");
            HelpPage.Wrap(text, Functions(each.Select(symbol => symbol.Symbol)), 4);
        }
    }

    /// <summary>"malloc, free, operator new (8 forms)"; a single form of an operator by its own name.</summary>
    static string Functions(IEnumerable<AllocationSymbol> symbols)
    {
        var names = new List<string>();
        foreach (IGrouping<string, AllocationSymbol> group in symbols.GroupBy(symbol => symbol.Group))
        {
            List<AllocationSymbol> forms = [.. group];
            bool isOperator = group.Key is AllocationSymbols.NewGroup or AllocationSymbols.DeleteGroup;
            int all = AllocationSymbols.All.Count(symbol => symbol.Group == group.Key);
            if (!isOperator || forms.Count <= 3) names.AddRange(forms.Select(form => isOperator ? $"operator {form.Title}" : form.Title));
            else names.Add(forms.Count == all ? $"{group.Key} (all {all} forms)" : $"{group.Key} ({forms.Count} of {all} forms)");
        }
        return string.Join(", ", names);
    }

    static void Areas(StringBuilder text, Ink ink, InspectReport report)
    {
        if (report.Areas.Count == 0) return;
        text.AppendLine().Append("  ").AppendLine(ink.Label("memory of the process".PadRight(34) + "size".PadLeft(12) + "resident".PadLeft(12) + "areas".PadLeft(8)));
        foreach (MemoryArea area in report.Areas)
        {
            string name = area.Kind switch
            {
                MemoryAreaKind.BrkHeap => "brk heap",
                MemoryAreaKind.ThreadStack => "stacks of threads",
                _ => "mmap, without a file",
            };
            text.Append("  ").AppendLine(name.PadRight(34) + Units.Bytes(area.SizeBytes).PadLeft(12) + Units.Bytes(area.ResidentBytes).PadLeft(12)
                + Units.Count((ulong)area.Count).PadLeft(8));
        }
    }

    static void Files(StringBuilder text, Ink ink, InspectReport report)
    {
        text.AppendLine().Append("  ").AppendLine(ink.Label("files in load order"));
        var others = new List<string>();
        for (int i = 0; i < report.Objects.Count; i++)
        {
            LoadedObject each = report.Objects[i];
            List<(string Label, string Words)> lines = [.. Lines(report, each, ink)];
            if (i > 0 && lines.Count == 0 && each.Reason is LoadReason.Needed or LoadReason.Loader or LoadReason.Opened)
            {
                others.Add(each.FileName);
                continue;
            }
            text.Append("  ").Append(ink.Label($"{i + 1,2}  ")).Append(ink.Title(ink.Escape(ink.Fit(MemoryPath.Name(each), 44)))).Append(ink.Label(ink.Dot)).AppendLine(ink.Escape(ink.Fit(Reason(report, each), 26)));
            foreach ((string label, string words) in lines)
            {
                text.Append("      ").Append(ink.Label(label.PadRight(LabelColumns)));
                HelpPage.Wrap(text, ink.Escape(words), 6 + LabelColumns);
            }
        }
        if (others.Count > 0)
        {
            text.Append("      ");
            HelpPage.Wrap(text, ink.Escape($"without a part in this: {string.Join(", ", others)}"), 6);
        }
        if (report.Objects.All(each => each.Slots.Count == 0)) return;     // the words below would explain nothing
        text.AppendLine().Append("  ");
        HelpPage.Wrap(text, "PLT: calls go over a table of jumps. GOT: a table of addresses. Pointer: an address in data. Lazy: the loader looks the function up at the first call.", 2);
    }

    static string Reason(InspectReport report, LoadedObject each) => each.Reason switch
    {
        LoadReason.Subject => report.Kind == SubjectKind.Library ? "the library" : report.Subject.IsStatic ? "static program" : "the program",
        LoadReason.Preloaded => each.Preloader.Length > 0 ? each.Preloader : "preloaded",
        LoadReason.Loader => "the loader",
        LoadReason.Opened => "loaded while it runs",
        _ => each.NeededBy is { } by ? $"needed by {by.FileName}" : "needed",
    };

    static IEnumerable<(string Label, string Words)> Lines(InspectReport report, LoadedObject each, Ink ink)
    {
        foreach ((DefinitionKind kind, string what) in new[] { (DefinitionKind.Strong, ""), (DefinitionKind.Weak, "weak: "), (DefinitionKind.Hidden, "for itself: ") })
        {
            List<AllocationSymbol> symbols = [.. AllocationSymbols.All.Where(symbol => each.Definition(symbol.Name) == kind)];
            if (symbols.Count > 0) yield return ("brings", what + Functions(symbols));
        }
        List<string> wraps = [.. each.Wraps.Where(wrap => wrap.Value).Select(wrap => wrap.Key)];
        if (wraps.Count > 0) yield return ("brings", string.Join(", ", wraps));

        string arrow = ink.HasUnicode ? " → " : " -> ";
        foreach (IGrouping<(string How, string To), SlotUse> group in each.Slots.GroupBy(use => (How(report, each, use), To(report, each, use))))
            yield return ("imports", $"{Imported(group.Select(use => use.Slot.Name))}{arrow}{group.Key.To}, {group.Key.How}");
    }

    static string Imported(IEnumerable<string> names)
    {
        var all = names.Distinct().ToHashSet();
        List<AllocationSymbol> known = [.. AllocationSymbols.All.Where(symbol => all.Contains(symbol.Name))];
        return string.Join(", ", new[] { Functions(known) }.Concat(all.Where(name => !AllocationSymbols.IsFunction(name))).Where(part => part.Length > 0));
    }

    static string How(InspectReport report, LoadedObject owner, in SlotUse use) => use.Slot.Kind switch
    {
        ElfSlotKind.Plt when report.IsBoundAtStart(owner) => "PLT, at the start",
        ElfSlotKind.Plt => use.State switch
        {
            SlotState.Resolved => "PLT, lazy, bound",
            SlotState.Pending => "PLT, lazy, not called yet",
            _ => "PLT, lazy",
        },
        ElfSlotKind.Got => "GOT, at the start",
        _ => "pointer, at the start",
    };

    static string To(InspectReport report, LoadedObject owner, in SlotUse use) => report.TargetOf(owner, use) is { Length: > 0 } path ? System.IO.Path.GetFileName(path) : "nobody";
}
