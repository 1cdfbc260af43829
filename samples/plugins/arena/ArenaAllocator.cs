using System.Runtime.InteropServices;
using System.Threading;
using Lampyris;

// An allocator that never frees: a block is the next piece of a mapping, and what is given back stays where it is. For a
// program that runs for a moment there is none faster. Without locks, so a fork finds it whole. The same file serves a plugin
// (ArenaPlugin.cs, from which `dotnet build -c Release` makes bin/libarena.so) and a .NET program:
//   GlobalAllocator.Use(default(ArenaAllocator));
unsafe struct ArenaAllocator : IMemoryAllocator
{
    const nuint Granule = 16, OsPage = 4096;
    const nuint ChunkBytes = 64 * Units.MiB;            // address space; memory is there once it is touched
    const nuint AloneMinBytes = ChunkBytes / 8;         // a larger block gets a mapping of its own

    // At the start of each mapping, a granule long.
    [StructLayout(LayoutKind.Sequential, Size = (int)Granule)]
    struct Chunk
    {
        public nuint UsedBytes;                         // of the whole; grows past the end when there is no room left
    }

    nuint _chunk;                                       // Chunk* to take blocks from; any thread, by compare-and-swap
    nuint _givenOutBytes, _mappedBytes;

    public void* Allocate(nuint bytes) => AllocateAligned(Granule, bytes);

    public void Deallocate(void* block) { }

    public void* AllocateAligned(nuint alignment, nuint bytes)
    {
        if (alignment < Granule) alignment = Granule;
        if (bytes > nuint.MaxValue / 4 || alignment > nuint.MaxValue / 4) return null;
        // Room for the alignment, and at least a granule, so that each block is another.
        nuint needed = Bits.RoundUp(bytes + alignment - Granule + (bytes == 0 ? 1u : 0u), Granule);
        nuint start = needed >= AloneMinBytes ? Map(needed) : Take(needed);
        if (start == 0) return null;
        Atomic.Add(ref _givenOutBytes, bytes);
        return (void*)Bits.RoundUp(start, alignment);
    }

    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        StatusLine line = default;
        line.Begin("arena"u8);
        line.Add("given out"u8, Volatile.Read(ref _givenOutBytes));
        line.Add("mapped"u8, Volatile.Read(ref _mappedBytes));
        line.CopyTo(buffer, bufferBytes);
    }

    public bool Profile(bool active, byte* prefix) => false;

    nuint Take(nuint bytes)
    {
        while (true)
        {
            Chunk* chunk = (Chunk*)Volatile.Read(ref _chunk);
            if (chunk != null)
            {
                nuint end = Atomic.Add(ref chunk->UsedBytes, bytes);
                if (end <= ChunkBytes) return (nuint)chunk + end - bytes;
            }
            Chunk* fresh = (Chunk*)Map(ChunkBytes);
            if (fresh == null) return 0;
            fresh->UsedBytes = (nuint)sizeof(Chunk);
            // Another thread may have been faster: then this chunk is lost, which costs address space only.
            Interlocked.CompareExchange(ref _chunk, (nuint)fresh, (nuint)chunk);
        }
    }

    nuint Map(nuint bytes)
    {
        bytes = Bits.RoundUp(bytes, OsPage);
        void* mapping = CLibrary.Map(bytes);
        if (mapping != null) Atomic.Add(ref _mappedBytes, bytes);
        return (nuint)mapping;
    }
}
