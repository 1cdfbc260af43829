using System;

namespace Lampyris;

// Writes the records of docs/profile-format.md to the profile's file, or to another one that is complete in itself.
// Under the recorder's lock.
public static unsafe class ProfileWriter
{
    const int ScratchBytes = 64 * Units.KiB;
    const int HeaderBytes = 32;

    static ProfileFile s_file;
    static byte* s_scratch;
    static ulong s_lastTimeUs;

    /// <summary>The profile's clock at the last record with a time.</summary>
    public static ulong LastTimeUs => s_lastTimeUs;

    /// <summary>The profile's own file.</summary>
    public static ref ProfileFile File => ref s_file;

    /// <summary>Gets memory to build records in. False when it is refused.</summary>
    public static bool Open()
    {
        if (s_scratch == null) s_scratch = OsMemory.Map(ScratchBytes);
        return s_scratch != null;
    }

    /// <summary>Begins the file with header and Process record.</summary>
    public static void Begin(long intervalBytes, int parentProcessId)
    {
        s_lastTimeUs = 0;
        WriteHeader(ref s_file, intervalBytes, parentProcessId);
    }

    public static void Allocation(uint stack, SampleWeight weight) => Event(RecordKind.Allocation, stack, weight);

    public static void Free(uint stack, SampleWeight weight) => Event(RecordKind.Free, stack, weight);

    static void Event(RecordKind kind, uint stack, SampleWeight weight)
    {
        RecordBuffer record = NewRecord();
        record.Put(Delta());
        record.Put(stack);
        record.Put(weight);
        record.AppendTo(ref s_file, kind);
    }

    public static void Memory(ulong residentBytes, ulong liveBytes)
    {
        RecordBuffer record = NewRecord();
        record.Put(Delta());
        record.Put(residentBytes);
        record.Put(liveBytes);
        record.AppendTo(ref s_file, RecordKind.Memory);
    }

    public static void Mark(MarkReason reason, nuint value)
    {
        RecordBuffer record = NewRecord();
        record.Put(Delta());
        record.Put((ulong)reason);
        record.Put(value);
        record.AppendTo(ref s_file, RecordKind.Mark);
    }

    public static void Lost(ulong count)
    {
        RecordBuffer record = NewRecord();
        record.Put(count);
        record.AppendTo(ref s_file, RecordKind.Lost);
    }

    /// <summary>The last record.</summary>
    public static void End(EndReason reason) => End(ref s_file, Delta(), reason);

    /// <summary>A new module, in the profile's own file.</summary>
    public static void Module(uint number, LoadedModule* module) => Module(ref s_file, number, module);

    /// <summary>A new thread name, in the profile's own file.</summary>
    public static void Thread(uint number, ThreadName name) => Thread(ref s_file, number, name);

    /// <summary>A new stack, in the profile's own file.</summary>
    public static void Stack(uint number, Stack* stack) => Stack(ref s_file, number, stack);

    /// <summary>The name of an address, in the profile's own file and in those that are to come. The texts end in 0.</summary>
    public static void Symbol(ulong address, SymbolKind kind, byte* function, byte* library)
    {
        RecordBuffer record = NewRecord();
        record.Put(address);
        record.Put(1u);
        record.Put((ulong)kind);
        record.PutText(function);
        record.PutText(library);
        record.Put(0u);                         // no file
        record.Put(0u);                         // no line
        byte* finished = record.Finish(RecordKind.Symbol, out nuint bytes);
        if (finished == null) return;
        SymbolRecords.Add(finished, bytes);
        s_file.Append(finished, bytes);
    }

    /// <summary>All sums so far, in the profile's own file: what it needs to go on from here.</summary>
    public static void WriteState() => WriteState(ref s_file, Delta());

    /// <summary>Writes a file that is complete in itself. False when it can't be made or there is no room.</summary>
    public static bool WriteDump(byte* path, long intervalBytes)
    {
        ProfileFile file = default;
        if (file.Create(path) != 0) return false;
        WriteHeader(ref file, intervalBytes, 0);
        WriteState(ref file, ProfileClock.Now);
        End(ref file, 0, EndReason.Dump);
        bool isWhole = !file.IsBroken;
        file.Close();
        return isWhole;
    }

    /// <summary>Replaces the profile's file by one that says the same in sums. False when there is no room for it: the file is as it was.</summary>
    public static bool Compact(byte* path, long intervalBytes)
    {
        byte* beside = stackalloc byte[HeapRoot.ProfilePathBytes];
        if (!ProfilePath.TryAppend(path, ".new\0"u8, beside, HeapRoot.ProfilePathBytes)) return false;
        ProfileFile file = default;
        if (file.Create(beside) != 0) return false;
        WriteHeader(ref file, intervalBytes, 0);
        ulong now = ProfileClock.Now;
        WriteState(ref file, now);
        if (file.IsBroken || !OsFile.Rename(beside, path))
        {
            file.Close();
            OsFile.Delete(beside);
            return false;
        }
        file.MovePath(path);
        s_file.Abandon();
        s_file = file;
        s_lastTimeUs = now;
        return true;
    }

