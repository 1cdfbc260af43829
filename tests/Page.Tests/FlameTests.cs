using System;
using System.Linq;
using System.Threading.Tasks;
using Lampyris.Analysis;
using Xunit;
using static Lampyris.Page.Tests.ProfileBuilder;

namespace Lampyris.Page.Tests;

/// <summary>The flame graph and what steers it.</summary>
[Collection("clipboard")] // there is one for all windows
public class FlameTests(Browser browser)
{
    [Fact]
    public async Task ABoxIsAsWideAsItsShare()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        FlameBox root = await page.BoxAsync("all");
        Assert.Equal(0.9, (await page.BoxAsync("cache_put")).Width / root.Width, 3);
        Assert.Equal(0.1, (await page.BoxAsync("parse")).Width / root.Width, 3);
        Assert.Equal(100 << 20, root.Size);
        Assert.DoesNotContain(await page.BoxesAsync(), static box => box.Name == "work");
    }

    [Theory]
    [InlineData("peak", 60.0 / 160)]
    [InlineData("allocated", 150.0 / 400)]
    [InlineData("count", 950_000.0 / 1_000_000)]
    public async Task AnotherTotalChangesTheWidths(string metric, double share)
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        await page.Page.ClickAsync($"#metrics [data-value={metric}]");
        Assert.Equal(share, (await page.BoxAsync("cache_put")).Width / (await page.BoxAsync("all")).Width, 3);
        Assert.Contains($"metric={metric}", page.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLargestComesFirst()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        Assert.True((await page.BoxAsync("serve")).X < (await page.BoxAsync("parse")).X);
        await page.Page.ClickAsync("#metrics [data-value=peak]");
        Assert.True((await page.BoxAsync("serve")).X > (await page.BoxAsync("parse")).X);
    }

    [Fact]
    public async Task AClickZoomsAndTheCrumbsLeadBack()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        FlameBox root = await page.BoxAsync("all");
        await page.ClickAsync(await page.BoxAsync("parse"));
        Assert.Equal(root.Width, (await page.BoxAsync("parse")).Width);
        Assert.DoesNotContain(await page.BoxesAsync(), static box => box.Name == "serve");
        Assert.Equal(["all", "main", "parse"], await page.Page.Locator("#crumbs li button").AllInnerTextsAsync());
        await page.Page.ClickAsync("#crumbs li:nth-child(2) button");
        Assert.Equal(0.9, (await page.BoxAsync("serve")).Width / root.Width, 3);
        await page.Page.GoBackAsync();
        Assert.Equal(root.Width, (await page.BoxAsync("parse")).Width);
        await page.Page.ClickAsync(".reset");
        Assert.Equal(["all"], await page.Page.Locator("#crumbs li button").AllInnerTextsAsync());
    }

    [Fact]
    public async Task HoveringTellsTheFigures()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        FlameBox box = await page.BoxAsync("cache_put");
        await page.Page.Mouse.MoveAsync(box.X + 30, box.Y + 5);
        string tip = await page.TextAsync("#tip");
        foreach (string part in new[] { "cache_put", "libcache.so.1", "cache.c, several lines", "90.0 MiB", "900 allocations", "90.0 %" }) Assert.Contains(part, tip, StringComparison.Ordinal);
        box = await page.BoxAsync("serve");
        await page.Page.Mouse.MoveAsync(box.X + 30, box.Y + 5);
        tip = await page.TextAsync("#tip");
        foreach (string part in new[] { "serve.c:20", "Self", "0 B" }) Assert.Contains(part, tip, StringComparison.Ordinal);
        await page.Page.Mouse.MoveAsync(5, 5);
        Assert.True(await page.Page.Locator("#tip").IsHiddenAsync());
    }

    [Fact]
    public async Task ASearchMarksWhatItFindsAndTellsItsShare()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        await page.Page.Keyboard.PressAsync("/");
        await page.Page.Keyboard.TypeAsync("PARSE");
        Assert.Equal("10.0 % matched (10.0 MiB)", await page.TextAsync("#matched"));
        Assert.Equal(["parse", "parse"], (await page.BoxesAsync()).Where(static box => box.IsFound).Select(static box => box.Name));
        await page.Page.FillAsync("#search", "/^cache_.*$/");
        Assert.Equal("90.0 % matched (90.0 MiB)", await page.TextAsync("#matched"));
        await page.Page.FillAsync("#search", "cache.c:31");
        Assert.Equal("30.0 % matched (30.0 MiB)", await page.TextAsync("#matched"));
        await page.Page.FillAsync("#search", "/(/");
        Assert.Equal("", await page.TextAsync("#matched"));
        await page.Page.Keyboard.PressAsync("Escape");
        Assert.DoesNotContain(await page.BoxesAsync(), static box => box.IsFound);
        Assert.DoesNotContain("search", page.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheKeysMoveZoomAndGoBack()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        await page.Page.FocusAsync("canvas");
        async Task PressAsync(params string[] keys)
        {
            foreach (string key in keys) await page.Page.Keyboard.PressAsync(key);
        }

        await PressAsync("ArrowDown", "ArrowDown");
        Assert.Equal("serve, 90.0 MiB, 90.0 %", await page.TextAsync("#said"));
        await PressAsync("ArrowRight");
        Assert.Equal("parse, 10.0 MiB, 10.0 %", await page.TextAsync("#said"));
        await PressAsync("ArrowLeft", "ArrowUp");
        Assert.Equal("main, 100 MiB, 100 %", await page.TextAsync("#said"));
        await PressAsync("ArrowDown", "ArrowRight", "Enter");
        Assert.Equal((await page.BoxAsync("all")).Width, (await page.BoxAsync("parse")).Width);
        await PressAsync("Escape");
        Assert.Equal(["all", "main"], await page.Page.Locator("#crumbs li button").AllInnerTextsAsync());
    }

    [Fact]
    public async Task AStackIsCopiedAsText()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        await page.ClickAsync(await page.BoxAsync("parse"));
        await page.Page.ClickAsync(".copy");
        await page.Page.Locator(".copy:has-text('Copied')").WaitForAsync();
        string copied = await page.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
        Assert.Equal("parse [libparse.so] at parse.c:7\nmain [program] at main.c:10\n", copied);
    }

    [Fact]
    public async Task TheAddressRestoresTheWholePicture()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        await page.Page.ClickAsync("#metrics [data-value=allocated]");
        await page.ClickAsync(await page.BoxAsync("serve"));
        await page.Page.FillAsync("#search", "cache");
        await page.Page.SelectOptionAsync("#thread", "main");
        await page.Page.CheckAsync("#lines");
        FlameBox[] boxes = await page.BoxesAsync();
        string hash = page.Page.Url[page.Page.Url.IndexOf('#', StringComparison.Ordinal)..];
        await using OpenPage again = await browser.OpenAsync(Profiles.Small(), hash);
        Assert.Equal(boxes.Select(static box => (box.Name, box.X, box.Width)), (await again.BoxesAsync()).Select(static box => (box.Name, box.X, box.Width)));
        Assert.Equal("cache", await again.Page.InputValueAsync("#search"));
        Assert.Equal("main", await again.Page.InputValueAsync("#thread"));
        Assert.Equal("true", await again.Page.GetAttributeAsync("#metrics [data-value=allocated]", "aria-checked"));
    }

    [Fact]
    public async Task AnAddressThatFitsNothingShowsThePlainPage()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "#view=x&metric=y&heap=z&thread=q&library=q&zoom=9.8.7&function=999&search=/(/&unknown=1&direction=0");
        Assert.Equal(0.9, (await page.BoxAsync("cache_put")).Width / (await page.BoxAsync("all")).Width, 3);
    }

    [Fact]
    public async Task FiltersLeaveOnlyTheirThreadsAndLibraries()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "#metric=allocated");
        await page.Page.SelectOptionAsync("#thread", "worker");
        Assert.Equal(["all", "start_thread", "work"], (await page.BoxesAsync()).Select(static box => box.Name));
        Assert.Equal("showing 50.0 MiB of 400 MiB (12.5 %)", await page.TextAsync("#shown"));
        await page.Page.SelectOptionAsync("#library", "libparse.so");
        Assert.Contains("Nothing passes the filters", await page.TextAsync("#nothing"), StringComparison.Ordinal);
        await page.Page.SelectOptionAsync("#thread", "");
        Assert.Equal(["all", "main", "parse", "parse"], (await page.BoxesAsync()).Select(static box => box.Name));
    }

    [Fact]
    public async Task BottomUpBeginsWithWhoAllocates()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        await page.Page.ClickAsync("#direction [data-value=allocating]");
        Assert.Equal(["all 0", "cache_put 1", "parse 1", "serve 2", "parse 2", "main 3", "main 3"], (await page.BoxesAsync()).Select(static box => $"{box.Name} {box.Row}"));
    }

    [Fact]
    public async Task TheRootCanBeAtTheBottom()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        Assert.True((await page.BoxAsync("all")).Y < (await page.BoxAsync("main")).Y);
        await page.Page.CheckAsync("#root");
        Assert.True((await page.BoxAsync("all")).Y > (await page.BoxAsync("main")).Y);
        await page.ClickAsync(await page.BoxAsync("serve"));
        Assert.Equal((await page.BoxAsync("all")).Width, (await page.BoxAsync("serve")).Width);
    }

    [Fact]
    public async Task LinesSplitAFunctionWhenAsked()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        Assert.Single(await page.BoxesAsync(), static box => box.Name == "cache_put");
        await page.Page.CheckAsync("#lines");
        Assert.Equal([60 << 20, 30 << 20], (await page.BoxesAsync()).Where(static box => box.Name == "cache_put").Select(static box => (int)box.Size));
    }

    [Fact]
    public async Task TheRuntimesFramesAreOneUntilOpened()
    {
        ProfileBuilder profile = new();
        profile.Add("main", Bytes(1 << 20), Bytes(1 << 20), Bytes(1 << 20), "n|main|app", "r|Start|libcoreclr.so", "r|Call|libcoreclr.so", "m|App.Run()|App.dll", "r|Stub|libcoreclr.so", "n|malloc_it|libx.so");
        await using OpenPage page = await browser.OpenAsync(profile.Build());
        Assert.Equal(["all", "main", "[.NET runtime]", "App.Run()", "[.NET runtime]", "malloc_it"], (await page.BoxesAsync()).Select(static box => box.Name));
        await page.Page.UncheckAsync("#group");
        Assert.Equal(["all", "main", "Start", "Call", "App.Run()", "Stub", "malloc_it"], (await page.BoxesAsync()).Select(static box => box.Name));
    }

    [Fact]
    public async Task TheGcHeapIsApartFromTheNativeOne()
    {
        ProfileBuilder profile = Profiles.SmallBuilder();
        profile.Add("main", Bytes(0, 0), Bytes(0, 0), Bytes(600 << 20, 100), "m|App.Run()|App.dll", "o|System.Byte[]");
        await using OpenPage page = await browser.OpenAsync(profile.Build(), "#metric=allocated");
        Assert.Equal("400 MiB", await page.TextAsync("#metrics [data-value=allocated] strong"));
        Assert.DoesNotContain(await page.BoxesAsync(), static box => box.Name == "System.Byte[]");
        await page.Page.SelectOptionAsync("#heap", "gc");
        Assert.Equal(["all", "App.Run()", "System.Byte[]"], (await page.BoxesAsync()).Select(static box => box.Name));
        await page.Page.SelectOptionAsync("#heap", "both");
        Assert.Equal("0.977 GiB", await page.TextAsync("#metrics [data-value=allocated] strong"));
        Assert.Equal(0.6, (await page.BoxAsync("System.Byte[]")).Width / (await page.BoxAsync("all")).Width, 3);
        await page.Page.SelectOptionAsync("#heap", "gc");
        await page.Page.ClickAsync("#metrics [data-value=live]");
        Assert.Contains("only what was allocated is known", await page.TextAsync("#nothing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachKindOfCodeHasItsOwnColour()
    {
        await using OpenPage page = await browser.OpenAsync(ServiceProfile.Make());
        Assert.Equal(["Unknown", "Native", "Managed (.NET)", ".NET runtime", "GC heap: type"], await page.Page.Locator("#legend li").AllInnerTextsAsync());
        string[] names = ["clone3", "[.NET runtime]", "System.Threading.ThreadPoolWorkQueue.Dispatch()"];
        int[][] colors = [await page.ColorAsync(names[0]), await page.ColorAsync(names[1]), await page.ColorAsync(names[2])];
        // Orange, grey with a breath of blue, violet.
        Assert.True(colors[0][0] > colors[0][2] + 40);
        Assert.InRange(colors[1][2] - colors[1][0], 0, 40);
        Assert.True(colors[2][2] > colors[2][1] + 40);
    }
}
