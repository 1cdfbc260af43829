using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>Makes a plugin of an allocator that is a struct: the object that a host gets from `getMemoryAllocator`.</summary>
public static unsafe class Plugin
{
    // As the host sees it: the object's pointer to its table, and the plugin's own fields behind it.
    [StructLayout(LayoutKind.Sequential)]
    struct Object<T> where T : unmanaged, IMemoryAllocator
    {
        public PluginObject Head;
        public T Allocator;
    }

    /// <summary>
    /// The object of <paramref name="allocator"/>, which is copied into it: there it lives as long as the process, at one
    /// address, so its methods may change its fields. Null when memory is refused.
    /// </summary>
    public static PluginObject* Export<T>(T allocator) where T : unmanaged, IMemoryAllocator
    {
        nuint tableBytes = (nuint)(PluginObject.TableWords * sizeof(void*));
        void** table = (void**)CLibrary.Map(tableBytes + (nuint)sizeof(Object<T>));
        if (table == null) return null;
        void** methods = table + PluginObject.WordsBeforeMethods;       // offset to the top and type information stay null
        methods[0] = methods[1] = (delegate*<Object<T>*, void>)&Destroy;
        methods[PluginObject.AllocateIndex] = (delegate*<Object<T>*, nuint, void*>)&Allocate;
        methods[PluginObject.DeallocateIndex] = (delegate*<Object<T>*, void*, void>)&Deallocate;
        methods[PluginObject.MemAlignIndex] = (delegate*<Object<T>*, nuint, nuint, void*>)&MemAlign;
        methods[PluginObject.LogStatusIndex] = (delegate*<Object<T>*, byte*, nuint, void>)&LogStatus;
        methods[PluginObject.ProfilingIndex] = (delegate*<Object<T>*, uint, byte*, byte>)&Profiling;
        Object<T>* self = (Object<T>*)((byte*)table + tableBytes);
        PluginObject.Initialize(&self->Head, table);
        self->Allocator = allocator;
        return &self->Head;
    }

    static void Destroy<T>(Object<T>* self) where T : unmanaged, IMemoryAllocator { }       // nobody's to delete

    static void* Allocate<T>(Object<T>* self, nuint bytes) where T : unmanaged, IMemoryAllocator => self->Allocator.Allocate(bytes);

    static void Deallocate<T>(Object<T>* self, void* block) where T : unmanaged, IMemoryAllocator => self->Allocator.Deallocate(block);

    static void* MemAlign<T>(Object<T>* self, nuint alignment, nuint bytes) where T : unmanaged, IMemoryAllocator =>
        self->Allocator.AllocateAligned(alignment, bytes);

    static void LogStatus<T>(Object<T>* self, byte* buffer, nuint bufferBytes) where T : unmanaged, IMemoryAllocator =>
        self->Allocator.WriteStatus(buffer, bufferBytes);

    // Of C++'s bool only the low byte counts, and the answer is exactly 0 or 1.
    static byte Profiling<T>(Object<T>* self, uint active, byte* prefix) where T : unmanaged, IMemoryAllocator =>
        self->Allocator.Profile((active & 0xFF) != 0, prefix) ? (byte)1 : (byte)0;
}
