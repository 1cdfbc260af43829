using System.Runtime.CompilerServices;

namespace Lampyris;

// Everything that depends on the size or the alignment of a block: realloc, calloc, memalign, usable size.
public static unsafe partial class Heap
{
    // A block of this size that grows gets a mapping with headroom: it is likely to grow again.
    internal const int GrowingMinBytes = 8 * Units.MiB;

    /// <summary>
    /// The block at its new size, moved if it must be. A null block is <see cref="Allocate"/>; 0 bytes frees and gives
    /// null, as in the C library. Null and errno ENOMEM when refused: the old block is as it was.
    /// </summary>
    public static void* Reallocate(void* block, nuint bytes, ThreadCache* cache)
    {
        if (block != null)
        {
            nuint usable = UsableBytesByTag(block, cache);
            if (bytes - 1 < usable && bytes > usable / 2) return block;
        }
        return ReallocateUnusual(block, bytes, cache);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void* ReallocateUnusual(void* block, nuint bytes, ThreadCache* cache)
    {
        if (block == null) return Allocate(bytes, cache);
        if (bytes == 0)
        {
            Free(block, cache);
            return null;
        }
        if (bytes > RequestMaxBytes) return OutOfMemory(bytes);
        nuint usable = UsableBytesByTag(block, cache);
        Page* untagged = null;
        if (usable == 0)
        {
            untagged = LivePageOf(block);
            usable = UsableBytesOf(untagged);
        }
        // Stay while at least half of the block is used, or there is no smaller one.
        if (bytes <= usable && (bytes > usable / 2 || usable == SizeClasses.Granule)) return block;
        if (untagged != null && untagged->Kind != PageKind.Small && bytes > SizeClasses.SharedMaxBytes)
        {
            if (LargeAllocation.TryResize(untagged, bytes))
            {
                Sampling.Replace(Root, untagged, bytes);
                return block;
            }
            if (bytes > usable && usable >= GrowingMinBytes)
            {
                void* grown = LargeAllocation.Grow(untagged, bytes);
                if (grown != null) return grown;
            }
        }
        bool mayStretch = bytes > usable && bytes > SizeClasses.SharedMaxBytes;     // it is likely to grow again
        bool clean = false;
        void* moved = mayStretch ? LargeAllocation.Allocate(bytes, 1, out clean) : Allocate(bytes, cache);
        if (moved == null) return bytes <= usable ? block : null;
        if (clean) LargeAllocation.CopyToClean(block, moved, usable);
        else RawMemory.Copy(block, moved, bytes < usable ? bytes : usable);
        Free(block, cache);
        return moved;
    }

    /// <summary>A block of zeros. As <see cref="Allocate"/> otherwise.</summary>
    public static void* AllocateZeroed(nuint bytes, ThreadCache* cache)
    {
        if (bytes > SizeClasses.SharedMaxBytes)
        {
            void* large = LargeAllocation.Allocate(bytes, 1, out bool clean);
            if (large != null && !clean) RawMemory.Clear(large, bytes);
            return large;
        }
        void* block = Allocate(bytes, cache);
        if (block != null) RawMemory.Clear(block, bytes);
        return block;
    }

    /// <summary>A block at a multiple of <paramref name="alignment"/>, a power of two of any size. As <see cref="Allocate"/> otherwise.</summary>
    public static void* AllocateAligned(nuint alignment, nuint bytes, ThreadCache* cache)
    {
        if (alignment <= SizeClasses.Granule) return Allocate(bytes, cache);
        if (alignment > Segment.SliceBytes || bytes > SizeClasses.MaxBytes)
            return LargeAllocation.Allocate(bytes, alignment, out _);
        // Pages begin at slices, so a block is as aligned as its size. The class of a multiple of the alignment has such a size: where the
        // classes' distance is no multiple of the alignment itself, it divides it, and the request is a class of its own.
        nuint atLeast = bytes < alignment ? alignment : bytes;
        return Allocate(atLeast + alignment - 1 & ~(alignment - 1), cache);
    }

    /// <summary>Bytes of a live block that may be used; 0 for null.</summary>
    public static nuint UsableBytes(void* block, ThreadCache* cache)
    {
        if (block == null) return 0;
        nuint usable = UsableBytesByTag(block, cache);
        return usable != 0 ? usable : UsableBytesOf(LivePageOf(block));
    }

    /// <summary>As <see cref="UsableBytes"/>, by way of the calling thread's bins, without a look at the page, which may be another thread's; 0: the block has no tag, or the thread no cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static nuint UsableBytesByTag(void* block, ThreadCache* cache) => BinAt(cache, *Region.Tag(block) - Region.SmallTag)->BlockBytes;

    static nuint UsableBytesOf(Page* page) => page->Kind == PageKind.Small ? page->BlockBytes : page->LargeBytes;

    static Page* LivePageOf(void* block)
    {
        Page* page = Segment.PageOf(block);
        Check.Always(page->Kind != PageKind.None, "this block is not live: freed already, or never allocated"u8, block);
        return page;
    }
}
