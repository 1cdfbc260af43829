using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace Lampyris.Page.Tests;

/// <summary>The page of two profiles.</summary>
public class DifferenceTests(Browser browser)
{
    [Fact]
    public async Task TheTotalsGoFromBeforeToAfter()
    {
        await using OpenPage page = await browser.OpenDifferenceAsync(Profiles.Small(), Profiles.Later());
        Assert.Equal(["+43.0 MiB", "+38.0 MiB", "−50.0 MiB", "+530,000"], await page.Page.Locator("#metrics strong").AllInnerTextsAsync());
        Assert.Equal("100 MiB → 143 MiB", await page.TextAsync("#metrics [data-value=live] .note"));
    }

    [Fact]
    public async Task ABoxIsAsWideAsTheLargerOfBeforeAndAfter()
    {
        await using OpenPage page = await browser.OpenDifferenceAsync(Profiles.Small(), Profiles.Later());
        FlameBox root = await page.BoxAsync("all");
        Assert.Equal(148.0, root.Size / (1 << 20));
        Assert.Equal(130.0 / 148, (await page.BoxAsync("cache_put")).Width / root.Width, 3);
        Assert.Equal(8.0 / 148, (await page.BoxAsync("work")).Width / root.Width, 3);
    }

    [Fact]
    public async Task WhatGrewIsRedAndWhatShrankIsBlue()
    {
        await using OpenPage page = await browser.OpenDifferenceAsync(Profiles.Small(), Profiles.Later());
        Assert.Equal(["grew", "grew", "shrank"], [await DirectionAsync("cache_put"), await DirectionAsync("work"), await DirectionAsync("parse")]);
        FlameBox parse = await page.BoxAsync("parse");
        await page.Page.Mouse.MoveAsync(parse.X + 5, parse.Y + 5);
        string tip = await page.TextAsync("#tip");
        foreach (string part in new[] { "10.0 MiB", "5.00 MiB", "−5.00 MiB", "−50 %" }) Assert.Contains(part, tip, StringComparison.Ordinal);

        async Task<string> DirectionAsync(string name)
        {
            int[] color = await page.ColorAsync(name);
            return color[0] > color[2] + 20 ? "grew" : color[2] > color[0] + 20 ? "shrank" : "same";
        }
    }

    [Fact]
    public async Task ChangesAreListedByKind()
    {
        await using OpenPage page = await browser.OpenDifferenceAsync(Profiles.Small(), Profiles.Later(), "#view=stacks");
        Assert.Equal(["+40.0 MiB", "+8.00 MiB", "−5.00 MiB"], await page.Page.Locator(".stacks strong").AllInnerTextsAsync());
        Assert.Equal(["3 · +43.0 MiB", "1 · +40.0 MiB", "1 · −5.00 MiB", "1 · +8.00 MiB", "0 · 0 B"], await page.Page.Locator(".choices .note").AllInnerTextsAsync());
        await page.Page.ClickAsync(".choices [data-value=appeared]");
        Assert.Equal(["+8.00 MiB"], await page.Page.Locator(".stacks strong").AllInnerTextsAsync());
        await page.Page.ClickAsync(".choices [data-value=vanished]");
        Assert.Equal("No stack matches.", await page.TextAsync("#view-stacks .more"));
    }

    [Fact]
    public async Task WhatIsGoneHasVanished()
    {
        await using OpenPage page = await browser.OpenDifferenceAsync(Profiles.Later(), Profiles.Small(), "#view=stacks&change=vanished");
        Assert.Equal(["−8.00 MiB"], await page.Page.Locator(".stacks strong").AllInnerTextsAsync());
    }

    [Fact]
    public async Task FunctionsAreSortedByTheirChange()
    {
        await using OpenPage page = await browser.OpenDifferenceAsync(Profiles.Small(), Profiles.Later(), "#view=functions");
        string[] rows = [.. (await page.Page.Locator("#view-functions tbody tr").AllInnerTextsAsync()).Select(static row => string.Join(' ', row.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal("cache_put +40.0 MiB +40.0 MiB 90.0 MiB 130 MiB libcache.so.1", rows[0]);
        Assert.Equal("work +8.00 MiB +8.00 MiB 0 B 8.00 MiB program", rows[1]);
        Assert.Equal("parse −5.00 MiB −5.00 MiB 10.0 MiB 5.00 MiB libparse.so", rows[2]);
    }

    [Fact]
    public async Task TheTreeShowsBeforeAndAfter()
    {
        await using OpenPage page = await browser.OpenDifferenceAsync(Profiles.Small(), Profiles.Later(), "#view=tree");
        Assert.Equal(["main +35.0 MiB 100 MiB 135 MiB program", "serve +40.0 MiB 90.0 MiB 130 MiB program"],
            (await page.Page.Locator("#view-tree tbody tr").AllInnerTextsAsync()).Take(2).Select(static row => string.Join(' ', row.Replace("▸", "", StringComparison.Ordinal).Replace("main.c:12", "", StringComparison.Ordinal).Replace("serve.c:22", "", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public async Task AProfileIsTheSameAsItself()
    {
        await using OpenPage page = await browser.OpenDifferenceAsync(Profiles.Small(), Profiles.Small(), "#view=stacks");
        Assert.Equal("0 B", await page.TextAsync("#metrics [data-value=live] strong"));
        Assert.Equal("No stack matches.", await page.TextAsync("#view-stacks .more"));
    }
}
