using System;
using System.Diagnostics;

namespace Lampyris.Cli;

// How far long work is, on one line of a terminal's stderr, which is gone when the work is done. Short work shows nothing.
internal sealed class ProgressLine(string what) : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1), s_period = TimeSpan.FromMilliseconds(200);

    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly bool _isSeen = Terminal.IsTerminal(Terminal.Error);
    TimeSpan _next = s_patience;
    bool _hasLine;

    public void Tell(long done, long all)
    {
        if (!_isSeen || all <= 0 || _clock.Elapsed < _next) return;
        _next = _clock.Elapsed + s_period;
        _hasLine = true;
        Terminal.Write(Terminal.Error, $"\rlampyris: {what}: {Math.Min(100, 100 * done / all)} %");
    }

    public void Dispose()
    {
        if (_hasLine) Terminal.Write(Terminal.Error, "\r\u001b[K");
    }
}
