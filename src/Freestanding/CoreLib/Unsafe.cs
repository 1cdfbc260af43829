namespace System.Runtime.CompilerServices;

// What C# can't say about references and raw memory. ILC generates the `[Intrinsic]` bodies itself.
public static unsafe class Unsafe
{
    [Intrinsic]
    public static ref TTo As<TFrom, TTo>(ref TFrom source) => ref As<TFrom, TTo>(ref source);
    [Intrinsic]
    public static void* AsPointer<T>(ref readonly T value) => AsPointer(in value);
    [Intrinsic]
    public static ref T AsRef<T>(void* source) => ref AsRef<T>(source);
    [Intrinsic]
    public static ref T AsRef<T>(scoped ref readonly T source) => ref AsRef(in source);
    [Intrinsic]
    public static int SizeOf<T>() => SizeOf<T>();
    [Intrinsic]
    public static ref T Add<T>(ref T source, int elementOffset) => ref Add(ref source, elementOffset);
    [Intrinsic]
    public static ref T Add<T>(ref T source, nint elementOffset) => ref Add(ref source, elementOffset);
    [Intrinsic]
    public static ref T AddByteOffset<T>(ref T source, nint byteOffset) => ref AddByteOffset(ref source, byteOffset);
    [Intrinsic]
    public static nint ByteOffset<T>(ref readonly T origin, ref readonly T target) => ByteOffset(in origin, in target);
    [Intrinsic]
    public static bool AreSame<T>(ref readonly T left, ref readonly T right) => AreSame(in left, in right);
    [Intrinsic]
    public static bool IsNullRef<T>(ref readonly T source) => IsNullRef(in source);
    [Intrinsic]
    public static ref T NullRef<T>() => ref NullRef<T>();
    [Intrinsic]
    public static void SkipInit<T>(out T value) => SkipInit(out value);
    [Intrinsic]
    public static T ReadUnaligned<T>(void* source) => ReadUnaligned<T>(source);
    [Intrinsic]
    public static void WriteUnaligned<T>(void* destination, T value) => WriteUnaligned(destination, value);
    [Intrinsic]
    public static TTo BitCast<TFrom, TTo>(TFrom source) => BitCast<TFrom, TTo>(source);

    // The block forms are C's own functions: libc picks the best one for the processor.
    public static void InitBlock(void* startAddress, byte value, uint byteCount) => SpanHelpers.Memset(startAddress, value, byteCount);
    public static void InitBlockUnaligned(void* startAddress, byte value, uint byteCount) => SpanHelpers.Memset(startAddress, value, byteCount);
    public static void CopyBlock(void* destination, void* source, uint byteCount) => SpanHelpers.Memcpy(destination, source, byteCount);
    public static void CopyBlockUnaligned(void* destination, void* source, uint byteCount) => SpanHelpers.Memcpy(destination, source, byteCount);
}
