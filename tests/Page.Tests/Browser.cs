using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Lampyris.Analysis;
using Lampyris.Page.Tests;
using Lampyris.Reporting.Page;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Browser))]

namespace Lampyris.Page.Tests;

/// <summary>One chromium for all tests of this assembly, Debian's.</summary>
public sealed class Browser : IAsyncLifetime
{
    const string Chromium = "/usr/bin/chromium";

    IPlaywright? _playwright;
    IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium)) throw new FileNotFoundException("the tests of the page need Debian's package chromium; .ci/run installs it", Chromium);
        _playwright = await Playwright.CreateAsync();
        // As root, as CI runs, chromium has no sandbox; /dev/shm is small in containers.
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    internal Task<OpenPage> OpenAsync(Profile profile, string hash = "", BrowserNewContextOptions? options = null) =>
        OpenAsync(output => ProfilePage.Write(profile, output), hash, options);

    internal Task<OpenPage> OpenDifferenceAsync(Profile before, Profile after, string hash = "", BrowserNewContextOptions? options = null) =>
        OpenAsync(output => ProfilePage.WriteDifference(before, after, output), hash, options);

    async Task<OpenPage> OpenAsync(Action<TextWriter> write, string hash, BrowserNewContextOptions? options)
    {
        string file = Path.Combine(Path.GetTempPath(), $"lampyris-page-{Guid.NewGuid():N}.html");
        using (StreamWriter output = new(file)) write(output);
        IBrowserContext context = await _browser!.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1440, Height = 900 }, ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(120_000); // ms; the machine may be busy with other tests
        await context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        OpenPage page = new(await context.NewPageAsync(), file);
        await page.Page.GotoAsync(new Uri(file).AbsoluteUri + hash);
        return page;
    }
}

/// <summary>A profile's page in a window of its own; what it must never do is noted from the first moment on.</summary>
sealed class OpenPage : IAsyncDisposable
{
    readonly List<string> _complaints = [];
    readonly string _file;

    public OpenPage(IPage page, string file)
    {
        Page = page;
        _file = file;
        page.Console += (_, message) => { if (message.Type is "error" or "warning") _complaints.Add($"console: {message.Text}"); };
        page.PageError += (_, error) => _complaints.Add($"error: {error}");
        page.Dialog += (_, dialog) => { _complaints.Add($"dialog: {dialog.Message}"); _ = dialog.DismissAsync(); };
        page.Request += (_, request) =>
        {
            if (request.Url.Split('#')[0] != new Uri(file).AbsoluteUri && !request.Url.StartsWith("data:", StringComparison.Ordinal)) _complaints.Add($"request: {request.Url}");
        };
    }

    public IPage Page { get; }

    public string File => _file;

    public async Task<FlameBox[]> BoxesAsync() => await Page.EvaluateAsync<FlameBox[]>("() => lampyris.boxes()");

    public async Task<FlameBox> BoxAsync(string name) =>
        Array.Find(await BoxesAsync(), box => box.Name == name) ?? throw new InvalidOperationException($"the flame graph shows no {name}");

    public async Task ClickAsync(FlameBox box) => await Page.Mouse.ClickAsync(box.X + box.Width / 2, box.Y + box.Height / 2);

    /// <summary>Red, green and blue of a box of the flame graph, 0 to 255 each.</summary>
    public async Task<int[]> ColorAsync(string name) => await Page.EvaluateAsync<int[]>("""
        name => {
          const canvas = document.querySelector('canvas'), place = canvas.getBoundingClientRect();
          const box = lampyris.boxes().find(candidate => candidate.name === name);
          const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
          pixel.drawImage(canvas, place.left - box.x - 2, place.top - box.y - 2);
          return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }
        """, name);

    public async Task<string> TextAsync(string selector) => (await Page.Locator(selector).InnerTextAsync()).Trim();

    /// <summary>Closes the window. The page must have been quiet: no error, no request, no dialog.</summary>
    public async ValueTask DisposeAsync()
    {
        await Page.Context.DisposeAsync();
        System.IO.File.Delete(_file);
        Assert.Empty(_complaints);
    }
}

/// <summary>What `lampyris.boxes()` says of a box; positions in CSS pixels of the window.</summary>
sealed class FlameBox
{
    public string Name { get; set; } = "";

    public int Row { get; set; }

    public float X { get; set; }

    public float Y { get; set; }

    public float Width { get; set; }

    public float Height { get; set; }

    public double Size { get; set; }

    public bool IsFound { get; set; }
}
