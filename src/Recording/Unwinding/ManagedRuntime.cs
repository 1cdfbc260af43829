using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

// Finds out where CoreCLR (.NET 10) keeps what it knows of its code, from the data contract descriptor that it exports for debuggers: a JSON
// text with the offsets of fields, and the addresses of globals. Another version of the contract that is relied on here
// means that nothing is known.
static unsafe class ManagedRuntime
{
    const ulong Magic = 0x0043_4144_4343_4E44;  // "DNCCDAC\0"
    const uint Flags64Bit = 1;                  // bit 0 is always set, bit 1 on systems of 32 bits only
    const int SupportedExecutionManager = 2;
    const int MostDescriptorBytes = 1 << 20, MostPointers = 1 << 12;
    const int AttemptShift = 30;                // of the clock: a third of a second

    /// <summary>Where a field is, in bytes from its structure's start.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Layout
    {
        public ulong CodeRangeMap;              // address of the top level's table
        public ulong LastStubKind;
        public ulong Anchor;                    // an address in the runtime itself
        public long FragmentNext, FragmentBegin, FragmentEnd, FragmentSection;
        public long SectionBegin, SectionEnd, SectionFlags, SectionHeaps, SectionModule;
        public long HeapMapBase, HeapMap, HeapStart, HeapEnd;
        public long HeaderUnwindCount, HeaderUnwinds;
        public long ModuleReadyToRun, ReadyToRunCount, ReadyToRunFunctions, ReadyToRunComposite;
        // What tells a method from its code; all of it, or `HasMethods` is false.
        public bool HasMethods;
        public long HeaderMethod, ReadyToRunMethods, MapBuckets, BucketBytes, BucketValues, BucketSlots, BucketValueMask;
        public long MethodChunkIndex, MethodFlags, MethodUnit, ChunkBytes, ChunkType;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Descriptor
    {
        public ulong Magic;
        public uint Flags, TextBytes;
        public byte* Text;
        public uint PointerCount, Padding;
        public ulong* Pointers;
    }

    enum State { NotFound, Known, Unusable }

    static Layout* s_layout;                    // in a mapping, where no collector moves it
    static int s_state;
    static ulong s_lastAttempt;

    /// <summary>The layout, or null when there is no such runtime in the process (yet).</summary>
    public static bool TryGet(out Layout* layout)
    {
        int state = Volatile.Read(ref s_state);     // pairs with the write in `Find`
        if (state == (int)State.NotFound) state = Find();
        layout = s_layout;
        return state == (int)State.Known;
    }

    // Looks again from time to time: the runtime may be loaded later than the first code that nobody knows is met.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Find()
    {
        ulong attempt = UnwindHost.Ticks() >> AttemptShift;
        if (attempt == s_lastAttempt) return (int)State.NotFound;
        s_lastAttempt = attempt;
        ulong symbol = LoadedSymbol.Find("DotNetRuntimeContractDescriptor\0"u8, "libcoreclr.so"u8);
        if (symbol == 0) return (int)State.NotFound;
        var descriptor = (Descriptor*)symbol;
        if (descriptor->Magic != Magic || descriptor->Text == null || descriptor->Pointers == null) return (int)State.NotFound;     // not relocated yet
        // Threads that come here at the same time write the same; all but one of their mappings are lost.
        Layout layout = default;
        bool known = descriptor->Flags == Flags64Bit && Read(descriptor, ref layout);
        if (known)
        {
            var place = (Layout*)OsMemory.Map(OsMemory.OsPage);
            if (place == null) return (int)State.NotFound;
            *place = layout;
            s_layout = place;
        }
        Volatile.Write(ref s_state, (int)(known ? State.Known : State.Unusable));
        return s_state;
    }

    static bool Read(Descriptor* descriptor, ref Layout layout)
    {
        if (descriptor->TextBytes > MostDescriptorBytes || descriptor->PointerCount > MostPointers) return false;
        var text = new JsonText(descriptor->Text, descriptor->Text + descriptor->TextBytes);
        if (!text.TryGet("types"u8, out JsonText types) || !text.TryGet("globals"u8, out JsonText globals) || !text.TryGet("contracts"u8, out JsonText contracts)) return false;
        if (!contracts.TryGet("ExecutionManager"u8, out JsonText contract) || !contract.TryGetNumber(out long version) || version != SupportedExecutionManager) return false;

        if (!globals.TryGet("StubCodeBlockLast"u8, out JsonText kind) || !kind.TryGetNumber(out long lastStubKind)) return false;
        layout.LastStubKind = (ulong)lastStubKind;
        if (!globals.TryGet("ExecutionManagerCodeRangeMapAddress"u8, out JsonText map) || !map.TryGetNumber(out long pointer)) return false;
        if ((ulong)pointer >= descriptor->PointerCount) return false;
        if (!Field(types, "RangeSectionMap"u8, "TopLevelData"u8, out long top)) return false;
        layout.CodeRangeMap = descriptor->Pointers[pointer] + (ulong)top;

        layout.HasMethods = ReadMethods(types, globals, ref layout);
        layout.Anchor = (ulong)descriptor;

        return layout.CodeRangeMap != 0
            && Field(types, "RangeSectionFragment"u8, "Next"u8, out layout.FragmentNext)
            && Field(types, "RangeSectionFragment"u8, "RangeBegin"u8, out layout.FragmentBegin)
            && Field(types, "RangeSectionFragment"u8, "RangeEndOpen"u8, out layout.FragmentEnd)
            && Field(types, "RangeSectionFragment"u8, "RangeSection"u8, out layout.FragmentSection)
            && Field(types, "RangeSection"u8, "RangeBegin"u8, out layout.SectionBegin)
            && Field(types, "RangeSection"u8, "RangeEndOpen"u8, out layout.SectionEnd)
            && Field(types, "RangeSection"u8, "Flags"u8, out layout.SectionFlags)
            && Field(types, "RangeSection"u8, "HeapList"u8, out layout.SectionHeaps)
            && Field(types, "RangeSection"u8, "R2RModule"u8, out layout.SectionModule)
            && Field(types, "CodeHeapListNode"u8, "MapBase"u8, out layout.HeapMapBase)
            && Field(types, "CodeHeapListNode"u8, "HeaderMap"u8, out layout.HeapMap)
            && Field(types, "CodeHeapListNode"u8, "StartAddress"u8, out layout.HeapStart)
            && Field(types, "CodeHeapListNode"u8, "EndAddress"u8, out layout.HeapEnd)
            && Field(types, "RealCodeHeader"u8, "NumUnwindInfos"u8, out layout.HeaderUnwindCount)
            && Field(types, "RealCodeHeader"u8, "UnwindInfos"u8, out layout.HeaderUnwinds)
            && Field(types, "Module"u8, "ReadyToRunInfo"u8, out layout.ModuleReadyToRun)
            && Field(types, "ReadyToRunInfo"u8, "NumRuntimeFunctions"u8, out layout.ReadyToRunCount)
            && Field(types, "ReadyToRunInfo"u8, "RuntimeFunctions"u8, out layout.ReadyToRunFunctions)
            && Field(types, "ReadyToRunInfo"u8, "CompositeInfo"u8, out layout.ReadyToRunComposite);
    }

    static bool ReadMethods(in JsonText types, in JsonText globals, ref Layout layout) =>
        Field(types, "RealCodeHeader"u8, "MethodDesc"u8, out layout.HeaderMethod)
        && Field(types, "ReadyToRunInfo"u8, "EntryPointToMethodDescMap"u8, out layout.ReadyToRunMethods)
        && Field(types, "HashMap"u8, "Buckets"u8, out layout.MapBuckets)
        && Field(types, "Bucket"u8, "!"u8, out layout.BucketBytes)
        && Field(types, "Bucket"u8, "Values"u8, out layout.BucketValues)
        && Field(types, "MethodDesc"u8, "ChunkIndex"u8, out layout.MethodChunkIndex)
        && Field(types, "MethodDesc"u8, "Flags"u8, out layout.MethodFlags)
        && Field(types, "MethodDescChunk"u8, "!"u8, out layout.ChunkBytes)
        && Field(types, "MethodDescChunk"u8, "MethodTable"u8, out layout.ChunkType)
        && Global(globals, "HashMapSlotsPerBucket"u8, out layout.BucketSlots)
        && Global(globals, "HashMapValueMask"u8, out layout.BucketValueMask)
        && Global(globals, "MethodDescAlignment"u8, out layout.MethodUnit);

    static bool Global(in JsonText globals, ReadOnlySpan<byte> name, out long value)
    {
        value = 0;
        return globals.TryGet(name, out JsonText text) && text.TryGetNumber(out value);
    }

    static bool Field(in JsonText types, ReadOnlySpan<byte> type, ReadOnlySpan<byte> name, out long offset)
    {
        offset = 0;
        return types.TryGet(type, out JsonText fields) && fields.TryGet(name, out JsonText field) && field.TryGetNumber(out offset);
    }
}
