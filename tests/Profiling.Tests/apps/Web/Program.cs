using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Web;

// A web service as many are: Kestrel with HTTPS, compressed answers, JSON. Says its address on standard output; `POST /stop` ends it.
internal static class Program
{
    static void Main(string[] arguments)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(arguments);
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        builder.Services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.Providers.Add<BrotliCompressionProvider>();
            options.Providers.Add<GzipCompressionProvider>();
        });
        WebApplication app = builder.Build();
        app.UseResponseCompression();
        app.MapGet("/orders/{count:int}", (HttpContext context, int count) => Orders.WriteAsync(context, count));
        app.MapPost("/upload", (HttpContext context) => Orders.AnswerAsync(context));
        app.MapPost("/stop", (IHostApplicationLifetime lifetime) => lifetime.StopApplication());
        app.Start();
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        app.WaitForShutdown();
    }
}

internal sealed record Order(int Number, string Customer, decimal Price);

internal static class Orders
{
    public static async System.Threading.Tasks.Task WriteAsync(HttpContext context, int count)
    {
        context.Response.ContentType = "application/json";
        Order[] orders = [.. Enumerable.Range(0, count).Select(number => new Order(number, $"customer {number % 17}", number * 1.25m))];
        await JsonSerializer.SerializeAsync(context.Response.Body, orders);
    }

    public static async System.Threading.Tasks.Task AnswerAsync(HttpContext context)
    {
        long bytes = await ReadAsync(context);
        await context.Response.WriteAsync(bytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Unpacks what was sent; how many bytes it was.</summary>
    public static async System.Threading.Tasks.Task<long> ReadAsync(HttpContext context)
    {
        await using var unpacked = new GZipStream(context.Request.Body, CompressionMode.Decompress);
        using var text = new MemoryStream();
        await unpacked.CopyToAsync(text);
        return text.Length;
    }
}
