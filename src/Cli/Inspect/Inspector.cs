using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// Reads a program, a library or a running process into an `InspectReport`.
internal static class Inspector
{
    const int MaxInterpreterDepth = 4;      // as the kernel: scripts of scripts

    /// <summary>Throws `InspectException` for what is no program or library of this machine.</summary>
    public static InspectReport OfFile(string path, LoaderSettings settings)
    {
        var notes = new List<string>();
        (LoadedObject subject, string real) = Open(path, notes);
        bool isProgram = subject.IsProgram;
        if (isProgram && settings.Preloaded.Count > 0 && PreloadCheck.Privilege(Bytes.OfText(real)) is { } privilege)
        {
            notes.Add($"{subject.FileName} {privilege}: the loader ignores LD_PRELOAD and LD_LIBRARY_PATH.");
            settings = new("", "", false);
        }
        LoadOrder order = LoadOrder.Of(subject, settings);
        foreach (string name in order.IgnoredPreloads) notes.Add($"LD_PRELOAD names {name}, which is not found: the loader goes on without it.");
        if (!isProgram) notes.Add("A library: what the program that loads it, or LD_PRELOAD, defines comes first.");
        AddLimits(notes, subject);
        return new InspectReport
        {
            Kind = !isProgram ? SubjectKind.Library : subject.IsStatic ? SubjectKind.StaticProgram : SubjectKind.Program,
            Title = real,
            Objects = order.Objects,
            MissingLibraries = order.Missing,
            IsBindNowSet = settings.IsBindNow,
            Notes = notes,
        };
    }

    /// <summary>Follows the first line of a script to the program that runs it.</summary>
    static (LoadedObject Subject, string Path) Open(string path, List<string> notes)
    {
        for (int depth = 0; ; depth++)
        {
            // Before it is opened: a pipe would keep us waiting.
            if (Linux.TryStatus(Bytes.OfText(path), out Linux.FileStatus status) && !status.IsRegular)
                throw new InspectException($"{path}: {(status.IsDirectory ? "a directory" : "no regular file")}");
            using FileBytes? file = FileBytes.Open(Bytes.OfText(path), out int errno);
            if (file is null) throw new InspectException($"{path}: {Linux.ErrorText(errno)}");
            if (LoadedObject.Read(file, path) is { } subject)
            {
                CheckShape(path, subject);
                // The kernel hands a program's loader the file, not the link it was called by.
                if (subject.IsProgram && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target) subject.Origin = Path.GetDirectoryName(target.FullName) ?? "/";
                return (subject, path);
            }
            if (ElfFile.Read(file) is null && depth < MaxInterpreterDepth && PreloadCheck.Interpreter(file) is { Length: > 1 } interpreter)
            {
                string next = OfEnv(file) ?? Bytes.ToText(interpreter);
                notes.Add($"{Path.GetFileName(path)} is a script; this is {next}, which runs it.");
                path = next;
                continue;
            }
            throw new InspectException($"{path}: {WhyForeign(file)}");
        }
    }

