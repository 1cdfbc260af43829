// Java: the compiler and the virtual machine with threads, native memory and two garbage collectors.
namespace Lampyris.Programs.Tests;

public class JavaTests
{
    [Theory]
    [InlineData("-XX:+UseG1GC")]
    [InlineData("-XX:+UseParallelGC")]
    public void JavaGivesTheSameFromItsThreads(string collector) => Compare.WithAndWithout(scene =>
    {
        scene.Bring("Churn.java");
        scene.Run("javac", "Churn.java");
        return scene.Sha256("Churn.class") + "\n" + scene.Run("java", collector, "-Xmx128m", "Churn");
    });
}
