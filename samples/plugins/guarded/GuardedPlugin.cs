using System.Runtime;
using Lampyris;

// What a native host gets.
static unsafe class GuardedPlugin
{
    [RuntimeExport("getMemoryAllocator")]
    static PluginObject* GetMemoryAllocator() => Plugin.Export(default(GuardedAllocator));
}
