using System;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

namespace Lampyris.Tests;

// Runs a static method of a test class in a fresh process: for what ends a process, or must not harm this one.
static class ChildProcess
{
    const string Variable = "LAMPYRIS_TEST_CHILD";

    public static bool IsChild => Environment.GetEnvironmentVariable(Variable) != null;

    /// <summary>Runs <paramref name="method"/> (static, no parameters, returns the exit code); gives back the exit code and stderr.</summary>
    public static (int ExitCode, string Error) Run(Func<int> method, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment[Variable] = $"{method.Method.DeclaringType!.FullName}/{method.Method.Name}";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process child = Process.Start(start)!;
        child.OutputDataReceived += (_, _) => { };
        child.BeginOutputReadLine();
        string error = child.StandardError.ReadToEnd();
        if (!child.WaitForExit(60_000)) child.Kill();
        return (child.ExitCode, error);
    }

    /// <summary>As <see cref="Run"/>; the test fails where the method does not return 0.</summary>
    public static void Passes(Func<int> method, params (string Name, string Value)[] environment)
    {
        (int code, string error) = Run(method, environment);
        Assert.True(code == 0, $"exit code {code}: {error}");
    }

    [ModuleInitializer]
    internal static void RunIfChild()
    {
        string? wanted = Environment.GetEnvironmentVariable(Variable);
        if (wanted == null) return;
        Environment.SetEnvironmentVariable(Variable, null);
        string[] parts = wanted.Split('/');
        MethodInfo method = Type.GetType(parts[0])!.GetMethod(parts[1], BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!;
        Environment.Exit((int)method.Invoke(null, null)!);
    }
}
