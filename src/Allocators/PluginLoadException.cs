using System;

namespace Lampyris;

/// <summary>A plugin can't serve. Thrown in strict mode only; else the system allocator takes its place.</summary>
public sealed class PluginLoadException : Exception
{
    public PluginLoadException() { }

    public PluginLoadException(string message) : base(message) { }

    public PluginLoadException(string message, Exception innerException) : base(message, innerException) { }
}
