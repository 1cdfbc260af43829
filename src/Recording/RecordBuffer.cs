using System;
using System.Runtime.CompilerServices;

namespace Lampyris;

/// <summary>One record under construction, in a buffer that the caller gives. What does not fit is an error of the caller's: it is checked, and the record dropped.</summary>
public unsafe ref struct RecordBuffer
{
    const int MaxHeadBytes = 6;                 // kind, and a length of up to 35 bits
    const int CheckModulus = 251;

    readonly byte* _start;
    readonly int _capacity;
    int _length;                                // of the payload
    bool _isFull;

    /// <summary>A record in <paramref name="buffer"/>.</summary>
    public RecordBuffer(byte* buffer, int bytes)
    {
        _start = buffer + MaxHeadBytes;
        _capacity = bytes - MaxHeadBytes - 1;
        _length = 0;
        _isFull = false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]       // many callers: inlined, they are 4 KB more
    public void Put(ulong value)
    {
        for (; value >= 0x80; value >>= 7) PutByte((byte)(value | 0x80));
        PutByte((byte)value);
    }

    public void PutSigned(long value) => Put((ulong)(value << 1 ^ value >> 63));

    public void Put(SampleWeight weight)
    {
        Put(weight.Bytes);
        Put(weight.Millis);
    }

    public void PutText(byte* text, nuint bytes)
    {
        Put(bytes);
        for (nuint i = 0; i < bytes; i++) PutByte(text[i]);
    }

    public void PutText(byte* text) => PutText(text, CString.Length(text));

    void PutByte(byte value)
    {
        if (_length < _capacity) _start[_length++] = value;
        else _isFull = true;
    }

    /// <summary>Appends the record to a file, if it fitted.</summary>
    public void AppendTo(ref ProfileFile file, RecordKind kind)
    {
        byte* record = Finish(kind, out nuint bytes);
        if (record != null) file.Append(record, bytes);
    }

    /// <summary>The whole record, head and check, in the buffer; null if it did not fit.</summary>
    public byte* Finish(RecordKind kind, out nuint bytes)
    {
        bytes = 0;
        if (_isFull) return null;
        int check = (int)kind;
        for (int i = 0; i < _length; i++) check += _start[i];
        _start[_length] = (byte)(check % CheckModulus + 1);

        int lengthBytes = 1;
        for (int rest = _length; rest >= 0x80; rest >>= 7) lengthBytes++;
        byte* head = _start - lengthBytes - 1;
        head[0] = (byte)kind;
        for (int i = 0; i < lengthBytes; i++) head[1 + i] = (byte)(_length >> 7 * i & 0x7F | (i < lengthBytes - 1 ? 0x80 : 0));
        bytes = (nuint)(1 + lengthBytes + _length + 1);
        return head;
    }
}
