// stress-ng's stressors of malloc and of the structures built on it; each checks its own data.
using System;
using System.Linq;

namespace Lampyris.Programs.Tests;

public class StressNgTests
{
    [Theory]
    [InlineData("small blocks", "--malloc 2 --malloc-ops 400000 --malloc-bytes 8K --malloc-max 20000 --malloc-pthreads 2")]
    [InlineData("large blocks", "--malloc 2 --malloc-ops 3000 --malloc-bytes 2M --malloc-max 300 --malloc-touch --malloc-zerofree --malloc-pthreads 2")]
    [InlineData("trees and lists", "--tree 1 --tree-ops 1 --tree-size 50000 --list 1 --list-ops 20 --skiplist 1 --skiplist-ops 10 --tsearch 1 --tsearch-ops 5")]
    [InlineData("sorts and packing", "--hsearch 1 --hsearch-ops 10 --qsort 1 --qsort-ops 3 --zlib 2 --zlib-ops 30")]
    [InlineData("forks", "--fork 2 --fork-ops 1500 --vfork 1 --vfork-ops 500 --clone 1 --clone-ops 50")]
    [InlineData("threads", "--pthread 2 --pthread-ops 5000")]
    [InlineData("growth by realloc", "--bigheap 1 --bigheap-ops 3000 --bigheap-growth 64K")]
    public void StressNgFindsNoFailure(string about, string stressors) => Compare.WithAndWithout(scene =>
    {
        Output output = scene.Run(new Command("stress-ng", ["--verify", "--timeout", "40", "--temp-path", scene.Directory, .. stressors.Split(' ')]));
        string verdict = (output.Text + output.Error).Split('\n').Single(line => line.Contains("successful run", StringComparison.Ordinal));
        return about + ": " + verdict.Split(" completed")[0].Split("] ")[1];
    });
}
