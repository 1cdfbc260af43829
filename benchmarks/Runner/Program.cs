using System.CommandLine;

namespace Lampyris.Benchmarks;

// The command behind `./bench`: run the experiment (or read the last one), print the tables, and write the documents.
internal static class Program
{
    private const int DefaultRuns = 7, QuickRuns = 3, AllWork = 100;

    private static int Main(string[] arguments)
    {
        var workload = new Option<string[]>("--workload") { Description = "Only this one; may be repeated. `idle` is the .NET service", HelpName = "NAME" };
        var allocator = new Option<string[]>("--allocator") { Description = "Only this one (and the baseline); may be repeated. NAME=PATH for any other library", HelpName = "NAME" };
        var runs = new Option<int>("--runs") { Description = "Rounds; the figures are medians over them", DefaultValueFactory = _ => DefaultRuns };
        var quick = new Option<bool>("--quick") { Description = $"{QuickRuns} rounds" };
        var skipMissing = new Option<bool>("--skip-missing") { Description = "Go on without what is not installed" };
        var render = new Option<bool>("--render") { Description = "Measure nothing: show the last results again" };
        var updateDocs = new Option<bool>("--update-docs") { Description = "Write docs/measurements.md and its pictures" };

        var profiler = new Option<bool>("--profiler") { Description = "What heap profilers cost, instead: lampyris, jemalloc and heaptrack, each against itself without" };
        var study = new Option<string[]>("--study") { Description = $"A further question, instead: {string.Join(", ", Study.All.Select(one => one.Name))}, or all; may be repeated", HelpName = "NAME" };
        var percent = new Option<int>("--percent") { Description = "How much of the work of the studies' own programs, to try them", DefaultValueFactory = _ => AllWork };

        var command = new RootCommand("Compares Lampyris with other allocators: CPU time, elapsed time, peak and idle memory; and, with --study, in further respects.") { workload, allocator, runs, quick, skipMissing, render, updateDocs, profiler, study, percent };
        command.SetAction(parsed =>
        {
            string[] workloads = parsed.GetValue(workload) ?? [], allocators = parsed.GetValue(allocator) ?? [];
            bool isSelection = workloads.Length > 0 || allocators.Length > 0;
            if (isSelection && (parsed.GetValue(updateDocs) || parsed.GetValue(render)))
                throw new CannotMeasureException("the documents show everything: no --workload or --allocator with --update-docs or --render");

            string[] studies = parsed.GetValue(study) ?? [];
            if (studies.Length > 0 && (workloads.Length > 0 || parsed.GetValue(profiler))) throw new CannotMeasureException("studies have loads of their own: no --workload or --profiler with --study");
            if (parsed.GetValue(percent) != AllWork && (studies.Length == 0 || parsed.GetValue(updateDocs))) throw new CannotMeasureException("--percent is to try a --study: the documents show all of the work");

            int rounds = parsed.GetValue(quick) ? QuickRuns : parsed.GetValue(runs);
            if (parsed.GetValue(profiler))
            {
                if (allocators.Length > 0) throw new CannotMeasureException("--profiler has contenders of its own: no --allocator with it");
                ProfilerResults costs = parsed.GetValue(render)
                    ? ProfilerResults.Read(ProfilerResults.CompletePath)
                    : PlanProfiler(workloads, rounds, parsed.GetValue(skipMissing)).Run(isSelection ? ProfilerResults.SelectionPath : ProfilerResults.CompletePath);
                Console.Write(new ProfilerTables(costs).Write());
                if (parsed.GetValue(updateDocs)) Documents.Update(costs);
                return 0;
            }

            if (studies.Length > 0)
            {
                Study[] wanted = studies.Contains("all") ? Study.All : [.. studies.Select(Study.Find).Distinct()];
                bool mayMiss = parsed.GetValue(skipMissing);
                foreach (Study one in parsed.GetValue(render) ? [.. wanted] : Present(wanted, one => { one.CheckInstalled(); return one; }, mayMiss))
                {
                    StudyResults figures = parsed.GetValue(render)
                        ? StudyResults.Read(one)
                        : RunStudy(one, allocators, rounds, parsed.GetValue(percent), mayMiss);
                    Console.Write($"{one.Write(figures)}{figures.Conditions}\n");
                    if (parsed.GetValue(updateDocs)) Documents.Update(one, figures);
                }
                return 0;
            }

            Results results = parsed.GetValue(render)
                ? Results.Read(Results.CompletePath)
                : Plan(workloads, allocators, rounds, parsed.GetValue(skipMissing)).Run(isSelection ? Results.SelectionPath : Results.CompletePath);
            var comparison = new Comparison(results);
            Console.Write(Tables.Write(comparison));
            if (parsed.GetValue(updateDocs)) Documents.Update(comparison);
            return 0;
        });

        ParseResult result = command.Parse(arguments);
        try
        {
            int status = result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return result.Errors.Count > 0 ? 2 : status;
        }
        catch (CannotMeasureException reason)
        {
            Console.Error.WriteLine($"bench: {reason.Message}");
            return 2;
        }
        catch (InvalidOperationException failure)
        {
            Console.Error.WriteLine($"bench: {failure.Message}");
            return 1;
        }
    }

