using System;

namespace Lampyris;

// Paths of profile files, in fixed buffers, ended by a zero.
public static unsafe class ProfilePath
{
    /// <summary>Makes a path absolute, so that the program may change its directory; `%p` becomes the process ID. False when it does not fit.</summary>
    public static bool TryMakeAbsolute(byte* path, byte* into, int capacity)
    {
        var text = new PathText(into, capacity);
        if (*path != '/')
        {
            nint length = Syscall.Invoke(SyscallNumber.GetCwd, (nint)into, capacity);       // counts the zero
            if (length <= 0) return false;
            text.Skip((int)length - 1);
            text.Append((byte)'/');
        }
        for (; *path != 0; path++)
        {
            if (path[0] == '%' && path[1] == 'p')
            {
                text.Append(OsThread.ProcessId());
                path++;
            }
            else text.Append(*path);
        }
        return text.TryEnd();
    }

    /// <summary>The path itself, then PATH.PID, then PATH.PID.2 and so on. False when it does not fit.</summary>
    public static bool TryCompose(byte* path, int processId, int attempt, byte* into, int capacity)
    {
        var text = new PathText(into, capacity);
        text.Append(path);
        if (attempt > 0)
        {
            text.Append((byte)'.');
            text.Append(processId);
        }
        if (attempt > 1)
        {
            text.Append((byte)'.');
            text.Append(attempt);
        }
        return text.TryEnd();
    }

    /// <summary>The path with something behind it. False when it does not fit.</summary>
    public static bool TryAppend(byte* path, ReadOnlySpan<byte> suffix, byte* into, int capacity)
    {
        var text = new PathText(into, capacity);
        text.Append(path);
        for (int i = 0; i < suffix.Length; i++) text.Append(suffix[i]);
        return text.TryEnd();
    }

    /// <summary>PREFIX.PID.NUMBER and an ending: the names of dumps, as other allocators give them. False when it does not fit.</summary>
    public static bool TryNumber(byte* prefix, int processId, int number, ReadOnlySpan<byte> ending, byte* into, int capacity)
    {
        var text = new PathText(into, capacity);
        text.Append(prefix);
        text.Append((byte)'.');
        text.Append(processId);
        text.Append((byte)'.');
        text.Append(number);
        for (int i = 0; i < ending.Length; i++) text.Append(ending[i]);
        return text.TryEnd();
    }

    ref struct PathText(byte* into, int capacity)
    {
        readonly byte* _into = into;
        readonly int _capacity = capacity;
        int _length;

        public void Skip(int bytes) => _length += bytes;

        public void Append(byte character)
        {
            if (_length < _capacity) _into[_length] = character;
            _length++;
        }

        public void Append(byte* text)
        {
            for (; *text != 0; text++) Append(*text);
        }

        public void Append(int number)
        {
            int unit = 1;
            while (number / unit >= 10) unit *= 10;
            for (; unit != 0; unit /= 10) Append((byte)('0' + number / unit % 10));
        }

        public bool TryEnd()
        {
            Append((byte)0);
            return _length <= _capacity;
        }
    }
}
