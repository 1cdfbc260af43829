using System;
using Lampyris.Cli;

// The `lampyris` command. Each verb is a file of its own; see `Verb`.
try
{
    return CommandLine.Run(args, [new RunVerb(), new StatsVerb(), new InspectVerb(), new ProfileVerb(), new ReportVerb(), new DiffVerb(), new LeaksVerb()]);
}
catch (Exception problem) when (problem is not OutOfMemoryException)
{
    Terminal.Complain($"internal error, please report it: {problem}");
    return ExitCode.Failed;
}
