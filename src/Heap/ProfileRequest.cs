namespace Lampyris;

/// <summary>Values of `HeapRoot.ProfileRequest`.</summary>
public enum ProfileRequest
{
    None = 0,
    Start = 1,
    Stop = 2,
}
