namespace Lampyris;

// From a path to an allocator: the contract's steps, each with its own way to fail.
static unsafe class PluginLoader
{
    /// <summary>Opens a library and asks it for its allocator. The library stays open for as long as the process lives.</summary>
    /// <exception cref="PluginLoadException">It can't be opened, or has no entry point, or that gives none; then it is closed again.</exception>
    public static PluginAllocator Load(string path)
    {
        void* library = DynamicLibrary.Open(path, out string? error);
        if (library == null) throw new PluginLoadException($"the plugin {path} can't be opened: {ElfMachine.Mismatch(path) ?? error}");
        delegate* unmanaged<PluginObject*> entry;
        fixed (byte* name = PluginContract.EntryPoint) entry = (delegate* unmanaged<PluginObject*>)DynamicLibrary.Find(library, name);
        if (entry == null) throw Close(library, path, $"the plugin {path} does not export getMemoryAllocator");
        PluginObject* plugin = entry();
        if (plugin == null) throw Close(library, path, $"the plugin {path} has no allocator for this process: getMemoryAllocator returned null");
        return new(path, plugin);
    }

    static PluginLoadException Close(void* library, string path, string why)
    {
        DynamicLibrary.Close(library);
        AllocatorEvents.Log.PluginUnloaded(path);
        return new(why);
    }
}
