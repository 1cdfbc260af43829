namespace Lampyris;

/// <summary>What one sample stands for: estimated bytes, and thousandths of allocations.</summary>
public struct SampleWeight
{
    public ulong Bytes;
    public ulong Millis;
}
