using System;

namespace Lampyris;

/// <summary>The names that hosts and plugins agree on.</summary>
public static class PluginContract
{
    /// <summary>The exported function of a plugin, without parameters, that returns its <see cref="PluginObject"/>.</summary>
    public static ReadOnlySpan<byte> EntryPoint => "getMemoryAllocator"u8;

    /// <summary>The environment variable in which a host finds the path of its plugin.</summary>
    public static ReadOnlySpan<byte> PathVariable => "MEMORY_ALLOCATOR_LIB_PATH"u8;
}
