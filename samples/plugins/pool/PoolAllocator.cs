using System.Threading;
using Lampyris;

// A pool for each block size from 16 to 1024 bytes in steps of 16; whatever is larger, or aligned to more, is malloc's. All pools lie
// in one stretch of address space, so a block's address alone tells its pool. Without locks: the free blocks of a pool are a
// stack linked by index, whose head is one word, the first block's index + 1 and a count of all changes, so that a
// compare-and-swap notices when the same block has come back meanwhile (Treiber's stack, 1986).
// The same file serves a plugin (PoolPlugin.cs) and a .NET program: GlobalAllocator.Use(default(PoolAllocator));
unsafe struct PoolAllocator : IMemoryAllocator
{
    const int Step = 16, PoolCount = 64, MaxBytes = PoolCount * Step;
    const nuint PoolBytes = 256 * Units.MiB;            // address space; memory is there once it is touched

    // By pool. Any thread, by compare-and-swap.
    fixed ulong _heads[PoolCount];                      // count of changes << 32 | index + 1 of the first free block
    fixed uint _cut[PoolCount];                         // blocks cut from the pool's stretch so far

    nuint _pools;                                       // where they begin; 0 until the first request

    public void* Allocate(nuint bytes)
    {
        if (bytes > MaxBytes || !HasPools()) return CLibrary.Allocate(bytes);
        int pool = bytes == 0 ? 0 : (int)((bytes - 1) / Step);
        void* block = Pop(pool);
        if (block == null) block = Cut(pool);
        return block != null ? block : CLibrary.Allocate(bytes);
    }

    public void* AllocateAligned(nuint alignment, nuint bytes) => alignment <= Step ? Allocate(bytes) : CLibrary.AllocateAligned(alignment, bytes);

    public void Deallocate(void* block)
    {
        nuint offset = (nuint)block - _pools;
        if (_pools != 0 && offset < AllPoolsBytes) Push((int)(offset / PoolBytes), (uint*)block);
        else CLibrary.Free(block);
    }

    public void WriteStatus(byte* buffer, nuint bufferBytes)
    {
        ulong blocks = 0, bytes = 0;
        for (int pool = 0; pool < PoolCount; pool++)
        {
            ulong cut = Volatile.Read(ref _cut[pool]);
            blocks += cut;
            bytes += cut * BlockBytes(pool);
        }
        StatusLine line = default;
        line.Begin("pool"u8);
        line.Add("blocks"u8, blocks);
        line.Add("bytes"u8, bytes);
        line.CopyTo(buffer, bufferBytes);
    }

    public bool Profile(bool active, byte* prefix) => false;

    static nuint AllPoolsBytes => unchecked(PoolCount * PoolBytes);

    static uint BlockBytes(int pool) => (uint)(pool + 1) * Step;

    uint* BlockAt(int pool, uint index) => (uint*)(_pools + (nuint)pool * PoolBytes + (nuint)index * BlockBytes(pool));

    void* Pop(int pool)
    {
        ulong seen = Volatile.Read(ref _heads[pool]);
        while ((uint)seen != 0)
        {
            uint* block = BlockAt(pool, (uint)seen - 1);
            // Another thread may own the block by now, and this may be anything: then the exchange fails.
            ulong wanted = Changed(seen) | Volatile.Read(ref *block);
            ulong before = Interlocked.CompareExchange(ref _heads[pool], wanted, seen);
            if (before == seen) return block;
            seen = before;
        }
        return null;
    }

    void Push(int pool, uint* block)
    {
        uint index = (uint)(((nuint)block - (nuint)BlockAt(pool, 0)) / BlockBytes(pool));
        ulong seen = Volatile.Read(ref _heads[pool]);
        while (true)
        {
            Volatile.Write(ref *block, (uint)seen);
            ulong before = Interlocked.CompareExchange(ref _heads[pool], Changed(seen) | (index + 1), seen);
            if (before == seen) return;
            seen = before;
        }
    }

    static ulong Changed(ulong head) => (head & ~(ulong)uint.MaxValue) + (1UL << 32);

    // Null: the pool is used up.
    void* Cut(int pool)
    {
        uint seen = Volatile.Read(ref _cut[pool]);
        while ((nuint)(seen + 1) * BlockBytes(pool) <= PoolBytes)
        {
            uint before = Interlocked.CompareExchange(ref _cut[pool], seen + 1, seen);
            if (before == seen) return BlockAt(pool, seen);
            seen = before;
        }
        return null;
    }

    // False: the address space is refused.
    bool HasPools()
    {
        if (Volatile.Read(ref _pools) != 0) return true;
        nuint fresh = (nuint)CLibrary.Map(AllPoolsBytes);
        if (fresh == 0) return false;
        // Another thread may have been faster: then this stretch is lost, which costs address space only.
        Interlocked.CompareExchange(ref _pools, fresh, 0);
        return true;
    }
}
