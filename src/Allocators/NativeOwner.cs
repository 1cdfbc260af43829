using System;
using System.Threading;

namespace Lampyris;

/// <summary>
/// The owner of a value or an array outside of the garbage collector's heap: deletes it once, when it is disposed. An owner that is
/// lost leaks what it owns; there is no finalizer, because one could run while a pointer is still in use.
/// </summary>
public sealed unsafe class NativeOwner<T> : IDisposable where T : unmanaged
{
    T* _pointer;
    readonly nuint _count;
    readonly bool _isArray;

    internal NativeOwner(T* pointer, nuint count, bool isArray)
    {
        _pointer = pointer;
        _count = count;
        _isArray = isArray;
    }

    /// <summary>How many values there are; 1, or an array's length.</summary>
    public nuint Count => _count;

    /// <summary>The value, or the first of the array. Valid until the owner is disposed, and no longer.</summary>
    /// <exception cref="ObjectDisposedException">It has been deleted, or released.</exception>
    public T* Address
    {
        get
        {
            T* pointer = _pointer;
            ObjectDisposedException.ThrowIf(pointer == null, this);
            return pointer;
        }
    }

    /// <summary>The value, or the first of the array.</summary>
    /// <exception cref="ObjectDisposedException">It has been deleted, or released.</exception>
    public ref T Value => ref *Address;

    /// <summary>All values. At most as many as a span can hold.</summary>
    /// <exception cref="ObjectDisposedException">They have been deleted, or released.</exception>
    public Span<T> Span => new(Address, checked((int)_count));

    /// <summary>Gives up the ownership: the caller deletes, by <see cref="Native.Delete"/> or <see cref="Native.DeleteArray"/>.</summary>
    /// <exception cref="ObjectDisposedException">It has been deleted, or released.</exception>
    public T* Release()
    {
        T* pointer = Take();
        ObjectDisposedException.ThrowIf(pointer == null, this);
        return pointer;
    }

    /// <summary>Deletes. Again, or by several threads at once, it does nothing.</summary>
    public void Dispose()
    {
        if (_isArray) Native.DeleteArray(Take());
        else Native.Delete(Take());
    }

    T* Take()
    {
        fixed (T** place = &_pointer) return (T*)Interlocked.Exchange(ref *(nint*)place, 0);
    }
}
