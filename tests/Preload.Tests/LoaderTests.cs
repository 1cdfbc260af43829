using System;
using System.Collections.Generic;
using System.IO;
using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>dlopen, dlclose, audit libraries, wrappers, and programs that our library does not get into.</summary>
public sealed class LoaderTests : ProgramTests
{
    [Theory, CasesOf("loader")]
    public void Loader(string name) => RunCase("loader", name);

    [Theory, CasesOf("static_program")]
    public void StaticProgram(string name) => RunCase("static_program", name);

    [Fact]
    public void AProgramWithAnAuditLibraryWorks() =>
        RunCase("loader", "ordinary_work", new Dictionary<string, string> { ["LD_AUDIT"] = Path.Combine(Paths.Programs, "lib_audit.so") });

    [Fact]
    public void ATracingLibraryPreloadedInFrontOfOursWorks()
    {
        string wrapper = Path.Combine(Paths.Programs, "lib_wrapper.so");
        CommandResult result = Run([Path.Combine(Paths.Programs, "loader"), "ordinary_work"], TimeSpan.FromMinutes(1),
            environment: new Dictionary<string, string> { ["LD_PRELOAD"] = Preload.IsGlibc ? wrapper : $"{wrapper}:{Preload.Library}" });
        Assert.Equal("ok ordinary_work\nwrapper passed on all\n", result.Output);
        Assert.Equal("", result.Error);
    }

    // A host of plugins runs on its own malloc, opens our library, uses it, and may close it again.
    [Fact]
    public void AProgramOnGlibcMayOpenUseAndCloseOurLibrary()
    {
        Assert.SkipWhen(Preload.IsGlibc, "there is no library to open");
        RunCase("loader", "our_library_closed", new Dictionary<string, string> { ["LD_PRELOAD"] = "" }, Preload.Library!);
    }

    // The loader drops LD_PRELOAD for it: it must run, on glibc's malloc, and nothing of ours may get in its way.
    [Fact]
    public void ASetuidProgramRuns()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && Commands.Find("chown") is not null, "needs root to make a program setuid for another user");
        string program = Path.Combine(Paths.Programs, "setuid_start");
        File.Copy(Path.Combine(Paths.Programs, "start"), program, overwrite: true);
        Assert.Equal(0, Commands.Run(["chown", "nobody", program], TimeSpan.FromMinutes(1)).ExitCode);
        Assert.Equal(0, Commands.Run(["chmod", "u+s", program], TimeSpan.FromMinutes(1)).ExitCode);
        CommandResult result = Run([program, "no_thread_at_start"], TimeSpan.FromMinutes(1));
        Assert.Equal("ok no_thread_at_start\n", result.Output);
    }
}
