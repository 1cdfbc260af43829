using System.Text;

namespace Lampyris.Benchmarks;

/// <summary>Whether memory grows over a long life at constant load: `benchmarks/studies/fragmentation.c`.</summary>
internal sealed class FragmentationStudy : Study
{
    private const int Quarters = 4;

    private static readonly int[] s_threads = [1, 4];

    public override string Name => "fragmentation";

    public override int MostRounds => 2; // its figures hardly vary, and it takes long

    public override void MeasureRound(StudyRun run)
    {
        foreach (int threads in s_threads)
            foreach (Allocator allocator in run.Shuffled(run.Allocators))
                run.Measure(Key(threads), allocator, [Folders.Tool("fragmentation"), $"{threads}", $"{run.Percent}"]);
    }

    public override string Write(StudyResults results)
    {
        var text = new StringBuilder();
        foreach (int threads in s_threads)
        {
            var table = new MarkdownTable(["resident / live", "1st quarter", "2nd quarter", "3rd quarter", "4th quarter", "4th / 2nd", "most"]);
            foreach (Allocator allocator in results.Allocators)
            {
                double[] samples = Samples(results, threads, allocator);
                double[] means = [.. Enumerable.Range(0, Quarters).Select(quarter => samples[(samples.Length * quarter / Quarters)..(samples.Length * (quarter + 1) / Quarters)].Average())];
                table.Add([allocator.Name, .. means.Select(mean => $"{mean:0.00}"), $"{means[3] / means[1]:0.00}", $"{samples.Max():0.00}"]);
            }
            text.Append($"### {Title(threads)}\n\n{table}\n");
        }
        return text.ToString();
    }

    public override string Draw(StudyResults results) => new LinePicture("Resident memory / live bytes over a long life (lower is better)", columns: 2,
        [.. s_threads.Select(threads => new LinePanel(Title(threads), ["0", "25 %", "50 %", "75 %", "100 %"], IsLogarithmic: false,
            [.. results.Allocators.Select(allocator => new Line(allocator.Name, Samples(results, threads, allocator)))]))]).Draw();

    // Each one's median over the rounds; there are fewer than a hundred where only a part of the work was done.
    private static double[] Samples(StudyResults results, int threads, Allocator allocator) =>
        [.. Enumerable.Range(0, 100).Select(number => results.Values(Key(threads), allocator.Name, $"ratio.{number:00}")).TakeWhile(values => values.Length > 0).Select(Comparison.MedianOf)];

    private static string Title(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";

    private static string Key(int threads) => $"{threads}";
}
