using System;

namespace Lampyris;

// The options, read once from the environment when the heap comes up. This table is their documentation:
// `lampyris run --help` prints it. There are few; each default is right for most.
public static unsafe class Options
{
    public const int PurgeDelayMs = 0, Purge = 1, ProfileInterval = 2, ProfileLimit = 3, Count = 4;

    /// <summary>Name of the variable that asks for a snapshot at exit: "PARENTPID:PATH", see `HeapStats`. Set by `lampyris run`, not by people.</summary>
    public static ReadOnlySpan<byte> ExitSnapshotName => "LAMPYRIS_EXIT_SNAPSHOT\0"u8;

    /// <summary>Name of the variable that asks for a profile: the path of its file, in which %p is the process ID.</summary>
    public static ReadOnlySpan<byte> ProfileName => "LAMPYRIS_PROFILE\0"u8;

    /// <summary>The environment variable's name, without a terminator.</summary>
    public static ReadOnlySpan<byte> Name(int option) => option switch
    {
        PurgeDelayMs => "LAMPYRIS_PURGE_DELAY_MS"u8,
        Purge => "LAMPYRIS_PURGE"u8,
        ProfileInterval => "LAMPYRIS_PROFILE_INTERVAL"u8,
        _ => "LAMPYRIS_PROFILE_LIMIT"u8,
    };

    public static ReadOnlySpan<byte> Help(int option) => option switch
    {
        PurgeDelayMs => "milliseconds that memory stays free before it goes back to the system"u8,
        Purge => "1: give idle memory back in the background; 0: only on malloc_trim"u8,
        ProfileInterval => "with LAMPYRIS_PROFILE=FILE: mean bytes from one sampled allocation to the next; 1: every one"u8,
        _ => "live bytes at which the profile is marked; 0: never"u8,
    };

    public static long Default(int option) => option switch
    {
        PurgeDelayMs => 500,
        Purge => 1,
        ProfileInterval => 512 * Units.KiB,
        _ => 0,
    };

    public static long Minimum(int option) => option switch
    {
        PurgeDelayMs => 10,
        ProfileInterval => 1,
        _ => 0,
    };

    public static long Maximum(int option) => option switch
    {
        PurgeDelayMs => 3_600_000,
        Purge => 1,
        _ => 1_000_000_000_000,
    };

    public static void Read(HeapRoot* root)
    {
        root->PurgeDelayMs = (int)Read(PurgeDelayMs);
        root->PurgeEnabled = (int)Read(Purge);
    }

    /// <summary>The option's value; its default, after one line of warning, where the variable is not a number in range.</summary>
    public static long Read(int option)
    {
        byte* name = stackalloc byte[64];
        ReadOnlySpan<byte> text = Name(option);
        for (int i = 0; i < text.Length; i++) name[i] = text[i];
        name[text.Length] = 0;
        byte* value = Host.GetEnvironment(name);
        if (value == null) return Default(option);
        if (TryParse(value, out long number) && number >= Minimum(option) && number <= Maximum(option)) return number;
        Warn(option, value);
        return Default(option);
    }

    public static bool TryParse(byte* text, out long number)
    {
        number = 0;
        if (*text == 0) return false;
        for (; *text != 0; text++)
        {
            if (*text < '0' || *text > '9' || number > 1_000_000_000_000) return false;
            number = number * 10 + (*text - '0');
        }
        return true;
    }

    static void Warn(int option, byte* value)
    {
        TextLine line = default;
        line.Append("lampyris: "u8);
        line.Append(Name(option));
        line.Append("="u8);
        line.Append(value);
        line.Append(" is not a number from "u8);
        line.AppendDecimal(Minimum(option));
        line.Append(" to "u8);
        line.AppendDecimal(Maximum(option));
        line.Append("; using "u8);
        line.AppendDecimal(Default(option));
        ErrorOutput.Write(line);
    }
}
