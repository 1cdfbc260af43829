using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Lampyris.Tests;

/// <summary>The program in Exporting/, which gives its metrics to OpenTelemetry, watched by a real Prometheus.</summary>
public sealed class ExportTests
{
    static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    // What the program moves: 100 blocks of 256 bytes, 50 of 1024, 3 of 32768; it frees 40, 50, 1.
    static string[] Series(string label) => [
        $"memory_allocator_allocated_bytes_total {label}=1024B: 51200",
        $"memory_allocator_allocated_bytes_total {label}=256B: 25600",
        $"memory_allocator_allocated_bytes_total {label}=32768B: 98304",
        $"memory_allocator_allocated_bytes_total {label}=Total: 175104",
        $"memory_allocator_deallocated_bytes_total {label}=1024B: 51200",
        $"memory_allocator_deallocated_bytes_total {label}=256B: 10240",
        $"memory_allocator_deallocated_bytes_total {label}=32768B: 32768",
        $"memory_allocator_deallocated_bytes_total {label}=Total: 94208",
        $"memory_allocator_used_bytes {label}=1024B: 0",
        $"memory_allocator_used_bytes {label}=256B: 15360",
        $"memory_allocator_used_bytes {label}=32768B: 65536",
        $"memory_allocator_used_bytes {label}=Total: 80896",
    ];

    // Goal: every figure reaches Prometheus unchanged, and `instance` keeps its name where a job honors labels. Method: one target, two jobs.
    [Fact]
    public async Task TheFiguresReachPrometheusThroughOpenTelemetry()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        int port = PrometheusServer.FreePort();
        using Process program = Start(port);
        try
        {
            using CancellationTokenSource starting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            starting.CancelAfter(s_startLimit);
            Assert.Equal("ready", await program.StandardOutput.ReadLineAsync(starting.Token));

            string targets = $"static_configs: [{{ targets: ['localhost:{port}'] }}]";
            using PrometheusServer prometheus = new($$"""
              - { job_name: honoring, honor_labels: true, {{targets}} }
              - { job_name: renaming, {{targets}} }
            """);
            const string Names = "__name__=~'memory_allocator_.+_bytes(_total)?'";
            Assert.Equal(Series("instance"), await prometheus.Query($"{{{Names}, job='honoring'}}", "instance", cancel));
            Assert.Equal(Series("exported_instance"), await prometheus.Query($"{{{Names}, job='renaming', instance='localhost:{port}'}}", "exported_instance", cancel));
        }
        finally
        {
            program.Kill();
            program.WaitForExit();
        }
    }

    static Process Start(int port)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "exporting"), [port.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Remove("MEMORY_ALLOCATOR_LIB_PATH");
        start.Environment.Remove("MEMORY_METRIC_THREAD_COUNTER");
        // Less than the last block, which so reports all there is.
        start.Environment["MEMORY_METRIC_REPORT_INTERVAL"] = "1000";
        return Process.Start(start)!;
    }
}
