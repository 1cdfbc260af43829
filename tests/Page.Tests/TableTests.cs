using System;
using System.Linq;
using System.Threading.Tasks;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Page.Tests;

/// <summary>The tables beside the flame graph: tree, functions, stacks, and the timeline above them.</summary>
[Collection("clipboard")]
public class TableTests(Browser browser)
{
    [Fact]
    public async Task FunctionsAreListedWithSelfAndTotal()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "#view=functions");
        Assert.Equal(["cache_put 90.0 MiB 90.0 MiB", "parse 10.0 MiB 10.0 MiB", "main – 100 MiB", "serve – 90.0 MiB"], await RowsAsync(page));
        await page.Page.ClickAsync("#view-functions th:nth-child(3) button");
        Assert.Equal("main – 100 MiB", (await RowsAsync(page))[0]);
        Assert.Equal("descending", await page.Page.GetAttributeAsync("#view-functions th:nth-child(3)", "aria-sort"));
        await page.Page.ClickAsync("#view-functions th:nth-child(3) button");
        Assert.Equal("parse 10.0 MiB 10.0 MiB", (await RowsAsync(page))[0]);
        await page.Page.ClickAsync("#view-functions th:nth-child(1) button");
        Assert.Equal(["cache_put", "main", "parse", "serve"], (await RowsAsync(page)).Select(static row => row.Split(' ')[0]));
    }

    [Fact]
    public async Task AFunctionShowsItsCallersAndCallees()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "#view=functions");
        await page.Page.ClickAsync("#view-functions tr:has-text('main') button");
        Assert.Equal(["serve|90.0 MiB|90.0 %", "parse|10.0 MiB|10.0 %"], await NeighboursAsync(page, "callees"));
        Assert.Equal(["start of the thread|100 MiB|100 %"], await NeighboursAsync(page, "callers"));
        await page.Page.ClickAsync(".callees button:has-text('serve')");
        Assert.Equal("serve", await page.TextAsync(".details h2"));
        Assert.Equal(["main|90.0 MiB|100 %"], await NeighboursAsync(page, "callers"));
        await page.Page.ClickAsync(".details p button");
        Assert.True((await page.BoxAsync("serve")).IsFound);
    }

    [Fact]
    public async Task ARecursiveFunctionCountsOnce()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "#view=functions&metric=peak");
        Assert.Contains("parse 100 MiB 100 MiB", await RowsAsync(page));
        await page.Page.ClickAsync("#view-functions tr:has-text('parse') button");
        Assert.Equal(["main|100 MiB|50.0 %", "parse|100 MiB|50.0 %"], (await NeighboursAsync(page, "callers")).Order());
    }

    [Fact]
    public async Task StacksAreListedHeaviestFirstAndCopied()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "#view=stacks");
        Assert.Equal(["60.0 MiB", "30.0 MiB", "10.0 MiB"], await page.Page.Locator(".stacks strong").AllInnerTextsAsync());
        await page.Page.ClickAsync(".stacks > li:first-child summary");
        Assert.Equal(["cache_put", "serve", "main"], await page.Page.Locator(".stacks > li:first-child .frames bdi").AllInnerTextsAsync());
        await page.Page.ClickAsync(".stacks > li:first-child .stack > button");
        await page.Page.Locator(".stack > button:has-text('Copied')").WaitForAsync();
        Assert.Equal("60.0 MiB 60.0 %, 600 allocations, main\ncache_put [libcache.so.1] at cache.c:30\nserve [program] at serve.c:20\nmain [program] at main.c:10\n",
            await page.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task TheTreeOpensRowByRow()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "#view=tree");
        Assert.Equal(["main", "serve", "cache_put", "parse"], await page.Page.Locator("#view-tree bdi").AllInnerTextsAsync());
        await page.Page.FocusAsync("#view-tree tbody tr");
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        Assert.Equal(["main"], await page.Page.Locator("#view-tree bdi").AllInnerTextsAsync());
        await page.Page.Keyboard.PressAsync("ArrowRight");
        await page.Page.Keyboard.PressAsync("ArrowDown");
        await page.Page.Keyboard.PressAsync("ArrowDown");
        await page.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(["main", "serve", "parse", "parse"], await page.Page.Locator("#view-tree bdi").AllInnerTextsAsync());
        Assert.Equal("3", await page.Page.GetAttributeAsync("#view-tree tbody tr:last-child", "aria-level"));
    }

    [Fact]
    public async Task TheTimelineTellsWhatIsUnderThePointer()
    {
        ProfileBuilder profile = Profiles.SmallBuilder();
        profile.AddMark(TimeSpan.FromSeconds(75), MarkReason.MemoryRefused, 1 << 20, 0.5);
        await using OpenPage page = await browser.OpenAsync(profile.Build());
        Assert.Equal(["peak", "memory refused (1.00 MiB)"], await page.Page.Locator(".moment text").AllTextContentsAsync());
        await page.Page.HoverAsync("#timeline svg", new() { Position = new() { X = 62, Y = 60 } });
        Assert.Equal("0 ms: 0 B live, RSS 60.0 MiB", await page.TextAsync("#timeline output"));
        await page.Page.ClickAsync(".moment.reason-1 text");
        Assert.Equal("80.0 MiB", await page.TextAsync("#metrics [aria-checked=true] strong"));
        Assert.Equal(80 << 20, (await page.BoxAsync("all")).Size);
        await page.Page.FocusAsync(".moment.peak");
        await page.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(160 << 20, (await page.BoxAsync("all")).Size);
    }

    static async Task<string[]> RowsAsync(OpenPage page) => await page.Page.EvaluateAsync<string[]>(
        "() => [...document.querySelectorAll('#view-functions tbody tr')].map(row => [row.querySelector('bdi'), ...row.querySelectorAll('.amount')].map(cell => cell.textContent).join(' '))");

    static async Task<string[]> NeighboursAsync(OpenPage page, string side) => await page.Page.EvaluateAsync<string[]>(
        "side => [...document.querySelectorAll(`.${side} li`)].map(row => [...row.querySelectorAll('.label, .amount, .percent')].map(cell => cell.textContent).join('|'))", side);
}
