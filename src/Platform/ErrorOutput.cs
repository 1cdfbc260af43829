using System;

namespace Lampyris;

// One line to standard error, in one write, with the project's name before it.
public static unsafe class ErrorOutput
{
    const int StandardError = 2;

    public static void Write(in TextLine line)
    {
        byte* text = stackalloc byte[TextLine.MaxBytes + 1];
        int length = line.CopyTo(text);
        text[length++] = (byte)'\n';
        Syscall.Invoke(SyscallNumber.Write, StandardError, (nint)text, length);
    }

    public static void Write(ReadOnlySpan<byte> message)
    {
        TextLine line = default;
        line.Append("lampyris: "u8);
        line.Append(message);
        Write(line);
    }
}
