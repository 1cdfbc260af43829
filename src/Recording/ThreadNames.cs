using System.Runtime.InteropServices;

namespace Lampyris;

/// <summary>A thread's name, as the kernel has it: up to 15 bytes and a zero.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct ThreadName
{
    const int GetName = 16;

    ulong _low, _high;

    public static ThreadName OfThisThread()
    {
        ThreadName name = default;
        Syscall.Invoke(SyscallNumber.PrCtl, GetName, (nint)(&name));
        // What stands behind the zero is of no meaning.
        bool isBehind = false;
        for (int i = 0; i < sizeof(ThreadName); i++)
        {
            byte* character = (byte*)&name + i;
            if (isBehind || i == sizeof(ThreadName) - 1) *character = 0;
            isBehind |= *character == 0;
        }
        return name;
    }

    public readonly bool IsSame(ThreadName other) => _low == other._low && _high == other._high;
}

// The names that threads had so far, numbered as they came. Under the recorder's lock.
public static unsafe class ThreadNames
{
    const int Max = 512;                // all further ones count as the last
    const ulong TrustUs = 5000;         // a thread may be renamed: as long as this, its name is not asked for again

    static ThreadName* s_names;
    static uint s_count;
    static uint s_round = 1;            // of the table: what threads remember from before is worth nothing

    public static uint Count => s_count;

    public static ThreadName At(uint number) => s_names[number];

    public static void Clear()
    {
        s_count = 0;
        s_round++;
    }

    /// <summary>The number of the calling thread's name. It may be out of date by <see cref="TrustUs"/>, unless <paramref name="isExact"/>.</summary>
    public static uint OfThisThread(bool isExact)
    {
        KnownName* known = Host.KnownName();
        ulong now = ProfileClock.Now;
        if (!isExact && known->Round == s_round && now < known->UntilUs) return known->Number;
        *known = new KnownName { UntilUs = now + TrustUs, Number = Find(ThreadName.OfThisThread()), Round = s_round };
        return known->Number;
    }

    // The name's number; a new one is written to the file.
    static uint Find(ThreadName name)
    {
        if (s_names == null) s_names = (ThreadName*)OsMemory.Map(Max * (nuint)sizeof(ThreadName));
        if (s_names == null) return 0;
        uint number = 0;
        while (number < s_count && !s_names[number].IsSame(name)) number++;
        if (number < s_count) return number;
        if (s_count == Max) return Max - 1;
        s_names[s_count++] = name;
        ProfileWriter.Thread(number, name);
        return number;
    }
}
