// nginx with two worker processes under wrk's load, and curl as a client of many parallel transfers.
using System;
using System.Linq;

namespace Lampyris.Programs.Tests;

public class WebTests
{
    [Fact]
    public void NginxServesTheSameUnderLoadAndCurlFetchesIt() => Compare.WithAndWithout(scene =>
    {
        string port = Scene.FreePort(), securePort = Scene.FreePort();
        scene.Write("nginx.conf", $$"""
            daemon off; pid nginx.pid; worker_processes 2; error_log error.log;
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            events { worker_connections 512; }
            http {
              access_log access.log; gzip on; gzip_min_length 100; gzip_types *;
              client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
              ssl_certificate cert.pem; ssl_certificate_key key.pem;
              server { listen 127.0.0.1:{{port}}; listen 127.0.0.1:{{securePort}} ssl; root pages;
                location /again/ { proxy_pass http://127.0.0.1:{{port}}/; } }
            }
            """);
        for (int i = 0; i < 40; i++)
            scene.Write($"pages/{i}.html", string.Concat(Enumerable.Repeat($"<p>line of page {i}</p>\n", 1 + i * i)));
        scene.Run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost");
        RunningProgram server = scene.Start(new Command("nginx", "-p", scene.Directory, "-c", "nginx.conf"), () => Scene.Answers(port));

        foreach (string path in (string[])["39.html", "again/20.html"])
        {
            string load = scene.Run("wrk", "-t2", "-c40", "-d2s", "-H", "Accept-Encoding: gzip", $"http://127.0.0.1:{port}/{path}");
            Assert.DoesNotContain("Non-2xx", load, StringComparison.Ordinal);
            Assert.DoesNotContain("Socket errors", load, StringComparison.Ordinal);
            Assert.Contains("requests in", load, StringComparison.Ordinal);
        }
        scene.Run("curl", "-sS", "--fail", "--compressed", "--parallel", "--create-dirs", "-o", "got/#1.html", $"http://127.0.0.1:{port}/again/[0-39].html");
        scene.Run("curl", "-sS", "--fail", "-k", "--parallel", "--create-dirs", "-o", "secure/#1.html", $"https://127.0.0.1:{securePort}/[0-39].html");
        scene.Shell("diff -r pages got && diff -r pages secure");
        server.Stop(Signal.Quit, scene.TimeLeft);
        return scene.Shell("cd got && sha256sum *");
    });
}
