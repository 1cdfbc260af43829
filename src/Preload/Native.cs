using System.Runtime;
using System.Runtime.CompilerServices;

namespace Lampyris;

// The C functions that only the exports call; what the heap itself calls is in `Host`.
static unsafe class Native
{
    [RuntimeImport("*", "lampyris_new_failed"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void* NewFailed(nuint bytes, nuint alignment);

    [RuntimeImport("*", "lampyris_new_failed_nothrow"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void* NewFailedNoThrow(nuint bytes, nuint alignment);

    [RuntimeImport("*", "lampyris_print"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Print(void* file, byte* text, nuint bytes);

    [RuntimeImport("*", "lampyris_get_errno"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Errno();
}
