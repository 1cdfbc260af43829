using System.Collections.Generic;
using System.CommandLine;

namespace Lampyris.Cli;

// One verb of the command line: how it is spoken to, what its help says, and what it does.
internal abstract class Verb
{
    public abstract Command Command { get; }

    /// <summary>What follows the verb's name in a usage line.</summary>
    public abstract string Arguments { get; }

    /// <summary>Below the options on the help page: whatever else there is to know, blank lines between paragraphs.</summary>
    public virtual string Notes => "";

    public abstract IReadOnlyList<(string CommandLine, string Meaning)> Examples { get; }

    /// <summary>True when the verb takes the command line of another program behind its own options.</summary>
    public virtual bool TakesCommand => false;

    /// <summary>True when that command line stands behind `--` only; else it may also begin with the first word that is no option.</summary>
    public virtual bool IsCommandBehindDashes => false;

    /// <param name="command">The other program's command line; empty unless `TakesCommand`.</param>
    public abstract int Run(ParseResult options, IReadOnlyList<string> command);
}
