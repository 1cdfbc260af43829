using System.Diagnostics.Tracing;

namespace Lampyris;

/// <summary>What rarely happens, for tracing tools: the event source "Lampyris".</summary>
[EventSource(Name = "Lampyris")]
sealed class AllocatorEvents : EventSource
{
    public static readonly AllocatorEvents Log = new();

    [Event(1, Level = EventLevel.Informational, Message = "plugin {0} serves")]
    public void PluginLoaded(string path) => WriteEvent(1, path);

    [Event(2, Level = EventLevel.Warning, Message = "plugin {0} is closed again")]
    public void PluginUnloaded(string path) => WriteEvent(2, path);

    [Event(3, Level = EventLevel.Error, Message = "no memory for {0} bytes")]
    public void OutOfMemory(ulong bytes) => WriteEvent(3, bytes);
}
