using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris.Benchmarks;

// A way to allocate and free from C#. Structs, so that each loop is compiled for its contender alone.
unsafe interface IContender<TSelf> where TSelf : struct, IContender<TSelf>, allows ref struct
{
    static abstract string Name { get; }

    /// <summary>For use by the calling thread only.</summary>
    static virtual TSelf ForThisThread() => default;

    void* Allocate(nuint bytes);
    void Free(void* block);
}

// What .NET has: a P/Invoke to the C library each way.
readonly unsafe struct SystemContender : IContender<SystemContender>
{
    public static string Name => "NativeMemory";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => NativeMemory.Alloc(bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => NativeMemory.Free(block);
}

readonly unsafe struct GlobalContender : IContender<GlobalContender>
{
    public static string Name => "GlobalAllocator";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => GlobalAllocator.Allocate(bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => GlobalAllocator.Deallocate(block);
}

readonly unsafe ref struct HandleContender : IContender<HandleContender>
{
    readonly NativeHeap _heap;

    HandleContender(NativeHeap heap) => _heap = heap;

    public static string Name => "NativeHeap";
    public static HandleContender ForThisThread() => new(NativeHeap.ForThisThread());
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => _heap.Allocate(bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => _heap.Free(block);
}

// The same malloc by both kinds of calls that .NET has for C.
static unsafe class OurLibrary
{
    static readonly nint s_library = NativeLibrary.Load(Repository.Library);

    public static readonly delegate* unmanaged<nuint, void*> Malloc = (delegate* unmanaged<nuint, void*>)NativeLibrary.GetExport(s_library, "malloc");
    public static readonly delegate* unmanaged<void*, void> Free = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(s_library, "free");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nuint, void*> QuickMalloc = (delegate* unmanaged[SuppressGCTransition]<nuint, void*>)Malloc;
    public static readonly delegate* unmanaged[SuppressGCTransition]<void*, void> QuickFree = (delegate* unmanaged[SuppressGCTransition]<void*, void>)Free;
}

readonly unsafe struct PInvokeContender : IContender<PInvokeContender>
{
    public static string Name => "P/Invoke";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => OurLibrary.Malloc(bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => OurLibrary.Free(block);
}

readonly unsafe struct QuickPInvokeContender : IContender<QuickPInvokeContender>
{
    public static string Name => "P/Invoke without GC transition";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => OurLibrary.QuickMalloc(bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => OurLibrary.QuickFree(block);
}

// The functions of a library, mimalloc where none is named, called directly and without a GC transition: the rival, and what a plugin over the
// same library is measured against.
readonly unsafe struct DirectContender : IContender<DirectContender>
{
    static readonly string s_path = Environment.GetEnvironmentVariable("DIRECT_LIBRARY") ?? "libmimalloc.so.2";
    static readonly nint s_library = NativeLibrary.Load(s_path);
    static readonly delegate* unmanaged[SuppressGCTransition]<nuint, void*> s_malloc =
        (delegate* unmanaged[SuppressGCTransition]<nuint, void*>)NativeLibrary.GetExport(s_library, "malloc");
    static readonly delegate* unmanaged[SuppressGCTransition]<void*, void> s_free =
        (delegate* unmanaged[SuppressGCTransition]<void*, void>)NativeLibrary.GetExport(s_library, "free");

    public static string Name => $"{Path.GetFileName(s_path)} direct";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => s_malloc(bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => s_free(block);
}

// A plugin's methods, called directly: what the class that chooses, and its header, add to them.
readonly unsafe struct PluginContender : IContender<PluginContender>
{
    static readonly PluginObject* s_plugin = Load();
    static readonly delegate* unmanaged[SuppressGCTransition]<PluginObject*, nuint, void*> s_allocate =
        (delegate* unmanaged[SuppressGCTransition]<PluginObject*, nuint, void*>)PluginObject.Method(s_plugin, PluginObject.AllocateIndex);
    static readonly delegate* unmanaged[SuppressGCTransition]<PluginObject*, void*, void> s_deallocate =
        (delegate* unmanaged[SuppressGCTransition]<PluginObject*, void*, void>)PluginObject.Method(s_plugin, PluginObject.DeallocateIndex);

    static PluginObject* Load()
    {
        nint library = NativeLibrary.Load(Environment.GetEnvironmentVariable("MEMORY_ALLOCATOR_LIB_PATH")!);
        return ((delegate* unmanaged<PluginObject*>)NativeLibrary.GetExport(library, "getMemoryAllocator"))();
    }

    public static string Name => "plugin direct";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => s_allocate(s_plugin, bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => s_deallocate(s_plugin, block);
}

// A value of a type, by its own pool, and by the source that its type names.
unsafe struct Block64
{
    public fixed byte Bytes[Loads.PairBytes];
}

unsafe struct Pooled64 : IAllocatedFrom<PoolSource>
{
    public fixed byte Bytes[Loads.PairBytes];
}

unsafe struct PoolSource : INativeSource
{
    public static readonly NativePool<Pooled64> Pool = new();
    public static void* Allocate(nuint bytes, nuint alignment) => Pool.Take();
    public static void Deallocate(void* block) => Pool.Delete((Pooled64*)block);
}

readonly unsafe struct TypedContender : IContender<TypedContender>
{
    public static string Name => "Native.New";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => Native.New<Block64>();
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => Native.Delete((Block64*)block);
}

readonly unsafe struct PoolContender : IContender<PoolContender>
{
    public static string Name => "NativePool";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => PoolSource.Pool.New();
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => PoolSource.Pool.Delete((Pooled64*)block);
}

readonly unsafe struct SourceContender : IContender<SourceContender>
{
    public static string Name => "Native.New from a pool";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => Native.New<Pooled64>();
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => Native.Delete((Pooled64*)block);
}
