using System.Runtime.InteropServices;

namespace Lampyris;

// How much memory there was at which time: points for a curve, at first ten a second. When the table is full, every other
// one is dropped and they come half as often, so the curve of a year fits as well. Under the recorder's lock.
public static unsafe class Timeline
{
    const int MaxPoints = 1024;
    const ulong FirstSpacingUs = 100_000;

    [StructLayout(LayoutKind.Sequential)]
    struct Point
    {
        public ulong TimeUs, ResidentBytes, LiveBytes;
    }

    static Point* s_points;
    static int s_count;
    static ulong s_spacingUs;
    static ulong s_nextUs;

    public static void Clear()
    {
        if (s_points == null) s_points = (Point*)OsMemory.Map(MaxPoints * (nuint)sizeof(Point));
        s_count = 0;
        s_nextUs = 0;
        s_spacingUs = FirstSpacingUs;
    }

    /// <summary>Whether it is time for the next point.</summary>
    public static bool IsDue(ulong timeUs) => timeUs >= s_nextUs;

    public static void Add(ulong timeUs, ulong residentBytes, ulong liveBytes)
    {
        s_nextUs = timeUs + s_spacingUs;
        if (s_points == null) return;
        if (s_count == MaxPoints)
        {
            for (int i = 0; i < MaxPoints / 2; i++) s_points[i] = s_points[2 * i + 1];
            s_count = MaxPoints / 2;
            s_spacingUs *= 2;
        }
        s_points[s_count++] = new Point { TimeUs = timeUs, ResidentBytes = residentBytes, LiveBytes = liveBytes };
    }

    /// <summary>Puts all points into a Timeline record.</summary>
    public static void Put(ref RecordBuffer record)
    {
        record.Put((ulong)s_count);
        for (int i = 0; i < s_count; i++)
        {
            record.Put(s_points[i].TimeUs);
            record.Put(s_points[i].ResidentBytes);
            record.Put(s_points[i].LiveBytes);
        }
    }
}
