using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>What a thread remembers of its own name for the profiler; zeros at first. Only while the thread is inside the recorder.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct KnownName
{
    public ulong UntilUs;               // when to ask again, by the profile's clock
    public uint Number;                 // in the recorder's table of names
    public uint Round;                  // of that table
}
