// Ghostscript: PostScript to pictures, and through PDF.
namespace Lampyris.Programs.Tests;

public class GhostscriptTests
{
    [Fact]
    public void GhostscriptDrawsTheSamePages() => Compare.WithAndWithout(scene =>
    {
        scene.Bring("page.ps");
        scene.Run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-dNumRenderingThreads=2", "-sDEVICE=png16m", "-r150", "-sOutputFile=direct%d.png", "page.ps");
        scene.Run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-sOutputFile=page.pdf", "page.ps");
        scene.Run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pnggray", "-dTextAlphaBits=4", "-r100", "-sOutputFile=pdf%d.png", "page.pdf");
        return scene.Shell("sha256sum *.png");
    });

    [Fact]
    public void ImageMagickComputesTheSamePicture() => Compare.WithAndWithout(scene =>
    {
        scene.Run("convert", "-size", "900x700", "gradient:red-blue", "-swirl", "120", "-blur", "0x5", "-resize", "150%", "-rotate", "17", "-posterize", "16", "-depth", "8", "picture.ppm");
        scene.Run("convert", "picture.ppm", "-quality", "80", "picture.jpg");
        return scene.Sha256("picture.ppm") + " " + scene.Sha256("picture.jpg") + " " + scene.Run("identify", "-format", "%m %wx%h %z %[colorspace] %B", "picture.jpg");
    });
}
