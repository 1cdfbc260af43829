// One stage on which a program runs, either on the allocator under test or on the system's own: an empty directory, an
// environment, a deadline, and the list of everything started. When it is closed nothing of it is left running.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Lampyris.Programs.Tests;

internal sealed class Scene : IDisposable
{
    const string MarkVariable = "LAMPYRIS_TEST_SCENE"; // in every process of a scene: how strays are found at the end

    static readonly ConcurrentDictionary<int, bool> s_portsGiven = [];

    readonly long _deadlineMs;
    readonly string _witnessFile;
    readonly List<RunningProgram> _servers = [];

    public Scene(bool onAllocator, int seconds)
    {
        OnAllocator = onAllocator;
        Directory = Workplace.NewSceneDirectory();
        _deadlineMs = System.Environment.TickCount64 + 1000L * seconds;
        _witnessFile = Directory + ".witness";
        File.WriteAllText(_witnessFile, "");
        File.SetUnixFileMode(_witnessFile, (UnixFileMode)0b110_110_110); // other users' programs write to it too
    }

    public bool OnAllocator { get; }

    public string Directory { get; }

    public TimeSpan TimeLeft => TimeSpan.FromMilliseconds(Math.Max(0, _deadlineMs - System.Environment.TickCount64));

    public string PathOf(string file) => Path.Combine(Directory, file);

    public void Write(string file, string text)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
    }

    /// <summary>Copies one of the programs in apps/ (a file or a directory) to the scene.</summary>
    public void Bring(string app)
    {
        string source = Path.Combine(Workplace.Apps, app);
        if (File.Exists(source))
        {
            File.Copy(source, PathOf(Path.GetFileName(app)));
            return;
        }
        foreach (string file in System.IO.Directory.GetFiles(source))
            Write(Path.Combine(app, Path.GetFileName(file)), File.ReadAllText(file));
    }

    public string Sha256(string file)
    {
        using FileStream stream = File.OpenRead(PathOf(file));
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>A TCP port of the loopback address that nobody listens on now, another one at each call.</summary>
    public static string FreePort()
    {
        while (true)
        {
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            // The system may well give the port of the last call again, since that one is free by now.
            if (s_portsGiven.TryAdd(port, true)) return port.ToString(CultureInfo.InvariantCulture);
        }
    }

    public string Run(string program, params string[] arguments) => Run(new Command(program, arguments)).Text;

    public string Shell(string script) => Run("bash", "-c", "set -euo pipefail; " + script);

    /// <summary>Runs to the end, checks the exit code and that the program really used the allocator.</summary>
    public Output Run(Command command)
    {
        using RunningProgram program = Launch(command);
        Output output = program.WaitForEnd(TimeLeft);
        CheckWitness(program);
        return output;
    }

    /// <summary>Starts a server and waits until <paramref name="isReady"/> succeeds. It is killed with the scene, if it still runs.</summary>
    public RunningProgram Start(Command command, Func<bool> isReady)
    {
        RunningProgram server = Launch(command);
        _servers.Add(server);
        server.WaitUntil(isReady, TimeLeft);
        CheckWitness(server);
        return server;
    }

    public static bool Answers(string port)
    {
        try
        {
            using TcpClient client = new("127.0.0.1", int.Parse(port, CultureInfo.InvariantCulture));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    RunningProgram Launch(Command command) =>
        new(command with { Allocator = OnAllocator ? Workplace.Allocator : null }, StartInfo(command));

    ProcessStartInfo StartInfo(Command command)
    {
        ProcessStartInfo info = new(Installed.Path(command.Program), command.Arguments)
        {
            WorkingDirectory = command.Directory is null ? Directory : PathOf(command.Directory),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in info.Environment.Keys.Where(IsOursToSet).ToArray())
            info.Environment.Remove(name);
        info.Environment["PATH"] = Installed.SearchPath;
        info.Environment["HOME"] = Directory;
        info.Environment["TMPDIR"] = Directory;
        info.Environment["LC_ALL"] = "C.UTF-8";
        info.Environment["TZ"] = "UTC";
        info.Environment[MarkVariable] = Directory;
        info.Environment["LAMPYRIS_TEST_WITNESS"] = _witnessFile;
        info.Environment["LD_PRELOAD"] = OnAllocator ? $"{Workplace.Witness}:{Workplace.Allocator}" : Workplace.Witness;
        foreach ((string name, string value) in command.Environment)
            info.Environment[name] = value;
        return info;
    }

    /// <summary>What the test host's own surroundings set must not reach the program: both runs start from the same.</summary>
    static bool IsOursToSet(string name) => name is "LD_PRELOAD" or "LANG" or "LANGUAGE" or "DOTNET_gcServer"
        || name.StartsWith("LAMPYRIS_", StringComparison.Ordinal) || name.StartsWith("LC_", StringComparison.Ordinal)
        || name.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal) || name.StartsWith("MSBUILD", StringComparison.Ordinal)
        || name.StartsWith("PYTHON", StringComparison.Ordinal) || name.StartsWith("GIT_", StringComparison.Ordinal);

    /// <summary>Every process so far had malloc from the library that it should; `program` itself is among them.</summary>
    void CheckWitness(RunningProgram program)
    {
        bool seen = false;
        foreach (string line in File.ReadAllLines(_witnessFile))
        {
            string[] fields = line.Split('\t');
            bool usedAllocator = fields[2] == Workplace.Allocator;
            if (usedAllocator != OnAllocator)
                Assert.Fail($"{fields[1]} took malloc from {fields[2]} {(OnAllocator ? "and not from " + Workplace.Allocator : "although it should run on the system's own")}");
            seen |= fields[0] == program.Id.ToString(CultureInfo.InvariantCulture);
        }
        Assert.True(seen, $"'{program.Command}' ran without the preloaded witness: a static program?");
    }

    public void Dispose()
    {
        foreach (RunningProgram server in _servers)
            server.Dispose();
        KillStrays();
        if (System.Environment.GetEnvironmentVariable("LAMPYRIS_TEST_KEEP") is null or "")
            System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>Ends what a program left behind in the background: only processes that carry this scene's mark.</summary>
    void KillStrays()
    {
        string mark = $"{MarkVariable}={Directory}\0";
        foreach (string process in System.IO.Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out int id))
                continue;
            try
            {
                if (File.ReadAllText(process + "/environ").Contains(mark, StringComparison.Ordinal))
                    Process.GetProcessById(id).Kill();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
            {
                // It ended while we looked, or it is another user's and so not ours.
            }
        }
    }
}
