using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>
/// A plugin's allocator as it lies in memory: the C++ object `MemoryAllocatorInterface` in the Itanium C++ ABI, one pointer to a
/// table of methods, the plugin's own fields behind it. It lives as long as the process and never moves.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct PluginObject
{
    void** _methods;                    // entry 0 of the methods; offset-to-top and typeinfo lie before it

    /// <summary>Words of a whole table: offset-to-top, typeinfo, two destructors, the five methods.</summary>
    public const int TableWords = 9;

    /// <summary>Words of a table before the one that an object points at.</summary>
    public const int WordsBeforeMethods = 2;

    // Positions of the methods, after the complete and the deleting destructor.
    public const int AllocateIndex = 2, DeallocateIndex = 3, MemAlignIndex = 4, LogStatusIndex = 5, ProfilingIndex = 6;

    /// <summary>Makes an object of a table of <see cref="TableWords"/> words, which must live as long.</summary>
    public static void Initialize(PluginObject* self, void** table) => self->_methods = table + WordsBeforeMethods;

    /// <summary>The function behind a method, to be called with the object as its first argument.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* Method(PluginObject* self, int index) => self->_methods[index];
}
