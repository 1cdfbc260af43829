// Git: a generated history is imported, cloned, merged, repacked with threads and checked.
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Lampyris.Programs.Tests;

public class GitTests
{
    [Fact]
    public void GitImportsClonesPacksAndChecksTheSameHistory() => Compare.WithAndWithout(scene =>
    {
        Dictionary<string, string> environment = new()
        {
            ["GIT_AUTHOR_DATE"] = "1700000000 +0000",
            ["GIT_COMMITTER_DATE"] = "1700000000 +0000",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
        };
        scene.Write(".gitconfig", "[user]\n name = Test\n email = test@example.org\n[init]\n defaultBranch = main\n[pack]\n threads = 2\n[gc]\n auto = 0\n");
        string Git(string directory, params string[] arguments) =>
            scene.Run(new Command("git", arguments) { Directory = directory, Environment = environment }).Text;

        string Archive()
        {
            Git("copy", "archive", "--format=tar", "-o", "../copy.tar", "HEAD");
            return scene.Sha256("copy.tar");
        }

        Git("", "init", "-q", "origin");
        scene.Run(new Command("git", "fast-import", "--quiet") { Directory = "origin", Input = History(commitCount: 400), Environment = environment });
        Git("", "clone", "-q", "--no-local", "origin", "copy");
        Git("copy", "checkout", "-q", "-b", "side", "main~50");
        scene.Write("copy/new.txt", "a file of the side branch\n");
        Git("copy", "add", "new.txt");
        Git("copy", "commit", "-q", "-m", "side");
        Git("copy", "merge", "-q", "-m", "merged", "main");
        Git("copy", "gc", "-q", "--aggressive", "--prune=now");
        Git("copy", "fsck", "--full", "--strict");
        return Git("copy", "log", "--stat", "--graph") + Git("copy", "blame", "file3.txt") + Git("copy", "grep", "-n", "line 17 ")
            + Git("copy", "diff", "main~200", "main") + Git("copy", "status") + Archive();
    });

    /// <summary>A stream for fast-import: each commit changes one of ten files.</summary>
    static string History(int commitCount)
    {
        StringBuilder stream = new();
        for (int commit = 1; commit <= commitCount; commit++)
        {
            StringBuilder file = new();
            for (int line = 0; line < 300; line++)
                file.Append(CultureInfo.InvariantCulture, $"line {line} of state {(line * 7 + commit / 10) % 31 + (line % 40 == commit % 40 ? commit : 0)}\n");
            string message = $"commit {commit}\n";
            stream.Append(CultureInfo.InvariantCulture, $"commit refs/heads/main\nmark :{commit}\ncommitter Test <test@example.org> {1_600_000_000 + commit * 100} +0000\ndata {message.Length}\n{message}");
            if (commit > 1)
                stream.Append(CultureInfo.InvariantCulture, $"from :{commit - 1}\n");
            stream.Append(CultureInfo.InvariantCulture, $"M 100644 inline file{commit % 10}.txt\ndata {file.Length}\n{file}\n");
        }
        return stream.ToString();
    }
}
