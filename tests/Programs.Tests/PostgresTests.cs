// PostgreSQL: a process for each connection, forked from one parent. A new cluster, the pgbench load, the sums that its
// transactions must keep, and queries that sort, hash and aggregate with parallel workers.
using System;
using System.Linq;

namespace Lampyris.Programs.Tests;

public class PostgresTests
{
    [Fact]
    public void PostgresKeepsItsBooksUnderLoadAndAnswersTheSame() => Compare.WithAndWithout(scene =>
    {
        string port = Scene.FreePort();
        scene.Shell("install -d -m 700 db && install -d -m 777 sockets");
        if (Environment.UserName == "root")
            scene.Run("chown", "postgres", "db");
        scene.Run(AsServerUser("initdb", "-D", scene.PathOf("db"), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale"));
        RunningProgram server = scene.Start(
            AsServerUser("postgres", "-D", scene.PathOf("db"), "-p", port, "-c", "listen_addresses=127.0.0.1", "-k", scene.PathOf("sockets"), "-c", "fsync=off", "-c", "shared_buffers=32MB"),
            () => Scene.Answers(port));
        string[] connection = ["-h", "127.0.0.1", "-p", port, "-U", "postgres"];
        string Sql(string query) => scene.Run("psql", [.. connection, "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", query]);

        server.WaitUntil(() => scene.Shell($"{Installed.Path("psql")} {string.Join(' ', connection)} -d postgres -c 'SELECT 1' 2>&1 || true").Contains("1 row", StringComparison.Ordinal), scene.TimeLeft);
        scene.Run("pgbench", [.. connection, "-i", "-q", "-s", "2", "postgres"]);
        string load = scene.Run("pgbench", [.. connection, "-c", "8", "-j", "2", "-t", "300", "postgres"]);
        string[] counts = [.. load.Split('\n').Where(line => line.StartsWith("number of", StringComparison.Ordinal))];
        Assert.Equal("t\n", Sql("""
            SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)
               AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)
               AND (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(delta) FROM pgbench_history)
            """));
        Sql("CREATE TABLE t AS SELECT i, i * 7919 % 1009 AS k, repeat(md5(i::text), 1 + i % 5) AS s FROM generate_series(1, 150000) i; ANALYZE t");
        Sql("ALTER TABLE t SET (parallel_workers = 2)");
        const string Parallel = "SET work_mem = '1MB'; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0; ";
        string answers = Sql(Parallel + "SELECT k, count(*), sum(length(s)), md5(string_agg(s, ',' ORDER BY i)) FROM t GROUP BY k ORDER BY k")
            + Sql(Parallel + "SELECT count(*), sum(a.i) FROM t a JOIN t b ON a.s = b.s AND a.k = b.k WHERE a.i % 3 = 0")
            + Sql("SELECT jsonb_pretty(jsonb_agg(jsonb_build_object('i', i, 's', s) ORDER BY i)) FROM t WHERE k = 5")
            + Sql("SELECT count(*) FROM t WHERE to_tsvector('english', 'the ' || s) @@ to_tsquery('a' || k || ':*') OR s ~ '(ab|cd)+e[0-9]{3}'");
        server.Stop(Signal.Interrupt, scene.TimeLeft);
        return string.Join('\n', [answers, .. counts]);
    });

    /// <summary>The server refuses to run as root. Unlike `runuser`, `setpriv` becomes the program, so that it gets our signals.</summary>
    static Command AsServerUser(string program, params string[] arguments) => Environment.UserName == "root"
        ? new Command("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", Installed.Path(program), .. arguments])
        : new Command(program, arguments);
}
