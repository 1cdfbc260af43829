using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Lampyris.Analysis;

// A few names to be found in the string table of an ELF file, however large that is. A symbol says its name by an offset
// into the table, and linkers let the end of a long name serve as a short one ("malloc" inside "__libc_malloc"). So the
// table is read once from its start, piece by piece, and each end of a string is compared with all names of the set;
// after that a symbol's name is one look into a dictionary.
internal sealed class NameSet
{
    const int PieceBytes = 64 * 1024;
    const ulong MaxTableBytes = 1ul << 28;

    readonly ILookup<byte, (byte[] Bytes, string Text)> _byLast;
    readonly int _longest;

    public NameSet(IEnumerable<string> names)
    {
        var all = names.Distinct(StringComparer.Ordinal).Select(name => (Bytes: Encoding.UTF8.GetBytes(name), Text: name)).ToList();
        _longest = all.Max(name => name.Bytes.Length);
        _byLast = all.ToLookup(name => name.Bytes[^1]);
    }

    /// <summary>Where in the table each name begins, as often as it does. The part of the table that can't be read has no names.</summary>
    public Dictionary<uint, string> Find(IByteSource source, ulong offset, ulong bytes)
    {
        var found = new Dictionary<uint, string>();
        bytes = Math.Min(bytes, MaxTableBytes);
        byte[] piece = new byte[_longest + PieceBytes];     // in front: the end of the piece before
        int kept = 0;
        for (ulong done = 0; done < bytes;)
        {
            int take = (int)Math.Min(PieceBytes, bytes - done);
            take = ReadUpTo(source, offset, done, piece.AsSpan(kept, take));
            if (take == 0) break;
            Match(piece.AsSpan(0, kept + take), kept, done - (ulong)kept, found);
            done += (ulong)take;
            int keep = Math.Min(_longest, kept + take);
            piece.AsSpan(kept + take - keep, keep).CopyTo(piece);
            kept = keep;
        }
        return found;
    }

    /// <param name="fresh">Where the bytes begin that were not looked at before.</param>
    /// <param name="start">The offset in the table of the first byte.</param>
    void Match(ReadOnlySpan<byte> text, int fresh, ulong start, Dictionary<uint, string> found)
    {
        for (int end = fresh; end < text.Length; end++)
        {
            int next = text[end..].IndexOf((byte)0);
            if (next < 0) return;
            end += next;
            if (end == 0) continue;
            foreach ((byte[] name, string nameText) in _byLast[text[end - 1]])
                if (name.Length <= end && text.Slice(end - name.Length, name.Length).SequenceEqual(name))
                    found[(uint)(start + (ulong)(end - name.Length))] = nameText;
        }
    }

    /// <summary>A source gives all or nothing: at the end of a file, halve until something comes.</summary>
    static int ReadUpTo(IByteSource source, ulong offset, ulong done, Span<byte> into)
    {
        if (!ElfFile.TryAdd(offset, done, out ulong at)) return 0;
        for (int take = into.Length; take > 0; take /= 2)
            if (source.Read(at, into[..take])) return take;
        return 0;
    }
}
