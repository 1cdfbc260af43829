using System.Collections.Generic;

namespace Lampyris.Analysis;

// A timeline of any length in bounded memory: at `2 * MaxCount` points, each two neighbours become the one with more live memory,
// so that peaks stay.
internal sealed class TimelineThinner
{
    public const int MaxCount = 2000;

    readonly List<TimelinePoint> _points = [];

    // How many given points stand behind each kept one; the points of a file come at even steps.
    int _step = 1, _pending;
    TimelinePoint _highest;

    public void Add(TimelinePoint point)
    {
        if (_pending == 0 || IsHigher(point, _highest)) _highest = point;
        if (++_pending < _step) return;
        Flush();
        if (_points.Count >= 2 * MaxCount) Halve();
    }

    public IReadOnlyList<TimelinePoint> Finish()
    {
        if (_pending > 0) Flush();
        if (_points.Count > MaxCount) Halve();
        return _points;
    }

    void Flush()
    {
        _points.Add(_highest);
        _pending = 0;
    }

    void Halve()
    {
        int kept = 0;
        for (int i = 0; i < _points.Count; i += 2)
        {
            bool isSecond = i + 1 < _points.Count && IsHigher(_points[i + 1], _points[i]);
            _points[kept++] = _points[isSecond ? i + 1 : i];
        }
        _points.RemoveRange(kept, _points.Count - kept);
        _step *= 2;
    }

    static bool IsHigher(TimelinePoint point, TimelinePoint other) =>
        point.LiveBytes != other.LiveBytes ? point.LiveBytes > other.LiveBytes : point.RssBytes > other.RssBytes;
}
