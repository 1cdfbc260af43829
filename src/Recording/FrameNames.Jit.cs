using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;
using Lampyris.Analysis;

namespace Lampyris;

// In a .NET process the runtime knows the names of its methods, and forgets them with the process: so each address of managed code is
// named when it is met first, on the stack of the thread that met it. And the innermost frames are our own, down from `Capture`
// to what the program called: whether they are there depends on what was inlined, so they are left out.
//
// An address that was met before costs one look into a table. A new one costs some microseconds and objects on the GC heap.
static unsafe class FrameNames
{
    // `Capture` and `Recorder.Picked`: the first is never inlined, the second is called by its address.
    const int InnermostOwn = 2;

    // One entry for each address met: whether it is our own code.
    sealed class Known(int round)
    {
        public readonly int Round = round;
        public readonly ConcurrentDictionary<ulong, bool> IsOwn = new();
    }

    static readonly HashSet<Assembly> s_own = [typeof(FrameNames).Assembly, typeof(Heap).Assembly, typeof(Host).Assembly];
    static Known s_known = new(0);

    /// <summary>
    /// Before the first profile begins: code of <paramref name="face"/> is not shown at the inner end of stacks, as ours isn't. A first walk
    /// finds the runtime's description of itself, which threads that come at the same time would have to do without.
    /// </summary>
    public static void Prepare(Assembly face)
    {
        s_own.Add(face);
        ManagedRuntime.TryGet(out _);
        ulong* addresses = stackalloc ulong[StackWalker.MaxDepth];
        StackWalker.Capture(addresses, StackWalker.MaxDepth, out _);
    }

    /// <summary>Writes down the names of addresses that were not met before in this profile; returns how many of the innermost frames are our own.</summary>
    public static int Learn(ulong* addresses, int depth)
    {
        Known known = Volatile.Read(ref s_known);
        if (known.Round != SymbolRecords.Round) Volatile.Write(ref s_known, known = new Known(SymbolRecords.Round));
        int own = Math.Min(InnermostOwn, depth);
        StackTrace? trace = null;
        for (int i = own; i < depth; i++)
        {
            if (!known.IsOwn.TryGetValue(addresses[i], out bool isOwn))
            {
                isOwn = LearnOne(addresses[i], ref trace, out bool isFinal);
                if (isFinal) known.IsOwn.TryAdd(addresses[i], isOwn);
            }
            if (isOwn && own == i) own = i + 1;
        }
        return own == depth ? 0 : own;
    }

    // Whether the address is in our own code. It goes by the byte before it, which is in the call.
    static bool LearnOne(ulong address, ref StackTrace? trace, out bool isFinal)
    {
        isFinal = true;
        if (ElfObject.TryFind(address - 1, out _)) return IsOwnAhead(address, ref trace);
        if (!ManagedCode.TryFindMethod(address - 1, out ulong method, out ulong type))
        {
            isFinal = false;                    // a stub; or nothing is known of the runtime yet
            return false;
        }
        string function = "[dynamic]", library = "";
        bool isOwn = false;
        if (method != 0 && !TryName(method, type, out function, out library, out isOwn)) return false;
        byte* functionText = (byte*)Marshal.StringToCoTaskMemUTF8(function), libraryText = (byte*)Marshal.StringToCoTaskMemUTF8(library);
        isFinal = Recorder.Name(address, SymbolKind.Managed, functionText, libraryText);
        Marshal.FreeCoTaskMem((nint)functionText);
        Marshal.FreeCoTaskMem((nint)libraryText);
        return isOwn;
    }

    static bool TryName(ulong method, ulong type, out string function, out string library, out bool isOwn)
    {
        function = library = "";
        isOwn = false;
        try
        {
            MethodBase? found = MethodBase.GetMethodFromHandle(RuntimeMethodHandle.FromIntPtr((nint)method), RuntimeTypeHandle.FromIntPtr((nint)type));
            if (found == null) return false;
            isOwn = s_own.Contains(found.Module.Assembly);
            function = Readable(found);
            library = found.Module.ScopeName;
            return true;
        }
        catch (Exception)
        {
            // Whatever reflection can't do (an assembly that is gone, no memory) must not come out of a call of malloc: no name is given.
            return false;
        }
    }

    static string Readable(MethodBase method)
    {
        string parameters = string.Join(',', method.GetParameters().Select(parameter => parameter.ParameterType.ToString()));
        return MethodText.Readable(method.DeclaringType?.ToString() ?? "", method.Name, $"({parameters})");
    }

    // Code that was compiled ahead of time is in an ELF file, whose symbols name it better than the runtime can; what has to be known here is which
    // assembly it came from.
    static bool IsOwnAhead(ulong address, ref StackTrace? trace)
    {
        if (!s_isAheadOfTime) return false;
        trace ??= new StackTrace(false);
        foreach (StackFrame frame in trace.GetFrames())
        {
            ulong at = (ulong)frame.GetNativeIP();
            if (at == address || at == address - 1) return DiagnosticMethodInfo.Create(frame)?.DeclaringAssemblyName is { } name && s_own.Any(assembly => assembly.GetName().Name == new AssemblyName(name).Name);
        }
        return false;
    }

    // A program whose base library is part of its own file has no runtime to compile methods.
    static readonly bool s_isAheadOfTime = !System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeCompiled
        && LoadedSymbol.Find("DotNetRuntimeContractDescriptor\0"u8, "libcoreclr.so"u8) == 0;
}
