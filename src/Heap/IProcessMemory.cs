namespace Lampyris;

/// <summary>The memory of a process, this one or another. A struct, so that reading this one's compiles to a copy.</summary>
public unsafe interface IProcessMemory
{
    /// <summary>Copies <paramref name="bytes"/> at <paramref name="address"/> there to <paramref name="into"/> here. False when they cannot be read.</summary>
    bool Read(nuint address, void* into, nuint bytes);
}

/// <summary>This process's own memory.</summary>
public readonly unsafe struct OwnMemory : IProcessMemory
{
    public bool Read(nuint address, void* into, nuint bytes)
    {
        RawMemory.Copy((void*)address, into, bytes);
        return true;
    }
}
