namespace System;

using System.Runtime.CompilerServices;

// Spans over unmanaged memory: constant data (`"text"u8`, `[1, 2, 3]`) and `stackalloc`. An index out
// of range ends the process, as nothing could catch an exception.
public readonly ref struct ReadOnlySpan<T>
{
    readonly ref T _reference;
    readonly int _length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe ReadOnlySpan(void* pointer, int length)
    {
        _reference = ref Unsafe.AsRef<T>(pointer);
        _length = length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadOnlySpan(ref T reference, int length)
    {
        _reference = ref reference;
        _length = length;
    }

    /// <summary>Only has to exist for `"text"u8`, which the compiler then builds from a pointer: there are no arrays.</summary>
    public ReadOnlySpan(T[]? array, int start, int length)
    {
        Internal.Runtime.CompilerHelpers.ThrowHelpers.Fail();
        this = default;
    }

    public int Length => _length;
    public bool IsEmpty => _length == 0;
    public static ReadOnlySpan<T> Empty => default;

    public ref readonly T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)_length) Internal.Runtime.CompilerHelpers.ThrowHelpers.Fail();
            return ref Unsafe.Add(ref _reference, (nint)(uint)index);
        }
    }

    public ref readonly T GetPinnableReference() => ref _reference;

    public ReadOnlySpan<T> Slice(int start) => Slice(start, _length - start);

    public ReadOnlySpan<T> Slice(int start, int length)
    {
        if ((uint)start > (uint)_length || (uint)length > (uint)(_length - start)) Internal.Runtime.CompilerHelpers.ThrowHelpers.Fail();
        return new ReadOnlySpan<T>(ref Unsafe.Add(ref _reference, (nint)(uint)start), length);
    }
}

public readonly ref struct Span<T>
{
    readonly ref T _reference;
    readonly int _length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Span(void* pointer, int length)
    {
        _reference = ref Unsafe.AsRef<T>(pointer);
        _length = length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span(ref T reference, int length)
    {
        _reference = ref reference;
        _length = length;
    }

    public int Length => _length;
    public bool IsEmpty => _length == 0;
    public static Span<T> Empty => default;

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)_length) Internal.Runtime.CompilerHelpers.ThrowHelpers.Fail();
            return ref Unsafe.Add(ref _reference, (nint)(uint)index);
        }
    }

    public ref T GetPinnableReference() => ref _reference;

    public Span<T> Slice(int start) => Slice(start, _length - start);

    public Span<T> Slice(int start, int length)
    {
        if ((uint)start > (uint)_length || (uint)length > (uint)(_length - start)) Internal.Runtime.CompilerHelpers.ThrowHelpers.Fail();
        return new Span<T>(ref Unsafe.Add(ref _reference, (nint)(uint)start), length);
    }

    public static implicit operator ReadOnlySpan<T>(Span<T> span) => new(ref span._reference, span._length);
}
