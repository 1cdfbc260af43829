// xz, zstd and pigz with threads; gzip and bzip2 without. Same input, same options: the same compressed file.
namespace Lampyris.Programs.Tests;

public class CompressionTests
{
    [Theory]
    [InlineData("xz", "-T2", "-4", "--block-size=1MiB")]
    [InlineData("zstd", "-T2", "-12", "-q")]
    [InlineData("pigz", "-p4", "-6", "-n")]
    [InlineData("gzip", "-9", "-n")]
    [InlineData("bzip2", "-9")]
    public void CompressionRoundTripGivesTheSameFile(string program, params string[] options) => Compare.WithAndWithout(scene =>
    {
        scene.Run("perl", "-e", "open F, '>', 'data'; $s = 1; for (1..250000) { $s = ($s * 1103515245 + 12345) & 0x7fffffff; printf F '%d line %x of %s', $_ % 977, $s % 65536, 'x' x ($s >> 9 & 15); print F \"\\n\" }");
        scene.Run("cp", "data", "original");
        scene.Run(program, [.. options, "-k", "data"]);
        scene.Run("rm", "data");
        string packed = scene.Shell("ls data.*").Trim();
        string digest = scene.Sha256(packed);
        scene.Run(program, "-d", packed);
        scene.Run("cmp", "data", "original");
        return packed + " " + digest;
    });
}
