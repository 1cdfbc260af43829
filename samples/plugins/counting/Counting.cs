using System.Runtime;
using System.Threading;
using Lampyris;

// The smallest useful plugin: malloc, and a count of what is live. `dotnet build -c Release` makes bin/libcounting.so.
unsafe struct Counting : IMemoryAllocator
{
    ulong _allocated, _freed;           // blocks; any thread

    [RuntimeExport("getMemoryAllocator")]
    static PluginObject* GetMemoryAllocator() => Plugin.Export(default(Counting));

    public void* Allocate(nuint bytes) => Count(CLibrary.Allocate(bytes));

    public void* AllocateAligned(nuint alignment, nuint bytes) => Count(CLibrary.AllocateAligned(alignment, bytes));

    public void Deallocate(void* block)
    {
        if (block == null) return;
        Interlocked.Increment(ref _freed);
        CLibrary.Free(block);
    }

    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        ulong freed = Volatile.Read(ref _freed), allocated = Volatile.Read(ref _allocated);     // in this order: never less than nothing lives
        StatusLine line = default;
        line.Begin("counting"u8);
        line.Add("allocated blocks"u8, allocated);
        line.Add("live blocks"u8, allocated - freed);
        line.CopyTo(buffer, bufferBytes);
    }

    public bool Profile(bool active, byte* prefix) => false;

    void* Count(void* block)
    {
        if (block != null) Interlocked.Increment(ref _allocated);
        return block;
    }
}
