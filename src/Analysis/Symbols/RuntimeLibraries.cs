using System;

namespace Lampyris.Analysis;

/// <summary>Which libraries are the .NET runtime itself.</summary>
internal static class RuntimeLibraries
{
    public static bool Contains(string library) => library is "dotnet" or "libcoreclr.so" or "libclrjit.so" or "libclrgc.so" or "libclrgcexp.so"
        or "libhostfxr.so" or "libhostpolicy.so" or "libcoreclrtraceptprovider.so" or "libmscordaccore.so" or "libmscordbi.so" or "libnethost.so"
        || library.StartsWith("libclrjit_", StringComparison.Ordinal);
}
