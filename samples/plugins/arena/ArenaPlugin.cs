using System.Runtime;
using Lampyris;

// What a native host gets.
static unsafe class ArenaPlugin
{
    [RuntimeExport("getMemoryAllocator")]
    static PluginObject* GetMemoryAllocator() => Plugin.Export(default(ArenaAllocator));
}