    /// <summary>The program that "#! /usr/bin/env NAME" means by its NAME; null when the first line is none like that.</summary>
    static string? OfEnv(FileBytes file)
    {
        byte[] start = new byte[256];
        string[] words = Bytes.ToText(start.AsSpan(0, file.ReadAll(0, start))).Split('\n')[0].Split([' ', '\t', '!'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["#", _, var name] || Path.GetFileName(words[1]) != "env") return null;
        byte[]? found = CommandFile.Find(Bytes.OfText(name).AsSpan()[..^1], ChildEnvironment.Current().GetBytes("PATH"), out _);
        return found is null ? null : Bytes.ToText(found);
    }

    static string WhyForeign(FileBytes file) => ElfFile.Read(file) switch
    {
        null => StartsLikeElf(file) ? "a damaged ELF file" : "not an ELF file: no program and no library",
        { Is64Bit: false } => "an ELF file of 32 bits; only those of 64 bits are read",
        { Machine: var machine } => $"an ELF file for another machine (number {machine}), not for this one ({ElfFile.HostMachine})",
    };

    static bool StartsLikeElf(FileBytes file)
    {
        Span<byte> start = stackalloc byte[4];
        return file.Read(0, start) && start.SequenceEqual("\u007FELF"u8);
    }

    /// <summary>A header alone makes no program: without a segment nothing could be loaded.</summary>
    static void CheckShape(string path, LoadedObject subject)
    {
        if (subject.Elf.Type is not (ElfFile.TypeExecutable or ElfFile.TypeShared)) throw new InspectException($"{path}: an ELF file, but no program and no library");
        bool isWhole = subject.Elf.Segments.Count > 0 && (subject.Elf.Dynamic is null || subject.Dynamic is not null);
        if (!isWhole || subject.Elf.Type == ElfFile.TypeShared && subject.Dynamic is null) throw new InspectException($"{path}: a damaged ELF file");
    }

    static void AddLimits(List<string> notes, LoadedObject subject)
    {
        if (subject.IsStatic && subject.IsStripped)
            notes.Add(subject.Allocator is { } known
                ? $"Static and stripped: {known.Name} is told by its messages, nothing else is to be seen."
                : "Static and stripped: its functions are not to be seen.");
        else if (subject.IsProgram && subject.IsStripped)
            notes.Add("Stripped: a malloc that is linked in without being exported, and --wrap, would not be seen.");
    }

    /// <summary>Throws `InspectException` or `LiveHeapException`, and what reading files of /proc throws.</summary>
    public static InspectReport OfProcess(int processId)
    {
        if (ProcessStatus.Read(processId) is not { } status) throw LiveHeap.Gone(processId);
        if (status.HasEnded) throw new InspectException($"process {processId} has ended and waits for its parent");
        try
        {
            using var memory = new ProcessMemory(processId);
            return OfProcess(processId, memory);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (ProcessStatus.Read(processId) is null) throw LiveHeap.Gone(processId);
            throw LiveHeap.Denied(processId, status);
        }
    }

    static InspectReport OfProcess(int processId, ProcessMemory memory)
    {
        List<FileMapping> mappings = ProcessMaps.Read(processId);
        string program = HeapLocator.ProgramPath(processId);
        FileMapping start = mappings.Find(mapping => mapping.Path == program);
        if (program.Length == 0 || start.End == 0) throw new InspectException($"process {processId} runs no program: it belongs to the kernel, or is not to be read");
        LoadedObject subject = ProcessImage.Read(processId, start, null, memory) ?? throw new InspectException($"process {processId}: {program} is for another machine, or can't be read");
        subject.Bias ??= 0;

        var notes = new List<string>();
        List<LoadedObject> objects = ProcessImage.All(processId, subject, mappings, memory);
        LoaderSettings settings = LoaderSettings.Of(processId);
        LoadReasons.Explain(objects, settings);
        foreach (LoadedObject each in objects) ReadSlots(each, objects, mappings, memory);
        if (objects.Count == 1 && subject.Dynamic is not null && subject.Elf.Interpreter.Length > 0)
            notes.Add("The loader's list could not be read: the libraries are missing here.");
        AddLimits(notes, subject);
        return new InspectReport
        {
            Kind = SubjectKind.Process,
            ProcessId = processId,
            Title = ProgramName.Of(processId, program, memory),
            Objects = objects,
            IsBindNowSet = settings.IsBindNow,
            Areas = MemoryAreas.Read(processId),
            Notes = notes,
        };
    }

    static void ReadSlots(LoadedObject owner, List<LoadedObject> objects, List<FileMapping> mappings, IByteSource memory)
    {
        var uses = new List<SlotUse>();
        Span<byte> word = stackalloc byte[8];
        foreach (SlotUse use in owner.Slots)
        {
            if (owner.Bias is not { } bias || !memory.Read(bias + use.Slot.Address, word))
            {
                uses.Add(use);
                continue;
            }
            ulong target = BinaryPrimitives.ReadUInt64LittleEndian(word);
            string path = mappings.Find(mapping => target >= mapping.Start && target < mapping.End).Path ?? "";
            // Not bound yet, a slot of the PLT points back into its own file, or still holds an address from the file.
            bool isOwn = path == owner.Path && owner.AddressOf(use.Slot.Name) != target;
            SlotState state = target == 0 ? SlotState.Empty
                : use.Slot.Kind == ElfSlotKind.Plt && isOwn && !objects.Exists(each => each.AddressOf(use.Slot.Name) == target) ? SlotState.Pending
                : SlotState.Resolved;
            uses.Add(use with { State = state, TargetAddress = target, TargetPath = path });
        }
        owner.Slots = uses;
    }
}
