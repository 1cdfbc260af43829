using System.Collections.Generic;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The program and the libraries of a process, in the order of its loader's own list. Each is read from the very file
// that is mapped, or, where that is gone, from memory.
internal static class ProcessImage
{
    /// <summary>All of them, the program first. Only the program when there is no list to be read, as in a static one.</summary>
    public static List<LoadedObject> All(int processId, LoadedObject program, List<FileMapping> mappings, ProcessMemory memory)
    {
        var objects = new List<LoadedObject> { program };
        if (program.Dynamic is not { DebugWord: { } word } || program.Bias is not { } bias) return objects;
        foreach (LinkMapEntry entry in LinkMap.Read(memory, bias + word))
        {
            FileMapping inside = mappings.Find(mapping => entry.DynamicAddress >= mapping.Start && entry.DynamicAddress < mapping.End);
            // No file: the kernel's own [vdso].
            if (inside.Path is null || objects.Exists(each => each.Path == inside.Path)) continue;
            FileMapping start = mappings.Find(mapping => mapping.Path == inside.Path);
            if (Read(processId, start, entry.Bias, memory) is { } found) objects.Add(found);
        }
        return objects;
    }

    /// <summary>Null when neither file nor memory makes sense.</summary>
    /// <param name="start">The first mapping of the file.</param>
    /// <param name="bias">As the loader has it; null to work it out.</param>
    public static LoadedObject? Read(int processId, in FileMapping start, ulong? bias, ProcessMemory memory)
    {
        using FileBytes? file = HeapLocator.OpenMapped(processId, start);
        LoadedObject? found = file is null ? null : LoadedObject.Read(file, start.Path);
        if (found is null)
        {
            var image = new ElfImage.Shifted(memory, start.Start);
            if (ElfFile.Read(image) is not { Is64Bit: true } elf || elf.Machine != ElfFile.HostMachine) return null;
            found = LoadedObject.ReadImage(memory, elf, bias ?? Bias(elf, start), start.Path);
        }
        if (found is not null) found.Bias = bias ?? Bias(found.Elf, start);
        return found;
    }

    static ulong Bias(ElfFile elf, in FileMapping start) =>
        elf.Type == ElfFile.TypeExecutable || elf.FirstLoad is not { } load ? 0 : start.Start - start.Offset - (load.Address - load.Offset);
}
