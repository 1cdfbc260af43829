using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class ThreadSleepTests
{
    static bool TellsNothing(string path)
    {
        ReadOnlySpan<byte> text = File.ReadAllBytes(path);
        fixed (byte* first = text) return ThreadSleep.TellsNothing(first, text.Length);
    }

    static void Signal(Process process, string name)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    // A thread that waits for the heap's lock yields, and its page is half changed. Goal: blocked there, it does not count as
    // asleep. Method: a program that only yields is stopped until that happens inside the call.
    [Fact]
    public void AThreadThatIsBlockedWhileItYieldsTellsNothing()
    {
        using Process program = Process.Start(new ProcessStartInfo(NativeProgramTests.Compile("yield")) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal('y', program.StandardOutput.Read());           // it has begun
            string path = $"/proc/{program.Id}/syscall";
            string text = "";
            for (Stopwatch time = Stopwatch.StartNew(); time.Elapsed < TimeSpan.FromSeconds(30);)
            {
                Signal(program, "STOP");
                while ((text = File.ReadAllText(path)).StartsWith("running", StringComparison.Ordinal)) Thread.Sleep(1);
                if (char.IsAsciiDigit(text[0])) break;
                Signal(program, "CONT");                // stopped between two calls
            }
            Assert.True(char.IsAsciiDigit(text[0]), text);
            Assert.True(TellsNothing(path), text);
        }
        finally
        {
            program.Kill();
        }
    }
}
