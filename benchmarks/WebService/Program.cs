using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lampyris.Benchmarks;

// A web service on Kestrel: POST /orders takes an order as JSON and answers with the compressed receipt. It listens on a free
// port of the loopback interface, and writes that port and its own process id to the file it is given; SIGTERM ends it.
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [string file])
        {
            Console.Error.WriteLine("usage: web-service FILE");
            return 2;
        }

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        await using WebApplication service = builder.Build();
        service.MapPost("/orders", AnswerAsync);
        await service.StartAsync();

        await File.WriteAllTextAsync(file + ".new", $"{new Uri(service.Urls.Single()).Port} {Environment.ProcessId}\n");
        File.Move(file + ".new", file, overwrite: true); // whoever waits for it never sees half of it
        await service.WaitForShutdownAsync();
        return 0;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        Order? order = await context.Request.ReadFromJsonAsync(OrderJson.Default.Order, context.RequestAborted);
        if (order is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        (byte[] content, context.Response.Headers.ContentEncoding) = Till.Answer(order);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }
}
