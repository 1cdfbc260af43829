using System;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace Lampyris.Cli;

// Where our own words go: standard output and error. Not `System.Console`, which changes the settings of a terminal
// that belongs to the command.
internal static unsafe class Terminal
{
    public const int Out = 1, Error = 2;

    /// <summary>Columns of reports that go anywhere but to a terminal, and the most on one.</summary>
    public const int ReportColumns = 80;

    public static bool IsTerminal(int descriptor) => Linux.isatty(descriptor) == 1;

    /// <summary>Columns of the terminal; `ReportColumns` when it is none or does not know.</summary>
    public static int Columns(int descriptor) => Size(descriptor) is { Columns: > 0 } size ? size.Columns : ReportColumns;

    public static int Rows(int descriptor) => Size(descriptor) is { Rows: > 0 } size ? size.Rows : 24;

    static Linux.WindowSize Size(int descriptor)
    {
        const nuint TIOCGWINSZ = 0x5413;
        Linux.WindowSize size = default;
        return Linux.ioctl_window(descriptor, TIOCGWINSZ, &size) == 0 ? size : default;
    }

    /// <summary>Colour only for eyes that can use it: a terminal that is not dumb, and nobody said no (https://no-color.org).</summary>
    public static bool WantsColor(int descriptor) =>
        IsTerminal(descriptor)
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";

    /// <summary>False where the locale says that the terminal shows something else than UTF-8.</summary>
    public static bool ShowsUnicode()
    {
        foreach (string name in new[] { "LC_ALL", "LC_CTYPE", "LANG" })
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } locale)
                return locale.Contains("utf8", StringComparison.OrdinalIgnoreCase) || locale.Contains("utf-8", StringComparison.OrdinalIgnoreCase);
        return true;            // no locale set, as in most containers: the terminal outside is a modern one
    }

    /// <summary>True when we are what the terminal is talking to.</summary>
    public static bool IsInForeground()
    {
        int fd;
        fixed (byte* path = "/dev/tty\0"u8) fd = Linux.open(path, Linux.O_RDONLY | Linux.O_CLOEXEC);
        if (fd < 0) return false;
        int foreground = Linux.tcgetpgrp(fd);
        _ = Linux.close(fd);
        return foreground == Linux.getpgrp();
    }

    /// <summary>Writes all of the text, or returns false.</summary>
    public static bool Write(int descriptor, string text)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(text);
        while (!bytes.IsEmpty)
        {
            nint written;
            fixed (byte* p = bytes) written = Linux.write(descriptor, p, (nuint)bytes.Length);
            if (written > 0)
            {
                bytes = bytes[(int)written..];
                continue;
            }
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Linux.EAGAIN) Thread.Sleep(1);     // the command has left it non-blocking
            else if (errno != Linux.EINTR) return false;
        }
        return true;
    }

    /// <summary>One line on stderr, as all our messages are.</summary>
    public static void Complain(string message) => Write(Error, $"lampyris: {message.ReplaceLineEndings(" ")}\n");
}
