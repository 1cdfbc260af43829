using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The report of `inspect` for machines. Addresses are text in hexadecimal, as everywhere else that one would look.
internal static class InspectJson
{
    public static string Of(InspectReport report) => ReportJson.Write(isIndented: true, json =>
    {
        json.WriteString("kind", Name(report.Kind));
        json.WriteString("path", report.Title);
        ReportJson.WriteNumber(json, "processId", (ulong?)report.ProcessId);
        json.WriteString("interpreter", report.Subject.Elf.Interpreter);
        json.WriteString("allocator", (report.Of(AllocationSymbols.Malloc).Server?.Allocator ?? report.Subject.Allocator)?.Name);

        json.WriteStartArray("functions");
        foreach (SymbolReport symbol in report.Symbols) Write(json, report, symbol);
        json.WriteEndArray();

        json.WriteStartArray("files");
        foreach (LoadedObject each in report.Objects) Write(json, report, each);
        json.WriteEndArray();
        WriteTexts(json, "missingLibraries", report.MissingLibraries);

        json.WriteStartArray("way");
        foreach (MemoryStep step in MemoryPath.Of(report))
        {
            json.WriteStartObject();
            json.WriteNumber("depthIndex", step.Depth);
            json.WriteString("name", step.Name);
            json.WriteString("meaning", step.Meaning);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        json.WriteStartArray("memoryAreas");
        foreach (MemoryArea area in report.Areas)
        {
            json.WriteStartObject();
            json.WriteString("kind", area.Kind switch { MemoryAreaKind.BrkHeap => "brkHeap", MemoryAreaKind.ThreadStack => "threadStack", _ => "mapped" });
            json.WriteNumber("areaCount", area.Count);
            json.WriteNumber("sizeBytes", area.SizeBytes);
            json.WriteNumber("residentBytes", area.ResidentBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteTexts(json, "notes", report.Notes);
    });

    static void Write(Utf8JsonWriter json, InspectReport report, SymbolReport symbol)
    {
        json.WriteStartObject();
        json.WriteString("name", symbol.Symbol.Name);
        json.WriteString("title", symbol.Symbol.Title);
        json.WriteString("group", symbol.Symbol.Group);
        json.WriteString("servedBy", symbol.Server?.Path);
        json.WriteString("allocator", symbol.Server?.Allocator?.Name);
        json.WriteString("why", symbol.Why);
        json.WriteBoolean("isWrapped", report.IsWrapped(symbol.Symbol.Name));
        json.WriteStartArray("definitions");
        foreach (LoadedObject each in symbol.Definers)
        {
            json.WriteStartObject();
            json.WriteString("path", each.Path);
            json.WriteString("kind", Name(each.Definition(symbol.Symbol.Name)));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, InspectReport report, LoadedObject each)
    {
        json.WriteStartObject();
        json.WriteString("path", each.Path);
        json.WriteString("reason", each.Reason switch
        {
            LoadReason.Subject => "subject",
            LoadReason.Preloaded => "preloaded",
            LoadReason.Loader => "loader",
            LoadReason.Opened => "opened",
            _ => "needed",
        });
        json.WriteString("neededBy", each.NeededBy?.Path);
        json.WriteString("allocator", each.Allocator?.Name);
        json.WriteString("loadAddress", each.Bias is { } bias ? Hex(bias) : null);
        json.WriteBoolean("isBindNow", each.IsBindNow);
        json.WriteBoolean("isSymbolic", each.Dynamic is { IsSymbolic: true });
        json.WriteBoolean("isStripped", each.IsStripped);
        WriteTexts(json, "wrapSymbols", [.. each.Wraps.Keys.Order(System.StringComparer.Ordinal)]);

        json.WriteStartArray("definitions");
        foreach (AllocationSymbol symbol in AllocationSymbols.All)
        {
            if (each.Definition(symbol.Name) is not (not DefinitionKind.None and var kind)) continue;
            json.WriteStartObject();
            json.WriteString("name", symbol.Name);
            json.WriteString("kind", Name(kind));
            json.WriteEndObject();
        }
        json.WriteEndArray();

        json.WriteStartArray("imports");
        foreach (SlotUse use in each.Slots)
        {
            json.WriteStartObject();
            json.WriteString("name", use.Slot.Name);
            json.WriteString("by", use.Slot.Kind switch { ElfSlotKind.Plt => "plt", ElfSlotKind.Got => "got", _ => "data" });
            json.WriteBoolean("isLazy", use.Slot.Kind == ElfSlotKind.Plt && !report.IsBoundAtStart(each));
            json.WriteString("slotAddress", Hex((each.Bias ?? 0) + use.Slot.Address));
            json.WriteString("state", use.State switch
            {
                SlotState.Resolved => "resolved",
                SlotState.Pending => "pending",
                SlotState.Empty => "empty",
                _ => "unknown",
            });
            json.WriteString("targetAddress", use.State == SlotState.Unknown ? null : Hex(use.TargetAddress));
            json.WriteString("target", report.TargetOf(each, use) is { Length: > 0 } path ? path : null);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    static string Hex(ulong address) => "0x" + address.ToString("x", CultureInfo.InvariantCulture);

    static string Name(SubjectKind kind) => kind switch
    {
        SubjectKind.Program => "program",
        SubjectKind.StaticProgram => "staticProgram",
        SubjectKind.Library => "library",
        _ => "process",
    };

    static string Name(DefinitionKind kind) => kind switch
    {
        DefinitionKind.Strong => "strong",
        DefinitionKind.Weak => "weak",
        DefinitionKind.Hidden => "hidden",
        _ => "none",
    };
}
