using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Lampyris.Cli.Tests;

public class SignalTests
{
    // Counts a signal for a while after saying that it is ready; a second one sent too much would show.
    const string Counter = """
        import signal, sys, time
        counts = {}
        def count(number, frame): counts[number] = counts.get(number, 0) + 1
        for name in sys.argv[2:]: signal.signal(getattr(signal, 'SIG' + name), count)
        open(sys.argv[1], 'w').close()
        print('counting' + ' now', flush=True)
        end = time.monotonic() + 1.5
        while time.monotonic() < end: time.sleep(0.02)
        print(' '.join(f'{signal.Signals(n).name[3:]}={c}' for n, c in sorted(counts.items())), flush=True)
        """;

    [Fact]
    public void ASignalSentToUsReachesTheCommandOnce()
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch.FilePath("counter.py"), Counter);

        Outcome outcome = Launcher.Shell("""
            $L run -q -- python3 $D/counter.py $D/ready HUP INT QUIT USR1 USR2 ALRM TERM WINCH &
            while [ ! -e $D/ready ]; do sleep 0.05; done
            for s in HUP INT QUIT USR1 USR2 ALRM TERM WINCH; do kill -$s $!; done
            wait $!; echo $?
            """, scratch.Path);

        // bash starts what is in the background with INT and QUIT ignored; Python takes them up all the same.
        string[] lines = outcome.Output.Split('\n');
        Assert.Equal("ALRM=1 HUP=1 INT=1 QUIT=1 TERM=1 USR1=1 USR2=1 WINCH=1".Split(' '), lines[1].Split(' ').Order(StringComparer.Ordinal));
        Assert.Equal("0", lines[2]);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    [InlineData("USR1", 138)]
    public void ACommandThatDiesOfAForwardedSignalIsReportedSo(string signal, int exitCode)
    {
        using var scratch = new Scratch();
        Outcome outcome = Launcher.Shell($"$L run -- sh -c 'echo; exec sleep 30' > $D/out & while [ ! -s $D/out ]; do sleep 0.05; done; kill -{signal} $!; wait $!; echo $?", scratch.Path);
        Assert.Equal($"{exitCode}\n", outcome.Output);
        Assert.Contains($"ended by SIG{signal}", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AStoppedCommandStopsAndContinuesThroughUs()
    {
        Outcome outcome = Launcher.Shell("""
            $L run -q -- sleep 2 & sleep 1
            child=$(pgrep -P $!)
            state() { cut -d' ' -f3 /proc/$1/stat; }
            kill -TSTP $!; sleep 0.5; state $child; state $!
            kill -CONT $!; sleep 0.3; state $child
            wait $!; echo $?
            """);
        // In a shell without job control there is nobody who would continue us: only the child stands still.
        string[] lines = outcome.Output.Split('\n');
        Assert.Equal("T", lines[0]);
        Assert.Equal("S", lines[2]);
        Assert.Equal("0", lines[3]);
    }

    [Fact]
    public void CtrlCReachesTheCommandOnceAndWeStay()
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch.FilePath("counter.py"), Counter);
        Outcome outcome = Launcher.Terminal(
            $"type:$L run -q -- python3 {scratch.FilePath("counter.py")} {scratch.FilePath("ready")} INT QUIT; echo done=$?\\r",
            "until:counting now", "type:\\x03", "wait:0.3", "type:\\x1c", "until:done=0");
        Assert.True(outcome.ExitCode == 0, outcome.Error + outcome.Output);
        Assert.Contains("INT=1 QUIT=1", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void CtrlCEndsACommandThatDoesNotCatchIt()
    {
        Outcome outcome = Launcher.Terminal(
            "type:for i in 1 2; do $L run -- sh -c 'echo now''here; sleep 30'; echo go\"\"on; done\\r", "until:nowhere", "wait:0.3", "type:\\x03", "until:PROMPT>",
            "type:echo done=$?\\r", "until:done=130");
        Assert.True(outcome.ExitCode == 0, outcome.Error + outcome.Output);
        Assert.DoesNotContain("goon", outcome.Output, StringComparison.Ordinal);     // the shell has left its loop, as without us
        Assert.Contains("ended by SIGINT", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void CtrlZGivesThePromptBackAndFgTheCommand()
    {
        Outcome outcome = Launcher.Terminal(
            "type:$L run -q -- sh -c 'echo now''here; read line; echo got=$line'\\r", "until:nowhere", "wait:0.3", "type:\\x1a", "until:Stopped", "until:PROMPT>",
            "type:fg; echo done=$?\\r", "wait:0.5", "type:hello\\r", "until:got=hello", "until:done=0");
        Assert.True(outcome.ExitCode == 0, outcome.Error + outcome.Output);
    }

    [Fact]
    public void TheTerminalIsTheCommandsAndStaysAsItWas()
    {
        Outcome outcome = Launcher.Terminal(
            "size:97x31", "type:stty -a > /tmp/a$$; $L run -q -- sh -c 'stty -a; tty; test -t 0 && test -t 1 && test -t 2 && echo all=ttys'; stty -a | cmp - /tmp/a$$ && echo same=yes; rm /tmp/a$$\\r",
            "until:rows 31; columns 97", "until:/dev/pts", "until:all=ttys", "until:same=yes");
        Assert.True(outcome.ExitCode == 0, outcome.Error + outcome.Output);
    }

    [Fact]
    public void AResizedTerminalIsToldOnce()
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch.FilePath("counter.py"), Counter);
        Outcome outcome = Launcher.Terminal(
            $"type:$L run -q -- python3 {scratch.FilePath("counter.py")} {scratch.FilePath("ready")} WINCH; echo done=$?\\r",
            "until:counting now", "size:100x30", "until:done=0");
        Assert.Contains("WINCH=1\r", outcome.Output, StringComparison.Ordinal);
    }
}
