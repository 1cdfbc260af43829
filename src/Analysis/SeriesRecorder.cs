using System;
using System.Collections.Generic;

namespace Lampyris.Analysis;

// What is live at each stack at even steps through a run whose length is not known beforehand: when the points get too many, every
// second one goes and the step doubles. So a point is taken at most `MostPoints` times for each doubling, however long the run.
internal sealed class SeriesRecorder
{
    const int MostPoints = 64, LeastPoints = 16;
    const long MostNumbers = 16 << 20;      // over all points, so that a million stacks do not cost a gigabyte
    const long FirstStep = 100;             // microseconds

    readonly List<(long Time, long[] Live)> _points = [];
    long _step = FirstStep, _next;
    bool _isChanged = true;

    public IReadOnlyList<(long Time, long[] Live)> Points => _points;

    /// <summary>To be called before the replay changes.</summary>
    public void Before(long time, Replay replay)
    {
        while (time >= _next)
        {
            Take(_next, replay);
            _next += _step;
            if (_points.Count >= Math.Clamp(MostNumbers / Math.Max(1, replay.Count), LeastPoints, MostPoints)) Halve();
        }
        _isChanged = true;
    }

    public void Clear(long time)
    {
        _points.Clear();
        _isChanged = true;
        _next = Math.Max(_next, time + _step);
    }

    public void Finish(long time, Replay replay)
    {
        if (_points.Count == 0 || time > _points[^1].Time) Take(time, replay);
    }

    void Take(long time, Replay replay)
    {
        long[] live = _isChanged || _points.Count == 0 ? new long[replay.Count] : _points[^1].Live;
        if (_isChanged || _points.Count == 0)
            for (int i = 0; i < live.Length; i++) live[i] = replay[i].LiveBytes;
        _isChanged = false;
        _points.Add((time, live));
    }

    void Halve()
    {
        for (int i = 0; i < _points.Count / 2; i++) _points[i] = _points[2 * i + 1];
        _points.RemoveRange(_points.Count / 2, _points.Count - _points.Count / 2);
        _step *= 2;
        _next = _points[^1].Time + _step;
    }
}
