using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris.Benchmarks;

// A way to allocate and free from C#. Structs, so that each loop is compiled for its contender alone.
unsafe interface IContender
{
    static abstract string Name { get; }
    void* Allocate(nuint bytes);
    void Free(void* block);
}

// What .NET has: a P/Invoke to the C library each way.
readonly unsafe struct SystemContender : IContender
{
    public static string Name => "NativeMemory";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => NativeMemory.Alloc(bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => NativeMemory.Free(block);
}

readonly unsafe struct GlobalContender : IContender
{
    public static string Name => "GlobalAllocator";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => GlobalAllocator.Allocate(bytes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => GlobalAllocator.Deallocate(block);
}

// The handle is fetched anew for each loop, as it is bound to the thread.
readonly unsafe struct HandleContender : IContender
{
    public static string Name => "NativeHeap";
    public void* Allocate(nuint bytes) => throw new NotSupportedException();
    public void Free(void* block) => throw new NotSupportedException();
}

// The functions of a library, called directly: what a plugin over the same library is measured against.
readonly unsafe struct DirectContender : IContender
{
    static readonly string s_path = Environment.GetEnvironmentVariable("DIRECT_LIBRARY") ?? "libc.so.6";
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
readonly unsafe struct PluginContender : IContender
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
    public static void* Allocate(nuint bytes, nuint alignment) => Pool.New();
    public static void Deallocate(void* block) => Pool.Delete((Pooled64*)block);
}

readonly unsafe struct TypedContender : IContender
{
    public static string Name => "Native.New";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => Native.New<Block64>();
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => Native.Delete((Block64*)block);
}

readonly unsafe struct PoolContender : IContender
{
    public static string Name => "NativePool";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => PoolSource.Pool.New();
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => PoolSource.Pool.Delete((Pooled64*)block);
}

readonly unsafe struct SourceContender : IContender
{
    public static string Name => "Native.New from a pool";
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(nuint bytes) => Native.New<Pooled64>();
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* block) => Native.Delete((Pooled64*)block);
}
