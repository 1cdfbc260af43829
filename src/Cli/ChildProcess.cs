using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Lampyris.Cli;

// Starts a program and takes its end. Not `System.Diagnostics.Process`: that sets up pipes, takes the terminal
// in hand, and tells neither the signal that ended a child nor what it used.
internal static unsafe class ChildProcess
{
    /// <summary>Large enough for `posix_spawnattr_t` (336 bytes) and `posix_spawn_file_actions_t` (80) of every C library.</summary>
    const int OpaqueBytes = 1024;

    /// <summary>
    /// Starts the file at <paramref name="path"/> (zero-terminated) in our process group, with the signals of
    /// <paramref name="caller"/>. Returns 0 and the process, or the errno with which the system refused.
    /// </summary>
    public static int Start(byte[] path, IReadOnlyList<byte[]> arguments, ChildEnvironment environment, CallerState caller, out int processId)
    {
        caller.RestoreInherited();
        void* attributes = NativeMemory.AllocZeroed(OpaqueBytes);
        void* actions = NativeMemory.AllocZeroed(OpaqueBytes);
        using var argv = new StringVector(arguments);
        using var envp = new StringVector(environment.Entries);
        try
        {
            // A handler of ours becomes the default anyway; what we ignore, and the caller does not, must be named.
            var defaults = new Linux.SignalSet { Bits = ~caller.IgnoredSignals | Signals.Bit(Signals.Chld) };
            var mask = new Linux.SignalSet { Bits = caller.BlockedSignals };
            _ = Linux.posix_spawnattr_init(attributes);
            _ = Linux.posix_spawnattr_setsigdefault(attributes, &defaults);
            _ = Linux.posix_spawnattr_setsigmask(attributes, &mask);
            _ = Linux.posix_spawnattr_setflags(attributes, Linux.POSIX_SPAWN_SETSIGDEF | Linux.POSIX_SPAWN_SETSIGMASK);
            _ = Linux.posix_spawn_file_actions_init(actions);
            foreach (int descriptor in caller.ClosedDescriptors) _ = Linux.posix_spawn_file_actions_addclose(actions, descriptor);

            // Ignored, as some callers leave it, our children would vanish without an exit code.
            _ = Linux.signal(Signals.Chld, Linux.SIG_DFL);
            int child = 0;
            int errno;
            fixed (byte* p = path) errno = Linux.posix_spawn(&child, p, actions, attributes, argv.Pointer, envp.Pointer);
            processId = child;
            return errno;
        }
        finally
        {
            _ = Linux.posix_spawn_file_actions_destroy(actions);
            _ = Linux.posix_spawnattr_destroy(attributes);
            NativeMemory.Free(actions);
            NativeMemory.Free(attributes);
        }
    }

    /// <summary>What has happened to the child since the last call.</summary>
    public static ChildEvent Poll(int processId, out Linux.ResourceUsage usage)
    {
        int status = 0;
        int result;
        usage = default;
        fixed (Linux.ResourceUsage* u = &usage) result = Linux.wait4(processId, &status, Linux.WNOHANG | Linux.WUNTRACED, u);
        if (result == 0) return new ChildEvent(ChildEventKind.None, 0, false);
        if (result < 0) throw new InvalidOperationException("wait4: " + Linux.ErrorText(Marshal.GetLastPInvokeError()));

        int low = status & 0x7F, high = status >> 8 & 0xFF;
        if (low == 0x7F) return new ChildEvent(ChildEventKind.Stopped, high, false);
        return low == 0 ? new ChildEvent(ChildEventKind.Exited, high, false) : new ChildEvent(ChildEventKind.Killed, low, (status & 0x80) != 0);
    }
}

internal enum ChildEventKind { None, Stopped, Exited, Killed }

/// <param name="Value">The exit code, or the signal that stopped or ended the child.</param>
internal readonly record struct ChildEvent(ChildEventKind Kind, int Value, bool IsCoreDumped)
{
    public bool IsEnd => Kind is ChildEventKind.Exited or ChildEventKind.Killed;
    public int ExitCode => Kind == ChildEventKind.Killed ? Lampyris.Cli.ExitCode.OfSignal(Value) : Value;
}
