// Python: threads, forked workers, and parts of its own test suite. Its small objects come from its own allocator, unless
// PYTHONMALLOC sends each of them to malloc.
using System;
using System.Linq;

namespace Lampyris.Programs.Tests;

public class PythonTests
{
    [Theory]
    [InlineData("pymalloc")]
    [InlineData("malloc")]
    public void PythonGivesTheSameFromItsThreadsAndForkedWorkers(string objectAllocator) => Compare.WithAndWithout(scene =>
    {
        scene.Bring("threads.py");
        return scene.Run(new Command("python3", "threads.py") { Environment = { ["PYTHONMALLOC"] = objectAllocator } }).Text;
    });

    [Fact]
    public void PythonPassesPartsOfItsOwnTestSuite() => Compare.WithAndWithout(scene =>
    {
        string[] parts = ["test_json", "test_dict", "test_list", "test_set", "test_threading", "test_thread", "test_re", "test_ctypes", "test_mmap", "test_zlib", "test_generators", "test_fork1"];
        string text = scene.Run(new Command("python3", ["-m", "test", "-j2", .. parts]) { Environment = { ["PYTHONMALLOC"] = "malloc" } }).Text;
        return text.Split('\n').Single(line => line.Contains("tests OK", StringComparison.Ordinal));
    });
}
