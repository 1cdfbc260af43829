namespace Lampyris;

/// <summary>
/// An allocator that a host can pick when it runs: the interface that the 3FS file system puts before all its memory.
/// A struct that implements it becomes a plugin for native hosts (docs/writing-a-plugin.md) or serves a .NET process.
/// </summary>
/// <remarks>All methods may be called by any thread at any time, also while the process exits.</remarks>
public unsafe interface IMemoryAllocator
{
    /// <summary>A block of at least <paramref name="bytes"/>, 0 and up, aligned for any object of that size (at a multiple of 16 from 16 bytes on); null when there is no memory. As malloc.</summary>
    void* Allocate(nuint bytes);

    /// <summary>Takes back a block of <see cref="Allocate"/> or <see cref="AllocateAligned"/>; null does nothing. As free.</summary>
    void Deallocate(void* block);

    /// <summary>As <see cref="Allocate"/>, at a multiple of <paramref name="alignment"/>, a power of two. As memalign.</summary>
    void* AllocateAligned(nuint alignment, nuint bytes);

    /// <summary>
    /// Writes one line that says how the allocator is doing, without a line feed, cut to
    /// <paramref name="bufferBytes"/> and always terminated by a zero byte; nothing where there is no room even for that.
    /// </summary>
    void WriteStatus(byte* buffer, nuint bufferBytes);

    /// <summary>
    /// If profiling is on, writes a profile now to files whose names begin with <paramref name="prefix"/> (null: the prefix
    /// of before); then switches profiling to <paramref name="active"/>. False when it can't.
    /// </summary>
    bool Profile(bool active, byte* prefix);
}
