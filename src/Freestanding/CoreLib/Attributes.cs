// Attributes: the ones that the heap's sources write down and the ones the compiler adds by itself.
// ILC acts on a few of them by name (`RuntimeExport`, `Intrinsic`, layout); the rest only have to exist.
#pragma warning disable CS9113, CA1018, CA1019, CA1813 // parameters that nobody reads

namespace System
{
    public abstract class Attribute { }

    [Flags]
    public enum AttributeTargets
    {
        Assembly = 1, Module = 2, Class = 4, Struct = 8, Enum = 16, Constructor = 32, Method = 64,
        Property = 128, Field = 256, Event = 512, Interface = 1024, Parameter = 2048,
        Delegate = 4096, ReturnValue = 8192, GenericParameter = 16384, All = 32767,
    }

    public sealed class AttributeUsageAttribute(AttributeTargets validOn) : Attribute
    {
        public bool AllowMultiple { get; set; }
        public bool Inherited { get; set; }
        public AttributeTargets ValidOn => validOn;
    }

    public sealed class FlagsAttribute : Attribute { }
    public sealed class ParamArrayAttribute : Attribute { }
    public sealed class ThreadStaticAttribute : Attribute { }
    public sealed class CLSCompliantAttribute(bool isCompliant) : Attribute { }
    public sealed class ObsoleteAttribute : Attribute
    {
        public ObsoleteAttribute() { }
        public ObsoleteAttribute(string message) { }
        public ObsoleteAttribute(string message, bool error) { }
    }
}

namespace System.Diagnostics
{
    [AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
    public sealed class ConditionalAttribute(string condition) : Attribute { }
    public sealed class StackTraceHiddenAttribute : Attribute { }
    public sealed class DebuggerStepThroughAttribute : Attribute { }
    public sealed class DebuggerDisplayAttribute(string value) : Attribute { }
}

namespace System.Diagnostics.CodeAnalysis
{
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class SuppressMessageAttribute(string category, string checkId) : Attribute
    {
        public string? Scope { get; set; }
        public string? Target { get; set; }
        public string? Justification { get; set; }
    }
    public sealed class DoesNotReturnAttribute : Attribute { }
    public sealed class DoesNotReturnIfAttribute(bool parameterValue) : Attribute { }
    public sealed class NotNullWhenAttribute(bool returnValue) : Attribute { }
    public sealed class MaybeNullAttribute : Attribute { }
    public sealed class NotNullAttribute : Attribute { }
    public sealed class UnscopedRefAttribute : Attribute { }
    public sealed class SetsRequiredMembersAttribute : Attribute { }
}

namespace System.ComponentModel
{
    public enum EditorBrowsableState { Always, Never, Advanced }
    public sealed class EditorBrowsableAttribute(EditorBrowsableState state) : Attribute { }
}

namespace System.Reflection
{
    public sealed class DefaultMemberAttribute(string memberName) : Attribute { }
}

namespace System.Runtime
{
    // The method is emitted under this name, with C linkage and the platform's calling convention.
    public sealed class RuntimeExportAttribute(string entry) : Attribute { }

    // The opposite: an `extern` method with `MethodImplOptions.InternalCall` is the C symbol itself.
    // A call is a plain `call`, or a `jmp` in tail position; no transition, no poll.
    public sealed class RuntimeImportAttribute : Attribute
    {
        public RuntimeImportAttribute(string entry) { }
        public RuntimeImportAttribute(string library, string entry) { }
    }
}

namespace System.Runtime.Versioning
{
    public sealed class NonVersionableAttribute : Attribute { }
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class SupportedOSPlatformAttribute(string platformName) : Attribute { }
}

namespace System.Runtime.InteropServices
{
    public enum LayoutKind { Sequential = 0, Explicit = 2, Auto = 3 }
    public enum CharSet { None = 1, Ansi, Unicode, Auto }
    public enum CallingConvention { Winapi = 1, Cdecl, StdCall, ThisCall, FastCall }

    // Only its name is used: `where T : unmanaged` is encoded as a modifier of this type.
    public enum UnmanagedType { Bool = 2 }

    public sealed class StructLayoutAttribute(LayoutKind layoutKind) : Attribute
    {
        public int Pack;
        public int Size;
        public CharSet CharSet;
        public LayoutKind Value => layoutKind;
    }

    public sealed class FieldOffsetAttribute(int offset) : Attribute { public int Value => offset; }
    public sealed class InAttribute : Attribute { }
    public sealed class OutAttribute : Attribute { }
    public sealed class SuppressGCTransitionAttribute : Attribute { }
    public sealed class DisableRuntimeMarshallingAttribute : Attribute { }

    public sealed class DllImportAttribute(string dllName) : Attribute
    {
        public string? EntryPoint;
        public CharSet CharSet;
        public bool SetLastError;
        public bool ExactSpelling;
        public CallingConvention CallingConvention;
        public string Value => dllName;
    }

    public sealed class UnmanagedCallersOnlyAttribute : Attribute
    {
        public Type[]? CallConvs;
        public string? EntryPoint;
    }
}

namespace System.Runtime.CompilerServices
{
    public enum MethodCodeType { IL, Native, OPTIL, Runtime }

    [Flags]
    public enum MethodImplOptions
    {
        Unmanaged = 4, NoInlining = 8, ForwardRef = 16, Synchronized = 32, NoOptimization = 64,
        PreserveSig = 128, AggressiveInlining = 256, AggressiveOptimization = 512, InternalCall = 4096,
    }

    public sealed class MethodImplAttribute(MethodImplOptions methodImplOptions) : Attribute
    {
        public MethodCodeType MethodCodeType;
        public MethodImplOptions Value => methodImplOptions;
    }

    public sealed class IntrinsicAttribute : Attribute { }
    public sealed class SkipLocalsInitAttribute : Attribute { }
    public sealed class FixedBufferAttribute(Type elementType, int length) : Attribute { }
    public sealed class UnsafeValueTypeAttribute : Attribute { }
    public sealed class InlineArrayAttribute(int length) : Attribute { public int Length => length; }
    public sealed class CompilerGeneratedAttribute : Attribute { }
    public sealed class IsReadOnlyAttribute : Attribute { }
    public sealed class IsByRefLikeAttribute : Attribute { }
    public sealed class IsUnmanagedAttribute : Attribute { }
    public sealed class RequiresLocationAttribute : Attribute { }
    public sealed class ScopedRefAttribute : Attribute { }
    public sealed class ExtensionAttribute : Attribute { }
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class CompilerFeatureRequiredAttribute(string featureName) : Attribute { }
    public sealed class RequiredMemberAttribute : Attribute { }
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    public sealed class InternalsVisibleToAttribute(string assemblyName) : Attribute { }

    public static class IsVolatile { }
    public static class IsExternalInit { }
    public class CallConvCdecl { }
    public class CallConvSuppressGCTransition { }
}
