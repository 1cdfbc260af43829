using System;

namespace Lampyris.Cli;

/// <summary>Something on our own command line can't be: one line on stderr, exit code 2, nothing was started.</summary>
internal sealed class UsageException(string message) : Exception(message);
