using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Lampyris.Analysis;

// Source lines of .NET assemblies: from the portable PDB beside the assembly, or inside of it. Only the very one that was
// made with the assembly counts.
internal sealed class PortablePdb : IDisposable
{
    readonly MetadataReaderProvider _provider;
    readonly MetadataReader _reader;

    PortablePdb(MetadataReaderProvider provider, MetadataReader reader) => (_provider, _reader) = (provider, reader);

    /// <summary>Null where there is no debug information, or where it belongs to another build.</summary>
    /// <param name="id">as the running process had it; empty takes what the assembly on disk says</param>
    public static PortablePdb? Open(string assemblyPath, Guid id)
    {
        try
        {
            using FileStream file = File.OpenRead(assemblyPath);
            using var image = new PEReader(file);
            Guid wanted = id;
            foreach (DebugDirectoryEntry entry in image.ReadDebugDirectory())
            {
                if (entry.Type == DebugDirectoryEntryType.CodeView && wanted == default) wanted = image.ReadCodeViewDebugDirectoryData(entry).Guid;
                if (entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb && Open(image.ReadEmbeddedPortablePdbDebugDirectoryData(entry), wanted) is { } embedded)
                    return embedded;
            }
            string beside = Path.ChangeExtension(assemblyPath, ".pdb");
            return File.Exists(beside) ? Open(MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(beside), MetadataStreamOptions.PrefetchMetadata), wanted) : null;
        }
        catch (Exception problem) when (problem is IOException or BadImageFormatException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    static PortablePdb? Open(MetadataReaderProvider provider, Guid wanted)
    {
        MetadataReader reader = provider.GetMetadataReader();
        if (wanted == default || (reader.DebugMetadataHeader is { } header && new BlobContentId(header.Id).Guid == wanted)) return new PortablePdb(provider, reader);
        provider.Dispose();
        return null;
    }

    /// <summary>The line of an IL instruction; the method's first line where <paramref name="il"/> is null.</summary>
    public (string File, int Line) Find(int token, int? il)
    {
        const int MethodDefinition = 0x06;
        try
        {
            if (token >>> 24 != MethodDefinition || MetadataTokens.Handle(token) is not { IsNil: false } handle) return ("", 0);
            MethodDebugInformation method = _reader.GetMethodDebugInformation((MethodDefinitionHandle)handle);
            (DocumentHandle Document, int Line) best = default;
            foreach (SequencePoint point in method.GetSequencePoints())
            {
                if (best.Line != 0 && point.Offset > (il ?? 0)) break;
                if (!point.IsHidden) best = (point.Document, point.StartLine);
            }
            return best.Line == 0 ? ("", 0) : (_reader.GetString(_reader.GetDocument(best.Document).Name), best.Line);
        }
        catch (Exception problem) when (problem is BadImageFormatException or ArgumentException or InvalidCastException)
        {
            return ("", 0);
        }
    }

    public void Dispose() => _provider.Dispose();
}
