using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Lampyris.Analysis;
using Xunit;

namespace Lampyris.Profiling.Tests;

// Goal: a web service's native memory is seen below the managed code that wants it. Method: Kestrel with HTTPS and compressed
// answers (apps/Web), under load from here.
public sealed class WebTests
{
    [Fact]
    public async Task TlsAndCompressionStandBelowKestrelAndTheGcHeapBesideThem()
    {
        using var lampyris = new CommandLine();
        using var web = new Background([CommandLine.Program, "profile", "--managed", "--quiet", "--interval", "64K", "-o", "web.lprof", "--", Apps.DotNet("Web", "web")], lampyris.Folder);
        var address = new Uri(web.Line());
        await LoadAsync(address, TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        int exitCode = web.End();
        Assert.Equal((0, ""), (exitCode, web.Error));

        Profile profile = ProfileReader.Read(lampyris.PathOf("web.lprof"));
        double complete = Truth.CompleteShare(profile);
        TestContext.Current.TestOutputHelper!.WriteLine($"{profile.Sites.Count} stacks, {profile.SampleCount} samples, {complete:p3} complete");
        Assert.True(complete >= 0.99, $"{complete:p2} complete:\n" + string.Join('\n', profile.Sites.Where(site => !site.IsComplete && !site.IsGcHeap).Take(5).Select(Truth.Show)));
        foreach (string[] chain in new[]
        {
            new[] { "start_thread", "Kestrel", "BrotliStream.", "BrotliEncoder" },
            ["start_thread", "Kestrel", "DeflateStream", "CompressionNative_DeflateInit2_"],
            ["start_thread", "Orders.ReadAsync(HttpContext)", "Inflater", "CompressionNative_InflateInit2_"],
            ["start_thread", "SslStream", "CryptoNative_SslDoHandshake", "libssl.so.3"],
        })
            Assert.True(profile.Sites.Any(site => site.IsComplete && Has(site, chain)), $"{string.Join(" > ", chain)} is missing; there are\n" +
                string.Join('\n', profile.Sites.Where(site => Has(site, [chain[^1]]) || Has(site, [chain[^2]])).Take(5).Select(Truth.Show)));
        Assert.Contains(profile.Sites, site => site.IsGcHeap && site.Frames[^1].Function.Contains("Order[]", StringComparison.Ordinal)
            && site.Frames.Any(frame => frame.Function == "Orders.WriteAsync(HttpContext, int)"));
        // Nothing of the managed code is left without its name.
        Assert.DoesNotContain(profile.Sites.SelectMany(site => site.Frames), frame => frame.Function.Contains(".dll+0x", StringComparison.Ordinal));
    }

    static bool Has(Site site, string[] chain)
    {
        int at = 0;
        foreach (Frame frame in site.Frames)
            if (at < chain.Length && (frame.Function.Contains(chain[at], StringComparison.Ordinal) || frame.Library.Contains(chain[at], StringComparison.Ordinal))) at++;
        return at == chain.Length;
    }

    static async Task LoadAsync(Uri address, TimeSpan duration, CancellationToken cancellation)
    {
        byte[] upload = Upload();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(duration);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            int requests = 0;
            while (!end.IsCancellationRequested)
            {
                // A connection for a few requests.
                using var client = Client(address, number % 2 == 0 ? "br" : "gzip");
                for (int i = 0; i < 10; i++, requests++)
                {
                    using HttpResponseMessage answer = await client.GetAsync(new Uri("/orders/200", UriKind.Relative), cancellation);
                    Assert.Equal([number % 2 == 0 ? "br" : "gzip"], answer.Content.Headers.ContentEncoding);
                    await answer.Content.ReadAsByteArrayAsync(cancellation);
                    using var content = new ByteArrayContent(upload);
                    using HttpResponseMessage received = await client.PostAsync(new Uri("/upload", UriKind.Relative), content, cancellation);
                    Assert.Equal(HttpStatusCode.OK, received.StatusCode);
                }
            }
            Assert.True(requests > 0);
        }, cancellation)));
        using HttpClient last = Client(address, "br");
        (await last.PostAsync(new Uri("/stop", UriKind.Relative), null, cancellation)).Dispose();
    }

    static HttpClient Client(Uri address, string encoding)
    {
#pragma warning disable CA5400, CA5399, CA5359 // its certificate is made when it starts; nobody could have signed it
        var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        var client = new HttpClient(handler) { BaseAddress = address };
#pragma warning restore CA5400, CA5399, CA5359
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd(encoding);
        return client;
    }

    static byte[] Upload()
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) stream.Write(new byte[100_000]);
        return packed.ToArray();
    }
}
