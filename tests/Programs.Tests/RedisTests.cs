// Redis: its benchmark as load (it asks malloc_usable_size of every block), forks for snapshots, a restart, and a check of
// all data by Redis's own digest.
using System;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Lampyris.Programs.Tests;

public class RedisTests
{
    [Fact]
    public void RedisKeepsTheSameDataUnderLoadAcrossSnapshotAndRestart() => Compare.WithAndWithout(scene =>
    {
        string port = Scene.FreePort();
        string Cli(params string[] arguments) => scene.Run("redis-cli", ["-p", port, .. arguments]).Trim();
        RunningProgram server = Start(scene, port);

        scene.Run(new Command("redis-cli", "-p", port, "--pipe") { Input = Data(keyCount: 20_000) });
        string load = scene.Run("redis-benchmark", "-p", port, "-n", "10000", "-c", "40", "-P", "8", "-r", "10000", "-d", "300", "--csv", "-t", "set,get,incr,lpush,rpop,sadd,hset,zadd,lrange_100,mset");
        string[] measured = [.. load.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')[0])];
        foreach (string key in (string[])["mylist", "myset", "myzset", "myhash", "counter:*", "key:*"])
            Cli("EVAL", "for _, k in ipairs(redis.call('keys', ARGV[1])) do redis.call('unlink', k) end", "0", key);
        string digest = Cli("DEBUG", "DIGEST");
        Cli("BGSAVE");
        server.WaitUntil(() => Cli("INFO", "persistence").Contains("rdb_bgsave_in_progress:0", StringComparison.Ordinal), scene.TimeLeft);
        Assert.Contains("rdb_last_bgsave_status:ok", Cli("INFO", "persistence"), StringComparison.Ordinal);
        server.Stop(Signal.Terminate, scene.TimeLeft);

        server = Start(scene, port);
        Assert.Equal(digest, Cli("DEBUG", "DIGEST"));
        string size = Cli("DBSIZE");
        string sample = Cli("HMGET", "hash:77", "field77", "field577", "field19577") + Cli("ZRANGE", "sorted:5", "0", "-1", "WITHSCORES") + Cli("LRANGE", "list:9", "0", "-1");
        server.Stop(Signal.Terminate, scene.TimeLeft);
        return string.Join('\n', [digest, size, sample, .. measured]);
    });

    static RunningProgram Start(Scene scene, string port) => scene.Start(
        new Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", scene.Directory, "--save", "3600 1", "--enable-debug-command", "yes", "--io-threads", "2"),
        () => Scene.Answers(port) && !scene.Run("redis-cli", "-p", port, "PING").Contains("LOADING", StringComparison.Ordinal));

    /// <summary>Commands that build keys of every type, then delete and overwrite some.</summary>
    static string Data(int keyCount)
    {
        StringBuilder commands = new();
        for (int i = 0; i < keyCount; i++)
        {
            string value = new((char)('a' + i % 26), 1 + i * 37 % 400);
            commands.Append(CultureInfo.InvariantCulture, $"SET text:{i} {value}\nHSET hash:{i % 500} field{i} {value}\nRPUSH list:{i % 200} {value}\nZADD sorted:{i % 100} {i * 7919 % 1000} member{i}\n");
            if (i % 3 == 0)
                commands.Append(CultureInfo.InvariantCulture, $"DEL text:{i / 2}\nAPPEND text:{i / 3} {value}\n");
        }
        return commands.ToString();
    }
}
