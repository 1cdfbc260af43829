// Perl: hashes, regular expressions and interpreter threads.
namespace Lampyris.Programs.Tests;

public class PerlTests
{
    [Fact]
    public void PerlGivesTheSameFromItsHashesAndThreads() => Compare.WithAndWithout(scene =>
    {
        scene.Bring("churn.pl");
        return scene.Run("perl", "churn.pl");
    });
}