    static void WriteHeader(ref ProfileFile file, long intervalBytes, int parentProcessId)
    {
        byte* header = stackalloc byte[HeaderBytes];
        ReadOnlySpan<byte> magic = "LMPYPROF"u8;
        for (int i = 0; i < magic.Length; i++) header[i] = magic[i];
        *(ulong*)(header + 8) = 1 | (ulong)OsThread.ProcessId() << 32;
        *(ulong*)(header + 16) = ProfileClock.StartedUnixNs;
        *(long*)(header + 24) = intervalBytes;
        file.Append(header, HeaderBytes);

        const int MaxCommandBytes = 16 * Units.KiB, MaxPathBytes = 4096;
        byte* text = s_scratch + ScratchBytes - MaxCommandBytes;
        RecordBuffer record = new(s_scratch, ScratchBytes - MaxCommandBytes);
        int length = OsFile.Read("/proc/self/cmdline\0"u8, text, MaxCommandBytes);
        record.PutText(text, length < 0 ? 0 : (nuint)length);
        length = OsFile.ReadLink("/proc/self/exe\0"u8, text, MaxPathBytes);
        record.PutText(text, length < 0 ? 0 : (nuint)length);
        record.Put(parentProcessId == 0 ? 0u : 1u);
        if (parentProcessId != 0) record.Put((ulong)parentProcessId);
        record.AppendTo(ref file, RecordKind.Process);
    }

    // `time`: what the record's delta is to say.
    static void WriteState(ref ProfileFile file, ulong time)
    {
        for (uint i = 0; i < ModuleTable.Count; i++) Module(ref file, i, ModuleTable.At(i));
        SymbolRecords.AppendTo(ref file);
        for (uint i = 0; i < ThreadNames.Count; i++) Thread(ref file, i, ThreadNames.At(i));
        for (uint i = 0; i < StackTable.Count; i++) Stack(ref file, i, StackTable.At(i));
        RecordBuffer record = NewRecord();
        Timeline.Put(ref record);
        record.AppendTo(ref file, RecordKind.Timeline);
        // As long as there are stacks: in memory of its own.
        const uint MostBytesEach = 5 + 6 * 10;
        nuint bytes = Bits.RoundUp((nuint)(StackTable.Count + 1) * MostBytesEach, OsMemory.OsPage);
        byte* buffer = OsMemory.Map(bytes);
        if (buffer == null)
        {
            file.Break();
            return;
        }
        record = new(buffer, (int)bytes);
        record.Put(time);
        record.Put(StackTable.Count);
        for (uint i = 0; i < StackTable.Count; i++)
        {
            Stack* stack = StackTable.At(i);
            record.Put(i);
            record.Put(stack->Allocated);
            record.Put(stack->Live);
            record.Put(StackTable.AtPeak(stack));
        }
        record.AppendTo(ref file, RecordKind.State);
        OsMemory.Unmap(buffer, bytes);
    }

    static void Module(ref ProfileFile file, uint number, LoadedModule* module)
    {
        RecordBuffer record = NewRecord();
        record.Put(number);
        record.Put(module->Start);
        record.Put(module->End);
        record.Put(module->Bias);
        record.PutText(module->Path);
        record.PutText(module->BuildId, module->BuildIdBytes);
        record.AppendTo(ref file, RecordKind.Module);
    }

    static void Thread(ref ProfileFile file, uint number, ThreadName name)
    {
        RecordBuffer record = NewRecord();
        record.Put(number);
        record.PutText((byte*)&name);
        record.AppendTo(ref file, RecordKind.Thread);
    }

    static void Stack(ref ProfileFile file, uint number, Stack* stack)
    {
        RecordBuffer record = NewRecord();
        record.Put(number);
        record.Put(stack->Thread);
        record.Put(stack->Flags);
        record.Put(stack->Depth);
        for (int i = 0; i < stack->Depth; i++)
        {
            if (i == 0) record.Put(stack->Addresses[0]);
            else record.PutSigned((long)(stack->Addresses[i] - stack->Addresses[i - 1]));
        }
        record.AppendTo(ref file, RecordKind.Stack);
    }

    static void End(ref ProfileFile file, ulong delta, EndReason reason)
    {
        RecordBuffer record = NewRecord();
        record.Put(delta);
        record.Put((ulong)reason);
        record.AppendTo(ref file, RecordKind.End);
    }

    static RecordBuffer NewRecord() => new(s_scratch, ScratchBytes);

    // Microseconds since the last record of the profile's file that has a time.
    static ulong Delta()
    {
        ulong now = ProfileClock.Now, delta = now - s_lastTimeUs;
        s_lastTimeUs = now;
        return delta;
    }
}
