using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris;

/// <summary>
/// The process's allocator: the built-in heap, or one that was chosen when the program ran. The choice is made by the first
/// call, once for all threads: what the program gave to <see cref="Use(string)"/>, else the plugin that the environment
/// variable MEMORY_ALLOCATOR_LIB_PATH names, else the built-in heap.
/// </summary>
/// <remarks>
/// As malloc, the methods return null when there is no memory; they throw nothing. Any thread may call them at any time, also
/// after <see cref="Shutdown"/>, and may free what another one has allocated. With the built-in heap, nothing stands
/// between a call and the heap: the choice is a constant to optimized code. Blocks of any other allocator carry a header of
/// 16 bytes (for aligned ones, one alignment), which makes <see cref="Reallocate"/> and <see cref="UsableSize"/> possible; so such a
/// block is not the plugin's own, and must come back through this class.
/// </remarks>
public static unsafe class GlobalAllocator
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    static int s_isShutDown;

    /// <summary>A block of at least <paramref name="bytes"/>, 0 and up, at a multiple of 16; null when there is no memory.</summary>
    [MethodImpl(Inline)]
    public static void* Allocate(nuint bytes) => Chosen.IsBuiltIn ? BuiltInHeap.Allocate(bytes) : Chosen.Other!.Allocate(bytes);

    /// <summary>Takes back a block of this class; null does nothing.</summary>
    [MethodImpl(Inline)]
    public static void Deallocate(void* block)
    {
        if (Chosen.IsBuiltIn) BuiltInHeap.Free(block);
        else Chosen.Other!.Deallocate(block);
    }

    /// <summary>As <see cref="Allocate"/>, at a multiple of <paramref name="alignment"/>, a power of two.</summary>
    /// <exception cref="ArgumentException">The alignment is not a power of two.</exception>
    public static void* AllocateAligned(nuint alignment, nuint bytes)
    {
        CheckAlignment(alignment);
        return Chosen.IsBuiltIn ? BuiltInHeap.AllocateAligned(alignment, bytes) : Chosen.Other!.AllocateAligned(alignment, bytes);
    }

    /// <summary>As <see cref="Allocate"/>, filled with zeros.</summary>
    public static void* AllocateZeroed(nuint bytes) =>
        Chosen.IsBuiltIn ? BuiltInHeap.AllocateZeroed(bytes) : Chosen.Other!.AllocateZeroed(bytes);

    /// <summary>
    /// The block at its new size, moved if it must be; its contents up to the smaller of both sizes. A null block is
    /// <see cref="Allocate"/>; 0 bytes takes the block back and gives null. Null when there is no memory: the old block is as it was.
    /// A block from <see cref="AllocateAligned"/> keeps no more than an alignment of 16 when it moves.
    /// </summary>
    public static void* Reallocate(void* block, nuint bytes) =>
        Chosen.IsBuiltIn ? BuiltInHeap.Reallocate(block, bytes) : Chosen.Other!.Reallocate(block, bytes);

    /// <summary>Bytes of a block that may be used, at least what was asked for; 0 for null.</summary>
    public static nuint UsableSize(void* block) => Chosen.IsBuiltIn ? BuiltInHeap.UsableBytes(block) : Chosen.Other!.UsableBytes(block);

    /// <summary>One line that says how the allocator is doing, in its own words.</summary>
    public static string Status() => Chosen.IsBuiltIn ? StatusText.OfBuiltInHeap() : StatusText.Of(Chosen.Other!);

    /// <summary>
    /// If profiling is on, writes a profile now to files whose names begin with <paramref name="prefix"/> (null: the prefix of
    /// before); then switches profiling to <paramref name="active"/>. False when the allocator can't.
    /// </summary>
    /// <remarks>
    /// The built-in heap names its files PREFIX.PID.NUMBER.lprof and, for jeprof and google-pprof, PREFIX.PID.NUMBER.heap; where no prefix was ever
    /// given it is "lampyris". <see cref="HeapProfile"/> says more, and takes paths.
    /// </remarks>
    public static bool Profiling(bool active, string? prefix = null)
    {
        byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(prefix);
        bool done = Chosen.IsBuiltIn ? HeapProfile.Switch(active, text) : Chosen.Other!.Profile(active, text);
        Marshal.FreeCoTaskMem((nint)text);
        return done;
    }

    /// <summary>
    /// Chooses the plugin at <paramref name="path"/>, which is opened now. One that can't serve is replaced by the system allocator,
    /// with one line on stderr that says why; in strict mode, nothing is chosen.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something has been allocated already, or chosen.</exception>
    /// <exception cref="PluginLoadException">The plugin can't serve, in strict mode.</exception>
    public static void Use(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AllocatorChoice.Use(path);
    }

    /// <summary>Chooses an allocator written in C#. It is copied, and lives as long as the process.</summary>
    /// <exception cref="InvalidOperationException">Something has been allocated already, or chosen.</exception>
    public static void Use<TAllocator>(TAllocator allocator) where TAllocator : unmanaged, IMemoryAllocator =>
        AllocatorChoice.Use(new ManagedAllocator<TAllocator>(allocator));

    /// <summary>
    /// True: a plugin that can't serve is an error, thrown by <see cref="Use(string)"/>, or for the one in the environment by every use of
    /// this class. Where it was not set: the AppContext switch Lampyris.Strict, else whether the environment variable
    /// LAMPYRIS_STRICT is 1.
    /// </summary>
    /// <exception cref="InvalidOperationException">Set after something has been allocated or chosen.</exception>
    public static bool Strict
    {
        get => AllocatorChoice.Strict;
        set => AllocatorChoice.Strict = value;
    }

    /// <summary>
    /// Stops profiling and the counters, and prints a last status on stderr; once, and only if the allocator was used. Runs by itself when the process
    /// exits, unless the built-in heap or the system allocator serves. Blocks can be allocated and freed as before.
    /// </summary>
    public static void Shutdown()
    {
        if (!AllocatorChoice.IsMade || Interlocked.Exchange(ref s_isShutDown, 1) != 0) return;
        Profiling(false);
        ErrorLine.Write($"{(Chosen.IsBuiltIn ? HeapAllocator.HeapName : Chosen.Other!.Name)}: {Status()}");
    }

    internal static bool IsShutDown => Volatile.Read(ref s_isShutDown) != 0;

    internal static void CheckAlignment(nuint alignment)
    {
        if (!BitOperations.IsPow2(alignment)) throw new ArgumentException("An alignment is a power of two.", nameof(alignment));
    }
}
