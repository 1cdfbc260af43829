// The types the C# compiler and ILC insist on before they look at any program. There is no garbage
// collector and no object is ever made: these are shapes that give names and sizes to things.
#pragma warning disable CS0169, CS0649, CS0660, CS0661, CA1822 // fields that only the layout needs

namespace System
{
    public unsafe class Object
    {
        IntPtr _methodTable;
    }

    public abstract class ValueType { }
    public abstract class Enum : ValueType { }
    public struct Nullable<T> where T : struct { bool _hasValue; T _value; }

    public struct Void { }
    public readonly struct Boolean { readonly bool _value; }
    public readonly struct Single { readonly float _value; }
    public readonly struct Double
    {
        readonly double _value;
    }

    public readonly struct Char
    {
        readonly char _value;
        public const char MaxValue = (char)0xFFFF;
        public const char MinValue = (char)0;
    }

    public readonly struct SByte
    {
        readonly sbyte _value;
        public const sbyte MaxValue = 0x7F;
        public const sbyte MinValue = -0x80;
    }

    public readonly struct Byte
    {
        readonly byte _value;
        public const byte MaxValue = 0xFF;
        public const byte MinValue = 0;
    }

    public readonly struct Int16
    {
        readonly short _value;
        public const short MaxValue = 0x7FFF;
        public const short MinValue = -0x8000;
    }

    public readonly struct UInt16
    {
        readonly ushort _value;
        public const ushort MaxValue = 0xFFFF;
        public const ushort MinValue = 0;
    }

    public readonly struct Int32
    {
        readonly int _value;
        public const int MaxValue = 0x7FFF_FFFF;
        public const int MinValue = -MaxValue - 1;
    }

    public readonly struct UInt32
    {
        readonly uint _value;
        public const uint MaxValue = 0xFFFF_FFFF;
        public const uint MinValue = 0;
    }

    public readonly struct Int64
    {
        readonly long _value;
        public const long MaxValue = 0x7FFF_FFFF_FFFF_FFFF;
        public const long MinValue = -MaxValue - 1;
    }

    public readonly struct UInt64
    {
        readonly ulong _value;
        public const ulong MaxValue = 0xFFFF_FFFF_FFFF_FFFF;
        public const ulong MinValue = 0;
    }

    // The heap runs on 64-bit systems only, so the limits of native integers are those of 64 bits.
    public readonly struct IntPtr
    {
        readonly nint _value;
        public static int Size => 8;
        public static nint MaxValue => unchecked((nint)long.MaxValue);
        public static nint MinValue => unchecked((nint)long.MinValue);
        public static nint Zero => 0;
    }

    public readonly struct UIntPtr
    {
        readonly nuint _value;
        public static int Size => 8;
        public static nuint MaxValue => unchecked((nuint)ulong.MaxValue);
        public static nuint MinValue => 0;
        public static nuint Zero => 0;
    }

    public abstract class Type { }
    public class Exception { }
    public abstract class Delegate { }
    public abstract class MulticastDelegate : Delegate { }

    // ILC reads the length at a fixed place in arrays and strings, so the fields stand here though
    // neither can be made: `new T[n]` and string literals end in a missing symbol at link time.
    public abstract class Array { readonly int _length; }
    public class Array<T> : Array { }
    public sealed class String { public readonly int Length; readonly char _firstChar; }

    public interface IDisposable { void Dispose(); }

    public struct RuntimeTypeHandle { readonly IntPtr _value; }
    public struct RuntimeMethodHandle { readonly IntPtr _value; }
    public struct RuntimeFieldHandle { readonly IntPtr _value; }
    public ref struct TypedReference { readonly IntPtr _value; readonly RuntimeTypeHandle _type; }
}

namespace System.Collections
{
    public interface IEnumerator { }
    public interface IEnumerable { }
}
