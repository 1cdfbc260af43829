using System;

namespace Lampyris;

// The profile of this moment as the text that jeprof, google-pprof and `go tool pprof` read: gperftools' "heap profile", whose
// figures are taken as they are (ours are estimates of the truth, not raw samples, so nothing is to be scaled). Under
// the recorder's lock.
static unsafe class HeapText
{
    const int CopyBytes = 2048;

    /// <summary>Writes it to a new file. False when that can't be made or there is no room.</summary>
    public static bool Write(byte* path)
    {
        ProfileFile file = default;
        if (file.Create(path) != 0) return false;
        SampleWeight live = default, allocated = default;
        for (uint i = 0; i < StackTable.Count; i++)
        {
            Add(ref live, StackTable.At(i)->Live);
            Add(ref allocated, StackTable.At(i)->Allocated);
        }
        Line(ref file, "heap profile: "u8, live, allocated);
        Text(ref file, " heapprofile\n"u8);
        for (uint i = 0; i < StackTable.Count; i++) Stack(ref file, StackTable.At(i));
        Text(ref file, "\nMAPPED_LIBRARIES:\n"u8);
        Maps(ref file);
        bool isWhole = !file.IsBroken;
        file.Close();
        return isWhole;
    }

    static void Maps(ref ProfileFile file)
    {
        byte* text = stackalloc byte[CopyBytes];
        int maps;
        fixed (byte* path = "/proc/self/maps\0"u8) maps = OsFile.OpenForReading(path);
        if (maps < 0) return;
        for (int length; (length = OsFile.ReadNext(maps, text, CopyBytes)) > 0;) file.Append(text, (nuint)length);
        OsFile.Close(maps);
    }

    static void Stack(ref ProfileFile file, Stack* stack)
    {
        if (stack->Depth == 0 || stack->Allocated.Bytes == 0) return;
        Line(ref file, ""u8, stack->Live, stack->Allocated);
        for (int i = 0; i < stack->Depth; i++)
        {
            TextLine line = default;
            line.Append((byte)' ');
            line.AppendHex(stack->Addresses[i]);
            Put(ref file, line);
        }
        Text(ref file, "\n"u8);
    }

    static void Line(ref ProfileFile file, ReadOnlySpan<byte> title, SampleWeight live, SampleWeight allocated)
    {
        TextLine line = default;
        line.Append(title);
        Pair(ref line, live);
        line.Append(" ["u8);
        Pair(ref line, allocated);
        line.Append("] @"u8);
        Put(ref file, line);
    }

    static void Pair(ref TextLine line, SampleWeight weight)
    {
        line.AppendDecimal((long)((weight.Millis + 500) / 1000));
        line.Append(": "u8);
        line.AppendDecimal((long)weight.Bytes);
    }

    static void Add(ref SampleWeight sum, SampleWeight weight)
    {
        sum.Bytes += weight.Bytes;
        sum.Millis += weight.Millis;
    }

    static void Put(ref ProfileFile file, in TextLine line)
    {
        byte* text = stackalloc byte[TextLine.MaxBytes];
        file.Append(text, (nuint)line.CopyTo(text));
    }

    static void Text(ref ProfileFile file, ReadOnlySpan<byte> text)
    {
        fixed (byte* start = text) file.Append(start, (nuint)text.Length);
    }
}
