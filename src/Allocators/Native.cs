using System;
using System.Runtime.CompilerServices;

namespace Lampyris;

/// <summary>
/// new and delete for values outside of the garbage collector's heap: blocks of <see cref="GlobalAllocator"/>, aligned for their type; or
/// of the source that the type has named, see <see cref="IAllocatedFrom{TSource}"/>. What `New…` returns belongs to the caller until
/// <see cref="Delete"/> or <see cref="DeleteArray"/>; nothing runs when it is deleted.
/// </summary>
/// <remarks>The methods without Try call the handler of <see cref="OutOfMemory"/>, and throw; those with Try do the same, and return null instead.</remarks>
public static unsafe class Native
{
    /// <summary>A new value, all zero.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory.</exception>
    public static T* New<T>() where T : unmanaged => New(default(T));

    /// <summary>A new value, a copy of <paramref name="value"/>.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* New<T>(in T value) where T : unmanaged
    {
        T* place = (T*)Allocate<T>((nuint)sizeof(T), Elsewhere<T>.Source);
        *place = value;
        return place;
    }

    /// <summary>As <see cref="New{T}()"/>; null when there is no memory.</summary>
    public static T* TryNew<T>() where T : unmanaged => TryNew(default(T));

    /// <summary>As <see cref="New{T}(in T)"/>; null when there is no memory.</summary>
    public static T* TryNew<T>(in T value) where T : unmanaged
    {
        T* place = (T*)TryAllocate<T>((nuint)sizeof(T), Elsewhere<T>.Source);
        if (place != null) *place = value;
        return place;
    }

    /// <summary>An array of <paramref name="count"/> values, all zero. Of 0 values: an address of its own all the same.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory, or more bytes than can be counted.</exception>
    public static T* NewArray<T>(nuint count) where T : unmanaged
    {
        if (!TryCountBytes<T>(count, out nuint bytes)) throw OutOfMemory.NoMemory(bytes);
        return (T*)Clear(Allocate<T>(bytes, null), bytes);
    }

    /// <summary>As <see cref="NewArray"/>; null when there is no memory.</summary>
    public static T* TryNewArray<T>(nuint count) where T : unmanaged
    {
        if (!TryCountBytes<T>(count, out nuint bytes)) return null;
        return (T*)Clear(TryAllocate<T>(bytes, null), bytes);
    }

    /// <summary>Makes a value in memory that the caller has already, aligned for the type: not to be deleted.</summary>
    /// <exception cref="ArgumentException">There is too little room for a <typeparamref name="T"/>, or it is not aligned.</exception>
    public static T* NewAt<T>(void* place, nuint placeBytes, in T value) where T : unmanaged
    {
        if (placeBytes < (nuint)sizeof(T)) throw new ArgumentException($"{sizeof(T)} bytes are needed.", nameof(placeBytes));
        if ((nuint)place % Alignment<T>() != 0) throw new ArgumentException($"The address is no multiple of {Alignment<T>()}.", nameof(place));
        *(T*)place = value;
        return (T*)place;
    }

    /// <summary>Takes back a value; null does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Delete<T>(T* value) where T : unmanaged
    {
        if (Elsewhere<T>.Source is { } source) source.Deallocate(value);
        else GlobalAllocator.Deallocate(value);
    }

    /// <summary>Takes back an array; null does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void DeleteArray<T>(T* array) where T : unmanaged => GlobalAllocator.Deallocate(array);

    /// <summary>A new value with an owner that deletes it: for <c>using</c>.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory.</exception>
    public static NativeOwner<T> Own<T>(in T value = default) where T : unmanaged => new(New(value), 1, isArray: false);

    /// <summary>As <see cref="NewArray"/>, with an owner.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory, or more bytes than can be counted.</exception>
    public static NativeOwner<T> OwnArray<T>(nuint count) where T : unmanaged => new(NewArray<T>(count), count, isArray: true);

    /// <summary>The alignment of a type as the runtime lays out structs, in bytes; a constant to optimized code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Alignment<T>() where T : unmanaged => (nuint)(sizeof(Behind<T>) - sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void* Allocate<T>(nuint bytes, ElsewhereSource? source) where T : unmanaged
    {
        void* block = source != null ? source.Allocate(bytes, Alignment<T>())
            : Alignment<T>() <= SizeClasses.Granule ? GlobalAllocator.Allocate(bytes)
            : GlobalAllocator.AllocateAligned(Alignment<T>(), bytes);
        return block != null ? block : OutOfMemory.Retry(Alignment<T>(), bytes, source);
    }

    static void* TryAllocate<T>(nuint bytes, ElsewhereSource? source) where T : unmanaged
    {
        try
        {
            return Allocate<T>(bytes, source);
        }
        catch (OutOfMemoryException)                // the handler's, too
        {
            return null;
        }
    }

    static bool TryCountBytes<T>(nuint count, out nuint bytes) where T : unmanaged
    {
        bool fits = count <= nuint.MaxValue / (nuint)sizeof(T);
        bytes = fits ? count * (nuint)sizeof(T) : nuint.MaxValue;
        return fits;
    }

    static void* Clear(void* block, nuint bytes)
    {
        if (block != null) RawMemory.Clear(block, bytes);
        return block;
    }

    // As much longer than a `T` as its alignment is.
    readonly struct Behind<T>(byte first, T value) where T : unmanaged
    {
        public readonly byte First = first;
        public readonly T Value = value;
    }
}
