using System.Runtime;
using System.Runtime.CompilerServices;

namespace Lampyris;

// The C functions that only the exports call; what the heap itself calls is in `Host`.
static unsafe class Native
{
    [RuntimeImport("*", "lampyris_new_slow"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void* NewSlow(nuint bytes, ThreadCache* cache);

    [RuntimeImport("*", "lampyris_print"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Print(void* file, byte* text, nuint bytes);

    [RuntimeImport("*", "lampyris_get_errno"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int Errno();
}
