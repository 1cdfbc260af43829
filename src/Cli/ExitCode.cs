namespace Lampyris.Cli;

// The exit codes of the command line: those of a shell, so that scripts need not know that we stand in between.
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>What was asked about could not be read, or the answer not be written.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>`leaks` found one. Neither 1 nor 2: a script should not take a mistake for a leak.</summary>
    public const int LeakFound = 3;

    /// <summary>The command was found but can't be executed.</summary>
    public const int NotExecutable = 126;

    public const int NotFound = 127;

    /// <summary>What a shell reports for a command that a signal ended.</summary>
    public static int OfSignal(int signal) => 128 + signal;
}
