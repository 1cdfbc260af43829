using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Lampyris.Tests;

/// <summary>Debian's Prometheus on a port and a folder of its own, for one test; ends with it.</summary>
sealed class PrometheusServer : IDisposable
{
    const string Program = "prometheus";
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60), s_pause = TimeSpan.FromMilliseconds(200);

    readonly string _folder;
    readonly HttpClient _client;
    readonly Process _process;
    readonly StringBuilder _log = new();        // under its own lock

    /// <param name="scrapeConfigs">The value of `scrape_configs`, as YAML.</param>
    public PrometheusServer(string scrapeConfigs)
    {
        string path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"there is no `{Program}` in PATH: install the Debian package {Program} (.ci/packages.txt)");
        _folder = Directory.CreateTempSubdirectory("lampyris-prometheus-").FullName;
        string config = Path.Combine(_folder, "prometheus.yml"), address = $"127.0.0.1:{FreePort()}";
        File.WriteAllText(config, $"global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\nscrape_configs:\n{scrapeConfigs}\n");
        _client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new($"http://{address}/") };
        string[] arguments = [$"--config.file={config}", $"--storage.tsdb.path={Path.Combine(_folder, "data")}", $"--web.listen-address={address}"];
        _process = new() { StartInfo = new(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
        _process.OutputDataReceived += Log;
        _process.ErrorDataReceived += Log;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The series that a query finds as soon as it finds any: `NAME LABEL=…: VALUE`, sorted.</summary>
    public async Task<string[]> Query(string query, string label, CancellationToken cancel)
    {
        for (long start = Stopwatch.GetTimestamp(); !_process.HasExited && Stopwatch.GetElapsedTime(start) < s_limit; await Task.Delay(s_pause, cancel))
        {
            string[] series = await QueryOnce(query, label, cancel);
            if (series.Length != 0) return series;
        }
        if (_process.HasExited) await _process.WaitForExitAsync(cancel);        // for the rest of its log
        lock (_log) Assert.Fail($"no series of {query} came within {s_limit.TotalSeconds} s, or {Program} has ended; it says:\n{_log}");
        return [];
    }

    async Task<string[]> QueryOnce(string query, string label, CancellationToken cancel)
    {
        try
        {
            string answer = await _client.GetStringAsync(new Uri($"api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative), cancel);
            using JsonDocument json = JsonDocument.Parse(answer);
            IEnumerable<JsonElement> found = json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray();
            return [.. found.Select(one => Line(one.GetProperty("metric"), label, one.GetProperty("value")[1])).Order(StringComparer.Ordinal)];
        }
        catch (HttpRequestException)
        {
            return [];                          // not up yet
        }
    }

    static string Line(JsonElement labels, string label, JsonElement value) => $"{labels.GetProperty("__name__")} {label}={labels.GetProperty(label)}: {value}";

    void Log(object sender, DataReceivedEventArgs line)
    {
        lock (_log) _log.AppendLine(line.Data);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
