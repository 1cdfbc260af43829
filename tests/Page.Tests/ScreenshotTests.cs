using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Microsoft.Playwright;
using Xunit;

namespace Lampyris.Page.Tests;

/// <summary>Makes the pictures of the documentation anew. Only when asked: `-explicit only -class '*ScreenshotTests'`.</summary>
public class ScreenshotTests(Browser browser)
{
    static readonly string s_images = Path.Combine(
        typeof(ScreenshotTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "RepoRoot").Value!, "docs", "images");

    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light, "profile-light.png")]
    [InlineData(ColorScheme.Dark, "profile-dark.png")]
    public async Task TheServicesProfileIsAPicture(ColorScheme scheme, string name)
    {
        Directory.CreateDirectory(s_images);
        await using OpenPage page = await browser.OpenAsync(ServiceProfile.Make(), "", new() { ColorScheme = scheme, ViewportSize = new() { Width = 1280, Height = 960 } });
        FlameBox leak = await page.BoxAsync("Shop.Imaging.ThumbnailCache.GetOrCreate(String, Int32)");
        await page.Page.Mouse.MoveAsync(leak.X + 150, leak.Y + leak.Height / 2);
        string path = Path.Combine(s_images, name);
        await page.Page.ScreenshotAsync(new() { Path = path });
        // 256 colours are enough for it, and half the size.
        using (Process convert = Process.Start("convert", [path, "-dither", "None", "-colors", "256", "PNG8:" + path])) await convert.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.InRange(new FileInfo(path).Length, 20_000, 200_000);
    }
}
