using System;

namespace Lampyris.Analysis;

/// <summary>One entry of a table.</summary>
internal delegate void EntryAction(uint index, ReadOnlySpan<byte> entry);

// A table of equal entries, read a piece at a time: the count a file states never decides how much we allocate.
internal static class BytePieces
{
    const int PieceBytes = 48 * 1024;

    /// <summary>Ends early where the source does.</summary>
    public static void ForEach(IByteSource source, ulong offset, ulong count, int entryBytes, EntryAction seen)
    {
        ulong perPiece = Math.Max(1, (ulong)(PieceBytes / entryBytes));
        byte[] piece = new byte[(int)Math.Min(perPiece, Math.Max(count, 1)) * entryBytes];
        for (ulong done = 0; done < count;)
        {
            ulong take = Math.Min(perPiece, count - done);
            if (!ElfFile.TryAdd(offset, done * (ulong)entryBytes, out ulong at)) return;
            while (take > 0 && !source.Read(at, piece.AsSpan(0, (int)take * entryBytes))) take /= 2;
            if (take == 0) return;
            for (int i = 0; i < (int)take; i++) seen((uint)done + (uint)i, piece.AsSpan(i * entryBytes, entryBytes));
            done += take;
        }
    }
}
