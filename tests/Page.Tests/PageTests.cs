using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Lampyris.Analysis;
using Microsoft.Playwright;
using Xunit;
using static Lampyris.Page.Tests.ProfileBuilder;

namespace Lampyris.Page.Tests;

/// <summary>What the head of the page says, and the page as a whole.</summary>
public class PageTests(Browser browser)
{
    [Fact]
    public async Task TheHeadSaysWhatWasProfiled()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        Assert.Equal("program", await page.TextAsync("h1"));
        Assert.Equal("/usr/bin/program --serve", await page.TextAsync("#command"));
        Assert.Equal("program · heap profile", await page.Page.TitleAsync());
        string facts = await page.TextAsync("#facts");
        foreach (string fact in new[] { "2026-03-14 03:05 UTC", "1 min 30 s", "4711", "512 KiB", "28" }) Assert.Contains(fact, facts, StringComparison.Ordinal);
        Assert.True(await page.Page.Locator("#remarks").IsHiddenAsync());
    }

    [Fact]
    public async Task TheTotalsAreTheSumsOverAllSites()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        Assert.Equal(["100 MiB", "160 MiB", "400 MiB", "1,000,000"], await page.Page.Locator("#metrics strong").AllInnerTextsAsync());
        Assert.Equal("at 1 min 0 s · 1,600 blocks", await page.TextAsync("#metrics [data-value=peak] .note"));
    }

    [Fact]
    public async Task RemarksAndLostSamplesAreTold()
    {
        ProfileBuilder profile = Profiles.SmallBuilder();
        profile.Remarks = ["The file is cut off: 12 bytes were left unread."];
        profile.LostCount = 1234;
        await using OpenPage page = await browser.OpenAsync(profile.Build());
        Assert.Equal(["The file is cut off: 12 bytes were left unread.", "1,234 samples were lost: sizes are a little too low."], await page.Page.Locator("#remarks li").AllInnerTextsAsync());
    }

    [Fact]
    public async Task WithoutSamplesThePageSaysWhatToDo()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Empty());
        string empty = await page.TextAsync("#empty");
        Assert.Contains("less than the sampling interval of 512 KiB", empty, StringComparison.Ordinal);
        Assert.Contains("lampyris profile --interval 1 -- /usr/bin/true", empty, StringComparison.Ordinal);
        Assert.True(await page.Page.Locator("main").IsHiddenAsync());
    }

    [Fact]
    public async Task WithNothingLiveAnotherTotalIsShown()
    {
        ProfileBuilder profile = new();
        profile.Add("main", Bytes(0, 0), Bytes(0, 0), Bytes(4096, 2), "n|main|program");
        await using OpenPage page = await browser.OpenAsync(profile.Build());
        Assert.Equal("true", await page.Page.GetAttributeAsync("#metrics [data-value=allocated]", "aria-checked"));
        Assert.Equal(4096, (await page.BoxAsync("main")).Size);
        await page.Page.ClickAsync("#metrics [data-value=live]");
        Assert.Contains("live at the end is 0", await page.TextAsync("#nothing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NamesThatWouldActAreOnlyText()
    {
        string[] names =
        [
            "<script>globalThis.taken = 1</script>", "</script><script>globalThis.taken = 1</script>", "<img src=x onerror='globalThis.taken = 1'>", "\"quoted\" & 'quoted' {{data}} <!--",
            "\u202emoc.live\u202c", "line\nbreak\u2028\u0000", "lone \ud800 half", "שלום::עולם", string.Concat(Enumerable.Repeat("std::map<std::string, ", 200)) + "int" + new string('>', 200) + "::insert(int)",
        ];
        ProfileBuilder profile = new() { Command = ["/bin/</title><script>globalThis.taken = 1</script>", "</script>"], Executable = "", Remarks = ["<b>remark</b>"] };
        foreach (string name in names)
            profile.Add(name, Bytes(1 << 20), Bytes(1 << 20), Bytes(1 << 20), [new Frame("main", "", "", 0, FrameKind.Native), new Frame(name, name, name, 1, FrameKind.Native)]);
        foreach (string view in new[] { "flame", "tree", "functions", "stacks" })
        {
            await using OpenPage page = await browser.OpenAsync(profile.Build(), $"#view={view}&function=1&search={Uri.EscapeDataString("<script>")}");
            Assert.Equal("undefined", await page.Page.EvaluateAsync<string>("() => typeof globalThis.taken"));
            Assert.Equal(2, await page.Page.Locator("script").CountAsync());
            Assert.Equal(0, await page.Page.Locator("img, b").CountAsync());
            Assert.Equal("script> · heap profile", await page.Page.TitleAsync());
            if (view != "flame") continue;
            FlameBox[] boxes = await page.BoxesAsync();
            Assert.Contains(boxes, box => box.Name == names[0] && box.IsFound);
            Assert.Contains(boxes, box => box.Name == "\\u202emoc.live\\u202c");
            Assert.Contains(boxes, box => box.Name == "line\\u000abreak\\u2028\\u0000");
            Assert.Contains(boxes, box => box.Name == "lone \ufffd half");
            await page.Page.FillAsync("#search", "");
            foreach (FlameBox box in boxes.Where(static box => box.Row == 2))
            {
                await page.Page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + 5);
                Assert.True(await page.Page.Locator("#tip").IsVisibleAsync());
            }
        }
    }

    [Fact]
    public async Task ThePolicyAllowsNoScriptButThePagesOwn()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        string policy = await page.Page.Locator("meta[http-equiv=Content-Security-Policy]").GetAttributeAsync("content") ?? "";
        Assert.StartsWith("default-src 'none'; script-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("://", (await File.ReadAllTextAsync(page.File, TestContext.Current.CancellationToken)).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheThemeFollowsTheSystemUntilOneIsChosen()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "", new() { ColorScheme = ColorScheme.Dark });
        Assert.True(await BrightnessAsync(page) < 60);
        await page.Page.ClickAsync("#theme");
        Assert.Equal("☀ Light", await page.TextAsync("#theme"));
        Assert.True(await BrightnessAsync(page) > 200);
        await page.Page.ReloadAsync();
        Assert.True(await BrightnessAsync(page) > 200);
        await page.Page.ClickAsync("#theme");
        Assert.True(await BrightnessAsync(page) < 60);

        static async Task<double> BrightnessAsync(OpenPage page)
        {
            string color = await page.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
            return color.Split('(', ')')[1].Split(',').Take(3).Average(part => double.Parse(part, CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task ArrowKeysChooseTotalsAndViews()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small());
        await page.Page.FocusAsync("#metrics [aria-checked=true]");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal("true", await page.Page.GetAttributeAsync("#metrics [data-value=peak]", "aria-checked"));
        Assert.Equal(160 << 20, (await page.BoxAsync("all")).Size);
        await page.Page.FocusAsync("#views [aria-selected=true]");
        await page.Page.Keyboard.PressAsync("ArrowRight");
        Assert.True(await page.Page.Locator("#view-tree").IsVisibleAsync());
        Assert.True(await page.Page.Locator("#view-flame").IsHiddenAsync());
        Assert.Equal("tab-tree", await page.Page.EvaluateAsync<string>("() => document.activeElement.id"));
    }

    [Fact]
    public async Task OnPaperThePageIsLightAndWithoutControls()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Small(), "", new() { ColorScheme = ColorScheme.Dark });
        await page.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await page.Page.EvaluateAsync("() => dispatchEvent(new Event('beforeprint'))");
        Assert.Equal("rgb(255, 255, 255)", await page.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
        Assert.True(await page.Page.Locator("#search").IsHiddenAsync());
        Assert.True((await page.ColorAsync("serve")).Max() > 200);
    }

    [Theory]
    [InlineData(320)]
    [InlineData(420)]
    [InlineData(800)]
    public async Task ANarrowScreenNeverScrollsSideways(int width)
    {
        foreach (string view in new[] { "flame", "tree", "functions", "stacks" })
        {
            await using OpenPage page = await browser.OpenAsync(ServiceProfile.Make(), $"#view={view}&function=3", new() { ViewportSize = new() { Width = width, Height = 800 } });
            Assert.Equal(width, await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        }
    }

    [Fact]
    public async Task TwentyThousandDeepStacksOpenAndStayUsable()
    {
        await using OpenPage page = await browser.OpenAsync(Profiles.Large(20_000, 60));
        Assert.InRange(new FileInfo(page.File).Length, 100_000, 5_000_000);
        FlameBox[] boxes = await page.BoxesAsync();
        Assert.InRange(boxes.Length, 1000, 200_000);
        await page.ClickAsync(boxes.Where(static box => box.Row == 3).MaxBy(static box => box.Width)!);
        foreach (string view in new[] { "tree", "functions", "stacks", "flame" }) await page.Page.ClickAsync($"#tab-{view}");
        await page.Page.ClickAsync("#direction [data-value=allocating]");
        await page.Page.FillAsync("#search", "Area7");
        Assert.Contains("matched", await page.TextAsync("#matched"), StringComparison.Ordinal);
    }
}
