using System;
using System.IO;
using System.Text;
using System.Threading;
using Spectre.Console;

namespace Lampyris.Cli;

// The picture of `stats --watch` on a terminal. Spectre.Console places and renews it; what it shows is `ReportText`'s.
internal static class LiveView
{
    /// <summary>Returns when <paramref name="stopped"/> is set; the last picture stays. Throws `LiveHeapException`.</summary>
    public static int Run(LiveHeap heap, ManualResetEventSlim stopped, TimeSpan period)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = Terminal.WantsColor(Terminal.Out) ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new TerminalOutput(),
        });
        LiveReport report = heap.Read();
        console.Live(Picture(report, null)).Start(live =>
        {
            live.Refresh();
            while (!stopped.Wait(period))
            {
                LiveReport earlier = report;
                report = heap.Read();
                live.UpdateTarget(Picture(report, earlier));
            }
        });
        return ExitCode.Ok;
    }

    static Markup Picture(LiveReport report, LiveReport? earlier)
    {
        Ink ink = Ink.For(Terminal.Out) with { Format = InkFormat.Markup };
        return new Markup(ReportText.Of(report, earlier, ink).TrimEnd('\n'));
    }

    /// <summary>Standard output as Spectre.Console wants it: without `System.Console`, see `Terminal`.</summary>
    sealed class TerminalOutput : IAnsiConsoleOutput
    {
        public TextWriter Writer { get; } = new TerminalWriter();
        public bool IsTerminal => true;
        public int Width => Terminal.Columns(Terminal.Out);
        public int Height => Terminal.Rows(Terminal.Out);
        public void SetEncoding(Encoding encoding) { }
    }

    sealed class TerminalWriter : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;
        public override void Write(char value) => Write(value.ToString());
        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));
        public override void Write(string? value)
        {
            if (value is not null) Terminal.Write(Terminal.Out, value);
        }
    }
}
