using System;
using System.IO;

namespace Lampyris.Analysis;

internal enum RecordsEnd
{
    /// <summary>There may be more.</summary>
    Open,

    /// <summary>The file ends with a whole record.</summary>
    File,

    /// <summary>Zeros, which the writer did not get round to cut off.</summary>
    Zeros,

    /// <summary>The last record is not all there.</summary>
    CutOff,

    /// <summary>A record's check is wrong, or its length or content can't be.</summary>
    Damage,
}

// Reads a file record by record through one buffer. The buffer grows only as far as bytes really come, so that a length that is
// a lie costs no memory.
internal sealed class RecordReader(Stream stream)
{
    const int UsualBufferBytes = 1 << 20, LeastBufferBytes = 512;

    byte[] _buffer = new byte[BufferBytes(stream)];
    int _start, _end;

    /// <summary>Where in the file the next record begins.</summary>
    public long Position { get; private set; }

    public RecordsEnd End { get; private set; }

    /// <summary>Told after each read how many bytes were read in all.</summary>
    public Action<long>? Progress { get; init; }

    static int BufferBytes(Stream stream) => stream.CanSeek ? (int)Math.Clamp(stream.Length + 1, LeastBufferBytes, UsualBufferBytes) : UsualBufferBytes;

    /// <summary>The file's header, or as much of it as there is.</summary>
    public ReadOnlySpan<byte> Header()
    {
        Fill(ProfileFormat.HeaderBytes);
        int length = Math.Min(_end - _start, ProfileFormat.HeaderBytes);
        ReadOnlySpan<byte> header = _buffer.AsSpan(_start, length);
        Skip(length);
        return header;
    }

    /// <summary>The next record; its payload is valid until the next call. False when there is none: `End` says why.</summary>
    public bool Next(out RecordKind kind, out ReadOnlySpan<byte> payload)
    {
        const int MostBefore = 1 + ProfileFormat.MaxVarintBytes;
        kind = RecordKind.None;
        payload = default;
        if (End != RecordsEnd.Open) return false;
        if (_end - _start < MostBefore) Fill(MostBefore);
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
        if (rest.IsEmpty) return Ended(RecordsEnd.File);
        kind = (RecordKind)rest[0];
        if (kind == RecordKind.None) return Ended(RecordsEnd.Zeros);

        var lengthReader = new PayloadReader(rest[1..]);
        ulong length = lengthReader.Varint();
        if (lengthReader.IsDamaged) return Ended(rest.Length < MostBefore ? RecordsEnd.CutOff : RecordsEnd.Damage);
        if (length > ProfileFormat.MaxPayloadBytes) return Ended(RecordsEnd.Damage);
        int before = rest.Length - lengthReader.RestBytes;
        int all = before + (int)length + 1;
        if (all > rest.Length && !Fill(all)) return Ended(RecordsEnd.CutOff);

        payload = _buffer.AsSpan(_start + before, (int)length);
        if (_buffer[_start + all - 1] != ProfileFormat.Check(kind, payload)) return Ended(RecordsEnd.Damage);
        Skip(all);
        return true;
    }

    /// <summary>The record read last, which began at <paramref name="position"/>, holds what can't be: nothing from there on counts.</summary>
    public void Refuse(long position)
    {
        Position = position;
        End = RecordsEnd.Damage;
    }

    /// <summary>Whether anything but zeros is in the next bytes, up to so many.</summary>
    public bool HasMoreThanZeros(long mostBytes)
    {
        for (long seen = 0; seen < mostBytes;)
        {
            if (_start == _end && !Fill(1)) return false;
            if (_buffer.AsSpan(_start, _end - _start).ContainsAnyExcept((byte)0)) return true;
            seen += _end - _start;
            _start = _end;
        }
        return false;
    }

    bool Ended(RecordsEnd end)
    {
        End = end;
        return false;
    }

    void Skip(int bytes)
    {
        _start += bytes;
        Position += bytes;
    }

    /// <summary>Has so many bytes in the buffer, if the file has them.</summary>
    bool Fill(int bytes)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        while (_end < bytes)
        {
            if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            int read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0) return false;
            _end += read;
            Progress?.Invoke(Position + _end);
        }
        return true;
    }
}
