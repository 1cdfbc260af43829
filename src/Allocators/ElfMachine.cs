using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;

namespace Lampyris;

// For which processor a library was built. glibc's loader says "No such file or directory" of one for another.
static class ElfMachine
{
    const int MachineOffset = 18;

    /// <summary>What to say when the file is a library for another processor than this process's; else null.</summary>
    public static string? Mismatch(string path)
    {
        Span<byte> head = stackalloc byte[MachineOffset + 2];
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length) return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;                        // the loader's own words tell
        }
        if (!head.StartsWith("\x7F"u8) || !head[1..].StartsWith("ELF"u8)) return null;
        string machine = Name(BinaryPrimitives.ReadUInt16LittleEndian(head[MachineOffset..]));
        string ours = RuntimeInformation.ProcessArchitecture.ToString();
        return machine == ours ? null : $"it was built for {machine}, and this process is {ours}";
    }

    // As `Architecture` names them.
    static string Name(ushort machine) => machine switch
    {
        3 => nameof(Architecture.X86),
        40 => nameof(Architecture.Arm),
        62 => nameof(Architecture.X64),
        183 => nameof(Architecture.Arm64),
        243 => nameof(Architecture.RiscV64),
        258 => nameof(Architecture.LoongArch64),
        _ => $"processor {machine}",
    };
}
