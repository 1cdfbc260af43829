using System.Runtime;
using Lampyris;

// What a native host gets.
static unsafe class PoolPlugin
{
    [RuntimeExport("getMemoryAllocator")]
    static PluginObject* GetMemoryAllocator() => Plugin.Export(default(PoolAllocator));
}