    private static Experiment Plan(string[] workloadNames, string[] allocatorNames, int runs, bool skipMissing)
    {
        if (runs < 1) throw new CannotMeasureException("--runs takes a number above 0");
        bool withIdle = workloadNames.Length == 0 || workloadNames.Contains(Workload.Idle.Name);
        Workload[] wanted = workloadNames.Length == 0 ? Workload.All : [.. workloadNames.Where(name => name != Workload.Idle.Name).Select(Workload.Find)];
        List<Workload> workloads = Present(wanted, Ready, skipMissing);

        string[] names = allocatorNames.Length == 0 ? [.. Allocator.StandardNames] : allocatorNames;
        Allocator baseline = Allocator.Find(Allocator.Baseline);
        List<Allocator> allocators = Present(names.Where(name => name != Allocator.Baseline), Allocator.Find, skipMissing);
        allocators.AddRange([baseline, baseline with { Name = Allocator.Control }]);

        return new Experiment(workloads, allocators, runs, withIdle);
    }

    private static StudyResults RunStudy(Study study, string[] allocatorNames, int rounds, int percent, bool skipMissing)
    {
        if (rounds < 1) throw new CannotMeasureException("--runs takes a number above 0");
        if (percent is < 1 or > AllWork) throw new CannotMeasureException($"--percent takes a number from 1 to {AllWork}");
        List<Allocator> allocators = Present(allocatorNames.Length == 0 ? Allocator.StandardNames : allocatorNames.Distinct(), Allocator.Find, skipMissing);
        bool isComplete = allocatorNames.Length == 0 && percent == AllWork;
        return new StudyRun(study, allocators, percent).Run(Math.Min(rounds, study.MostRounds), isComplete ? StudyResults.CompletePath(study) : StudyResults.SelectionPath(study));
    }

    private static ProfilerExperiment PlanProfiler(string[] workloadNames, int rounds, bool skipMissing)
    {
        if (rounds < 1) throw new CannotMeasureException("--runs takes a number above 0");
        Workload[] wanted = workloadNames.Length == 0 ? [.. Workload.All.Where(workload => !workload.IsTree), Workload.DotNet] : [.. workloadNames.Select(Workload.Find)];
        if (Array.Find(wanted, workload => workload.IsTree) is { } tree) throw new CannotMeasureException($"--profiler measures single processes, and {tree.Name} is a tree of them");
        return new ProfilerExperiment(Present(wanted, Ready, skipMissing), ProfilerContender.All(), rounds);
    }

    // What can't be set up is told before the first round, and not in the middle of it.
    private static Workload Ready(Workload workload)
    {
        workload.CheckInstalled();
        Launcher.SetUp(workload);
        return workload;
    }

    /// <summary>Looks up each one; one that is missing is an error, or only a line where it may be skipped.</summary>
    private static List<T> Present<TName, T>(IEnumerable<TName> wanted, Func<TName, T> find, bool skipMissing)
    {
        var present = new List<T>();
        foreach (TName name in wanted)
        {
            try
            {
                present.Add(find(name));
            }
            catch (CannotMeasureException reason) when (skipMissing)
            {
                Console.Error.WriteLine($"bench: skipped: {reason.Message}");
            }
        }
        return present;
    }
}
