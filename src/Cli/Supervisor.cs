using System;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lampyris.Cli;

// Stands beside the command until it ends: hands on the signals that were meant for it, stops when it stops,
// and gives a `Sampler` its turns in between. One thread does all of it: every signal is blocked and taken here,
// the end of the child included, so that no signal can go to a process id that is no longer the child's.
/// <param name="receiver">Who gets the signals where that is not the child itself; asked for each.</param>
internal sealed unsafe class Supervisor(int child, Sampler sampler, Func<int>? receiver = null)
{
    public Linux.ResourceUsage Usage { get; private set; }

    /// <summary>True once the terminal has sent SIGINT to its foreground group, ours.</summary>
    public bool WasInterrupted { get; private set; }

    /// <summary>Returns how the command ended.</summary>
    public ChildEvent Run()
    {
        while (true)
        {
            int signal = Wait(sampler.Delay, out Linux.SignalInfo info);
            if (signal == 0) sampler.Take();
            else if (signal != Signals.Chld) HandOn(signal, info);

            // After every turn, not only on SIGCHLD: two ends at once are one signal.
            ChildEvent happened = ChildProcess.Poll(child, out Linux.ResourceUsage usage);
            if (happened.Kind == ChildEventKind.Stopped) StopWith(happened.Value);
            if (!happened.IsEnd) continue;
            Usage = usage;
            return happened;
        }
    }

    /// <summary>The next signal, or 0 once <paramref name="atMost"/> has gone by.</summary>
    static int Wait(TimeSpan atMost, out Linux.SignalInfo info)
    {
        var set = new Linux.SignalSet { Bits = Signals.Supervised };
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            TimeSpan left = atMost - Stopwatch.GetElapsedTime(start);
            if (left < TimeSpan.Zero) left = TimeSpan.Zero;
            var timeout = new Linux.TimeSpec { Seconds = (long)left.TotalSeconds, Nanoseconds = left.Ticks % TimeSpan.TicksPerSecond * 100 };
            int signal;
            fixed (Linux.SignalInfo* i = &info) signal = Linux.sigtimedwait(&set, i, &timeout);
            if (signal > 0) return signal;
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Linux.EAGAIN) return 0;
            if (errno != Linux.EINTR) throw new InvalidOperationException("sigtimedwait: " + Linux.ErrorText(errno));
        }
    }

    /// <summary>
    /// A key on the terminal, and the terminal's end, reach the whole foreground process group: the child, which is
    /// in ours, has had that signal already. So it has when it sent the signal to the group itself.
    /// </summary>
    void HandOn(int signal, in Linux.SignalInfo info)
    {
        WasInterrupted |= signal == Signals.Int && info.Code == Linux.SI_KERNEL;
        bool hasItAlready = info.Code == Linux.SI_KERNEL && Linux.getpgid(child) == Linux.getpgrp();
        if (hasItAlready || info.SenderProcessId == child && info.Code != Linux.SI_KERNEL) return;

        // `fg` continues the group as well; only a child that still stands needs another push.
        if (signal == Signals.Cont && ProcessStatus.Read(child) is not { IsStopped: true }) return;
        _ = Linux.kill(receiver?.Invoke() ?? child, signal);
    }

    /// <summary>
    /// After Ctrl-C a shell looks whether its child died of it, and only then leaves its own loop or script. Where the
    /// command did, so do we; in every other case the exit code alone tells.
    /// </summary>
    public static void DieOfInterrupt()
    {
        _ = Linux.signal(Signals.Int, Linux.SIG_DFL);
        var only = new Linux.SignalSet { Bits = Signals.Bit(Signals.Int) };
        _ = Linux.pthread_sigmask(Linux.SIG_UNBLOCK, &only, null);
        _ = Linux.kill(Environment.ProcessId, Signals.Int);
    }

    /// <summary>
    /// Stops this process as the child was stopped, so that the shell sees its job stopped and gives the prompt back.
    /// SIGSTOP is taken up only in the terminal's foreground: elsewhere nobody would continue us, only the child.
    /// </summary>
    static void StopWith(int signal)
    {
        if (signal is not (Signals.Tstp or Signals.Ttin or Signals.Ttou))
        {
            if (Terminal.IsInForeground()) _ = Linux.kill(Environment.ProcessId, Signals.Stop);
            return;
        }
        _ = Linux.signal(signal, Linux.SIG_DFL);
        _ = Linux.kill(Environment.ProcessId, signal);
        var only = new Linux.SignalSet { Bits = Signals.Bit(signal) };
        _ = Linux.pthread_sigmask(Linux.SIG_UNBLOCK, &only, null);      // here it stops, and goes on after SIGCONT
        _ = Linux.pthread_sigmask(Linux.SIG_BLOCK, &only, null);
    }
}
