using System;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading;

namespace Lampyris.Cli;

// `stats --watch`: on a terminal a picture that renews itself, elsewhere a line each second.
internal static class Watch
{
    static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>Returns when the user has had enough; throws `LiveHeapException` when the process ends.</summary>
    public static int Run(LiveHeap heap, bool isJson)
    {
        using var stopped = new ManualResetEventSlim();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopped.Set();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        if (!isJson && Terminal.IsTerminal(Terminal.Out)) return LiveView.Run(heap, stopped, s_period);

        if (!isJson) Terminal.Write(Terminal.Out, Header);
        LiveReport? earlier = null;
        do
        {
            LiveReport report = heap.Read();
            string line = isJson ? ReportJson.Of(report, isIndented: false) : Line(report, earlier);
            if (!Terminal.Write(Terminal.Out, line)) return ExitCode.Ok;        // the reader has seen enough
            earlier = report;
        }
        while (!stopped.Wait(s_period));
        return ExitCode.Ok;
    }

    const string Header = "time        resident        live      in use    returned     blocks   allocs/s\n";

    static string Line(LiveReport report, LiveReport? earlier)
    {
        string rate = earlier is null ? "-" : report.AllocationsPerSecond(earlier).ToString("0", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture,
            $"{DateTime.Now:HH:mm:ss}  {Units.Bytes(report.RssBytes),10}  {Units.Bytes(report.Heap.LiveBytes),10}  {Units.Bytes(report.Heap.CommittedBytes),10}  {Units.Bytes(report.Heap.PurgedBytes),10}  {report.Heap.LiveCount,9}  {rate,9}\n");
    }
}
