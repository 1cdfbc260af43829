namespace Lampyris;

// The system's errors that make a difference to the recorder.
static class ErrorNumber
{
    public const int Exists = 17;               // EEXIST
    public const int NoSpace = 28;              // ENOSPC
    public const int NotSupported = 95;         // EOPNOTSUPP
}
