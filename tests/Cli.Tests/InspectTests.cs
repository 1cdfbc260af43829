using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace Lampyris.Cli.Tests;

public class InspectTests
{
    /// <summary>Says where malloc and free are and sleeps; calls malloc, free and printf, but never calloc.</summary>
    const string C = """
        #ifndef _GNU_SOURCE
        #define _GNU_SOURCE
        #endif
        #include <dlfcn.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
            (void)argv;
            char *p = malloc(100), *large = malloc(64 << 20);
            for (int i = 0; i < 2000; i++) memset(malloc(1000), 1, 1000);
            memset(large, 1, 32 << 20);
            printf("%p\n", dlsym(RTLD_DEFAULT, "malloc"));
            fflush(stdout);
            sleep(argc > 100 ? 0 : 30);
            free(p);
            return calloc(argc, 1) == 0;
        }
        """;

    const string Cxx = """
        #include <cstdio>
        #include <unistd.h>
        int main(int argc, char **argv) {
            int *p = new int(argc);
            std::puts(argv[0]);
            std::fflush(stdout);
            sleep(30);
            delete p;
        }
        """;

    static InspectReport Inspect(string path, string preload = "", string libraryPath = "") => Inspector.OfFile(path, new LoaderSettings(preload, libraryPath, false));

    static string? Server(InspectReport report, string name) => report.Of(name).Server?.FileName;

    static SlotUse Slot(LoadedObject file, string name) => file.Slots.First(use => use.Slot.Name == name);

    // Goal: the files and their order are the loader's. Method: the loader itself lists what it would load.
    [Theory]
    [InlineData("/usr/bin/git", "")]
    [InlineData("/usr/bin/python3", "")]
    [InlineData("/usr/bin/redis-server", "")]
    [InlineData("/usr/bin/node", "")]
    [InlineData("/usr/bin/php", "")]
    [InlineData("/usr/bin/as", "")]
    [InlineData("/usr/bin/java", "")]
    [InlineData("/usr/bin/git", "libm.so.6:libz.so.1")]
    public void TheOrderIsTheLoaders(string program, string preload)
    {
        Outcome listed = Launcher.Shell($"LD_PRELOAD={preload} LD_TRACE_LOADED_OBJECTS=1 {program}");
        string[] expected = [.. listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Trim().Split(' ')).Where(words => !words[0].StartsWith("linux-vdso", StringComparison.Ordinal))
            .Select(words => Path.GetFileName(words.Length > 2 && words[1] == "=>" ? words[2] : words[0]))];

        InspectReport report = Inspect(program, preload);

        Assert.NotEmpty(expected);
        Assert.Equal(expected, report.Objects.Skip(1).Select(each => each.FileName));
        Assert.Empty(report.MissingLibraries);
    }

    [Fact]
    public void APlainProgramGetsGlibcs()
    {
        using var scratch = new Scratch();
        InspectReport c = Inspect(scratch.Compile("c", C)), cxx = Inspect(scratch.CompileCxx("cxx", Cxx));

        Assert.Equal(("libc.so.6", "glibc", "the only definition"), (Server(c, "malloc"), c.Of("malloc").Server!.Allocator!.Name, c.Of("malloc").Why));
        Assert.Null(Server(c, "_Znwm"));
        Assert.Equal("libstdc++.so.6", Server(cxx, "_Znwm"));
        Assert.Equal(SubjectKind.Program, c.Kind);
        Assert.Equal(["new T", "operator new", "malloc", "brk", "mmap"], MemoryPath.Of(cxx).Select(step => step.Name));
        Assert.Equal([0, 1, 2, 3, 3], MemoryPath.Of(cxx).Select(step => step.Depth));
        Assert.Equal(["malloc", "brk", "mmap"], MemoryPath.Of(c).Select(step => step.Name));
    }

    [Theory]
    [InlineData("-Wl,-z,lazy", "PLT, lazy")]
    [InlineData("-Wl,-z,now", "PLT, at the start")]
    [InlineData("-fno-plt", "GOT, at the start")]
    public void HowCallsAreBoundIsTold(string option, string expected)
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("c", C, option);
        Assert.Contains($"malloc, free, calloc → libc.so.6, {expected}\n", InspectText.Of(Inspect(program), Ink.Plain), StringComparison.Ordinal);
    }

    [Fact]
    public void NothingIsLazyWhereTheUserSaysSo()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("c", C, "-Wl,-z,lazy");
        using var process = new Running(program, ("LD_BIND_NOW", "1"));
        InspectReport report = Inspector.OfProcess(process.Process.Id);
        Assert.Equal(SlotState.Resolved, Slot(report.Subject, "calloc").State);
        foreach (string text in new[] { InspectText.Of(report, Ink.Plain), Launcher.Shell($"LD_BIND_NOW=1 $L inspect {program}").Output })
        {
            Assert.Contains("→ libc.so.6, PLT, at the start\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain("PLT, lazy", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WhatIsPreloadedComesFirst()
    {
        using var scratch = new Scratch();
        InspectReport report = Inspect(scratch.CompileCxx("cxx", Cxx), Launcher.LibraryPath);

        Assert.Equal(("liblampyris.so", "lampyris"), (Server(report, "malloc"), report.Of("malloc").Server!.Allocator!.Name));
        Assert.Equal("LD_PRELOAD puts it before libc.so.6", report.Of("malloc").Why);
        Assert.Equal(["liblampyris.so", "libstdc++.so.6"], report.Of("_ZdlPvm").Definers.Select(each => each.FileName));
        Assert.Equal(LoadReason.Preloaded, report.Objects[1].Reason);
        Assert.Equal(["new T", "operator new", "mmap", "madvise", "malloc"], MemoryPath.Of(report).Select(step => step.Name));
    }

    [Theory]
    [InlineData("jemalloc")]
    [InlineData("mimalloc")]
    [InlineData("tcmalloc")]
    public void AnAllocatorIsKnownByItsSymbols(string name)
    {
        using var scratch = new Scratch();
        InspectReport report = Inspect(scratch.Compile("c", C, "-Wl,--no-as-needed", AllocatorCatalog.Find(name).LibraryPath));

        Assert.Equal(name, report.Of("malloc").Server!.Allocator!.Name);
        Assert.StartsWith("loaded before ", report.Of("malloc").Why, StringComparison.Ordinal);
        Assert.Equal(LoadReason.Needed, report.Of("malloc").Server!.Reason);
        Assert.Equal(report.Of("malloc").Server!.Path, report.TargetOf(report.Subject, Slot(report.Subject, "malloc")));
    }

    // Goal: a wrapper is seen, be it in the program, in a library, or in an archive that has its own memory.
    [Fact]
    public void AWrappedMallocIsSeen()
    {
        using var scratch = new Scratch();
        const string Wrapper = "#define _GNU_SOURCE\n#include <stddef.h>\nvoid *__real_malloc(size_t n);\nvoid *__wrap_malloc(size_t n) { return __real_malloc(n); }\n";
        const string Foreign = "#include <stddef.h>\nvoid *__wrap_malloc(size_t n) { static char all[1 << 20]; return n < sizeof all ? all : 0; }\n";
        string library = scratch.Compile("libwrap.so", Foreign, "-shared", "-fPIC");
        InspectReport own = Inspect(scratch.Compile("own", Wrapper + C, "-Wl,--wrap=malloc"));
        InspectReport other = Inspect(scratch.Compile("other", C, "-Wl,--wrap=malloc", library, "-Wl,-rpath,$ORIGIN"));
        InspectReport ours = Inspect(scratch.Compile("ours", C, "@" + Path.Combine(Launcher.RepoRoot, "artifacts/native/liblampyris-wrap.options"),
            Path.Combine(Launcher.RepoRoot, "artifacts/native/liblampyris-wrap.a"), "-lpthread"));
        InspectReport none = Inspect(scratch.Compile("none", C));

        Assert.True(own.IsWrapped("malloc") && other.IsWrapped("malloc") && ours.IsWrapped("malloc") && ours.IsWrapped("free"));
        Assert.False(own.IsWrapped("free") || none.IsWrapped("malloc"));
        Assert.True(own.Subject.Wraps["__wrap_malloc"]);
        Assert.False(other.Subject.Wraps["__wrap_malloc"]);
        Assert.Equal(["__wrap_malloc", "malloc", "brk", "mmap"], MemoryPath.Of(own).Select(step => step.Name));
        Assert.Equal(["__wrap_malloc", "mmap", "madvise", "malloc", "brk", "mmap"], MemoryPath.Of(ours).Select(step => step.Name));
        Assert.Contains("malloc is wrapped in own:", InspectText.Of(own, Ink.Plain), StringComparison.Ordinal);
    }

    [Fact]
    public void AnOwnOperatorNewIsTheProgramsOwn()
    {
        using var scratch = new Scratch();
        const string Own = """
            #include <cstdlib>
            #include <new>
            #include <string>
            void *operator new(std::size_t n) { return std::malloc(n); }
            void operator delete(void *p) noexcept { std::free(p); }
            """;
        InspectReport report = Inspect(scratch.CompileCxx("own", Own + "\n" + Cxx + "\nstd::string text(int n) { return std::string(n, 'x'); }", "-Wl,--no-as-needed"));

        Assert.Equal("own", Server(report, "_Znwm"));
        Assert.Equal("the program's own; before libstdc++.so.6", report.Of("_Znwm").Why);
        Assert.Equal("libstdc++.so.6", Server(report, "_ZnwmSt11align_val_t"));
        Assert.Equal("libc.so.6", Server(report, "malloc"));
    }

    [Fact]
    public void ALibraryThatIsLinkedSymbolicallyBindsToItself()
    {
        using var scratch = new Scratch();
        const string Source = "#include <stddef.h>\nvoid *malloc(size_t n) { (void)n; return 0; }\nvoid *use(void) { return malloc(1); }\n";
        string library = scratch.Compile("libown.so", Source, "-shared", "-fPIC", "-fno-builtin", "-Wl,-Bsymbolic");
        InspectReport report = Inspect(scratch.Compile("c", C, "-Wl,--no-as-needed", "-lc", library, "-Wl,-rpath,$ORIGIN"));

        Assert.Equal("libc.so.6", Server(report, "malloc"));
        Assert.Equal("loaded before libown.so", report.Of("malloc").Why);
        Assert.Contains("libown.so binds to its own malloc (-Bsymbolic).", InspectText.Of(report, Ink.Plain), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-static")]
    [InlineData("-static-pie")]
    public void AStaticProgramHasItLinkedIn(string kind)
    {
        using var scratch = new Scratch();
        string program = scratch.CompileCxx("static", Cxx, kind), stripped = scratch.CompileCxx("stripped", Cxx, kind, "-s");
        InspectReport seen = Inspect(program, Launcher.LibraryPath), hidden = Inspect(stripped, Launcher.LibraryPath);

        Assert.Equal((SubjectKind.StaticProgram, "static", "linked in"), (seen.Kind, Server(seen, "malloc"), seen.Of("malloc").Why));
        Assert.Equal(("static", "glibc"), (Server(seen, "_Znwm"), seen.Subject.Allocator!.Name));
        Assert.Null(Server(hidden, "malloc"));
        Assert.Equal("glibc", hidden.Subject.Allocator!.Name);
        Assert.Single(hidden.Notes);
        Assert.DoesNotContain("nobody", InspectText.Of(hidden, Ink.Plain), StringComparison.Ordinal);
    }

    // Goal: DT_RPATH counts for the libraries of libraries, DT_RUNPATH does not, and LD_LIBRARY_PATH is asked in between.
    [Fact]
    public void LibrariesAreFoundWhereTheLoaderFindsThem()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch.FilePath("sub"));
        Directory.CreateDirectory(scratch.FilePath("env"));
        string deep = scratch.Compile("sub/libdeep.so", "int deep(void) { return 1; }", "-shared", "-fPIC");
        string near = scratch.Compile("sub/libnear.so", "int deep(void); int near(void) { return deep(); }", "-shared", "-fPIC", deep);
        // Without a soname the path of a library on the command line becomes the name that is needed.
        string[] link = ["-shared", "-fPIC", "-L" + scratch.FilePath("sub"), "-ldeep"];
        near = scratch.Compile("sub/libnear.so", "int deep(void); int near(void) { return deep(); }", link);
        const string Main = "int near(void); int main(void) { return near() - 1; }";
        string[] Options(string tags) => ["-L" + scratch.FilePath("sub"), "-lnear", "-Wl,-rpath-link," + scratch.FilePath("sub"), "-Wl,-rpath,$ORIGIN/sub", tags];
        string rpath = scratch.Compile("rpath", Main, Options("-Wl,--disable-new-dtags")), runpath = scratch.Compile("runpath", Main, Options("-Wl,--enable-new-dtags"));
        File.Copy(near, scratch.FilePath("env/libnear.so"));

        Assert.Empty(Inspect(rpath).MissingLibraries);
        Assert.Equal(0, Launcher.Shell(rpath).ExitCode);
        Assert.Equal(["libdeep.so"], Inspect(runpath).MissingLibraries);
        Assert.Equal(127, Launcher.Shell(runpath).ExitCode);
        Assert.Empty(Inspect(runpath, libraryPath: scratch.FilePath("sub")).MissingLibraries);
        Assert.Equal(scratch.FilePath("env/libnear.so"), Inspect(runpath, libraryPath: scratch.FilePath("env")).Objects[1].Path);
        Assert.Equal(scratch.FilePath("sub/libnear.so"), Inspect(rpath, libraryPath: scratch.FilePath("env")).Objects[1].Path);
        Assert.Contains("Not found, so that the program would not start:", InspectText.Of(Inspect(runpath), Ink.Plain), StringComparison.Ordinal);
    }

    // Goal: $ORIGIN of a program is where its file is, not where a link to it is.
    [Fact]
    public void ALinkToAProgramFindsItsLibraries()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch.FilePath("real"));
        string library = scratch.Compile("real/libbeside.so", "int beside(void) { return 0; }", "-shared", "-fPIC", "-Wl,-soname,libbeside.so");
        string program = scratch.Compile("real/program", "int beside(void); int main(void) { return beside(); }", library, "-Wl,-rpath,$ORIGIN"), link = scratch.FilePath("link");
        File.CreateSymbolicLink(link, program);

        InspectReport report = Inspect(link);

        Assert.Equal(0, Launcher.Shell(link).ExitCode);
        Assert.Empty(report.MissingLibraries);
        Assert.Equal(library, report.Objects[1].Path);
    }

    // Goal: musl is not taken for glibc, whose names it shares in part.
    [Theory]
    [InlineData("__libc_malloc, __libc_malloc_impl, malloc", "musl")]
    [InlineData("__dls3, malloc", "musl")]
    [InlineData("__libc_malloc, _int_malloc, malloc", "glibc")]
    [InlineData("malloc, mi_malloc", "mimalloc")]
    [InlineData("malloc, _int_malloc, lampyris_root", "lampyris")]
    [InlineData("malloc", null)]
    public void AnAllocatorsNamesGiveItAway(string names, string? expected) =>
        Assert.Equal(expected, AllocatorIdentity.Of(names.Split(", ").ToHashSet(), "x")?.Name);

    // Goal: what the slots hold is what the process itself sees. Method: it says where its malloc is.
    [Theory]
    [InlineData("-Wl,-z,lazy", false, "libc.so.6")]
    [InlineData("-Wl,-z,now", false, "libc.so.6")]
    [InlineData("-no-pie", false, "libc.so.6")]
    [InlineData("-Wl,-z,lazy", true, "liblampyris.so")]
    [InlineData("-fno-plt", true, "liblampyris.so")]
    public void ASlotOfAProcessHoldsWhatTheProcessCalls(string option, bool isPreloaded, string expected)
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("c", C, option);
        using var process = new Running(program, ("LD_PRELOAD", isPreloaded ? Launcher.LibraryPath : ""));
        ulong seen = Convert.ToUInt64(process.FirstLine, 16);

        InspectReport report = Inspector.OfProcess(process.Process.Id);

        SlotUse malloc = Slot(report.Subject, "malloc"), calloc = Slot(report.Subject, "calloc");
        Assert.Equal((SlotState.Resolved, seen, expected), (malloc.State, malloc.TargetAddress, Path.GetFileName(malloc.TargetPath)));
        Assert.Equal(expected, Server(report, "malloc"));
        bool isLazy = option is "-Wl,-z,lazy" or "-no-pie";
        Assert.Equal(isLazy ? SlotState.Pending : SlotState.Resolved, calloc.State);
        Assert.Equal(isPreloaded, report.Objects.Any(each => each.Reason == LoadReason.Preloaded));
        Assert.Equal(seen, report.Of("malloc").Server!.AddressOf("malloc"));
    }

    // As redis-server does: what the process began with is not to be read any more.
    const string Retitled = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        extern char **environ;
        int main(int argc, char **argv)
        {
            char *end = argv[0];
            for (int i = 0; i < argc; i++) end = argv[i] + strlen(argv[i]);
            for (char **each = environ; *each; each++) end = *each + strlen(*each);
            void *block = malloc(1);
            memset(argv[0], 0, end - argv[0]);
            strcpy(argv[0], "a title");
            puts(block ? "ready" : "no memory");
            fflush(stdout);
            sleep(60);
        }
        """;

    [Fact]
    public void WhatWasPreloadedIsToldThoughTheProgramWroteOverItsEnvironment()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("retitled", Retitled);
        using var process = new Running(program, ("LD_PRELOAD", Launcher.LibraryPath));
        Assert.DoesNotContain("LD_PRELOAD", File.ReadAllText($"/proc/{process.Id}/environ"), StringComparison.Ordinal);

        InspectReport report = Inspector.OfProcess(process.Process.Id);

        Assert.Equal("preloaded, before libc.so.6", report.Of("malloc").Why);
        Assert.Equal(["liblampyris.so"], report.Objects.Where(each => each.Reason == LoadReason.Preloaded).Select(each => each.FileName));
        Assert.Equal(program, report.Title);
    }

    [Fact]
    public void AProcessIsCalledAsItWasStartedThoughThatIsALink()
    {
        using var scratch = new Scratch();
        string program = scratch.Compile("c", C), link = program + "-server";
        File.CreateSymbolicLink(link, program);
        using var process = new Running(link, ("LD_PRELOAD", Launcher.LibraryPath));

        InspectReport report = Inspector.OfProcess(process.Process.Id);

        Assert.Equal((link, program), (report.Title, report.Subject.Path));
        Assert.Equal("LD_PRELOAD puts it before libc.so.6", report.Of("malloc").Why);
        Assert.StartsWith($"── lampyris process {process.Id} · {link}", InspectText.Of(report, Ink.Plain).TrimStart(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheMemoryBehindTheHeapIsMeasured()
    {
        using var scratch = new Scratch();
        using var process = new Running(scratch.Compile("c", C));

        InspectReport report = Inspector.OfProcess(process.Process.Id);

        MemoryArea heap = report.Areas.Single(area => area.Kind == MemoryAreaKind.BrkHeap), mapped = report.Areas.Single(area => area.Kind == MemoryAreaKind.Mapped);
        Assert.Equal(1, heap.Count);
        Assert.InRange(heap.SizeBytes, 2_000_000ul, 2_500_000ul);
        Assert.InRange(heap.ResidentBytes, 2_000_000ul, heap.SizeBytes);
        Assert.InRange(mapped.SizeBytes, 64ul << 20, 65ul << 20);
        Assert.InRange(mapped.ResidentBytes, 32ul << 20, 36ul << 20);      // the kernel may touch a huge page more
    }

    [Fact]
    public void AStaticProcessIsReadToo()
    {
        using var scratch = new Scratch();
        using var process = new Running(scratch.CompileCxx("static", Cxx, "-static"));
        InspectReport report = Inspector.OfProcess(process.Process.Id);
        Assert.Equal(("static", "static"), (Server(report, "malloc"), Server(report, "_Znwm")));
        Assert.Single(report.Objects);
    }

    [Fact]
    public void ALibraryThatCameLaterIsThere()
    {
        using var scratch = new Scratch();
        string library = scratch.Compile("liblate.so", "#include <stdlib.h>\nvoid *late(void) { return malloc(1); }", "-shared", "-fPIC");
        string program = scratch.Compile("opens", $$"""
            #include <dlfcn.h>
            #include <stdio.h>
            #include <unistd.h>
            int main(void) { puts(dlopen("{{library}}", RTLD_NOW) ? "ready" : dlerror()); fflush(stdout); sleep(30); return 0; }
            """);
        using var process = new Running(program);
        Assert.Equal("ready", process.FirstLine);

        LoadedObject late = Inspector.OfProcess(process.Process.Id).Objects.Single(each => each.FileName == "liblate.so");

        Assert.Equal(LoadReason.Opened, late.Reason);
        Assert.Equal(SlotState.Resolved, Slot(late, "malloc").State);
    }

    // Goal: a file that was replaced while its process runs is no obstacle.
    [Fact]
    public void AProcessIsReadAlsoWhenItsFilesAreGone()
    {
        using var scratch = new Scratch();
        string copy = scratch.FilePath("liblampyris.so");
        File.Copy(Launcher.LibraryPath, copy);
        using var process = new Running(scratch.Compile("c", C), ("LD_PRELOAD", copy));
        File.Delete(copy);

        InspectReport report = Inspector.OfProcess(process.Process.Id);

        Assert.StartsWith(copy, report.Of("malloc").Server!.Path, StringComparison.Ordinal);
        Assert.Equal("lampyris", report.Of("malloc").Server!.Allocator!.Name);
    }

    // Goal: an image in memory says the same as its file. Method: both of one library in one process; the loader has relocated the image.
    [Fact]
    public void AnImageInMemoryReadsLikeItsFile()
    {
        using var scratch = new Scratch();
        using var process = new Running(scratch.CompileCxx("cxx", Cxx));
        using var memory = new ProcessMemory(process.Process.Id);
        foreach (LoadedObject file in Inspector.OfProcess(process.Process.Id).Objects)
        {
            LoadedObject image = LoadedObject.ReadImage(memory, file.Elf, file.Bias!.Value, file.Path)!;
            Assert.Equal(file.Slots.Select(use => use.Slot), image.Slots.Select(use => use.Slot));
            Assert.Equal(file.Dynamic!.Needed, image.Dynamic!.Needed);
            Assert.Equal(file.Dynamic.Soname, image.Dynamic.Soname);
            Assert.Equal(AllocationSymbols.All.Select(symbol => file.Exports(symbol.Name)), AllocationSymbols.All.Select(symbol => image.Exports(symbol.Name)));
        }
    }

    [Fact]
    public void MemoryAreasAreSorted()
    {
        const string Smaps = """
            5000-6000 rw-p 00001000 08:01 7                    /usr/bin/x
            Rss:                   4 kB
            6000-7000 rw-p 00000000 00:00 0
            Rss:                   4 kB
            VmFlags: rd wr mr mw me ac sd
            10000-31000 rw-p 00000000 00:00 0                  [heap]
            Size:                132 kB
            Rss:                  56 kB
            40000-41000 ---p 00000000 00:00 0
            41000-51000 rw-p 00000000 00:00 0
            Rss:                   8 kB
            60000-70000 rw-p 00000000 00:00 0                  [anon:arena]
            Rss:                  16 kB
            80000-90000 rw-p 00000000 00:00 0
            Rss:                   0 kB
            a0000-b0000 r--p 00000000 00:00 0
            c0000-d0000 rw-s 00000000 00:00 0
            e0000-f0000 rw-p 00000000 00:00 0                  [stack]
            """;
        Assert.Equal(
            [new(MemoryAreaKind.BrkHeap, 1, 0x21000, 56 << 10), new(MemoryAreaKind.Mapped, 2, 0x20000, 16 << 10), new MemoryArea(MemoryAreaKind.ThreadStack, 1, 0x10000, 8 << 10)],
            MemoryAreas.Parse(new StringReader(Smaps)));
    }

    public static TheoryData<string, int, byte, string> ForeignHeaders => new()
    {
        { "a32", 4, 1, "an ELF file of 32 bits" },
        { "machine", 18, 8, "for another machine (number 8)" },
        { "object", 16, 1, "no program and no library" },
        { "headers", 56, 0, "a damaged ELF file" },
        { "class", 4, 9, "a damaged ELF file" },
        { "magic", 0, 0, "not an ELF file" },
    };

    [Theory]
    [MemberData(nameof(ForeignHeaders))]
    public void AForeignFileIsRefusedInOneLine(string name, int offset, byte value, string expected)
    {
        using var scratch = new Scratch();
        byte[] bytes = File.ReadAllBytes("/bin/true");
        bytes[offset] = value;
        File.WriteAllBytes(scratch.FilePath(name), bytes);

        string message = Assert.Throws<InspectException>(() => Inspect(scratch.FilePath(name))).Message;

        Assert.StartsWith($"{scratch.FilePath(name)}: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/tmp")]
    [InlineData("/dev/null")]
    [InlineData("/no/such/file")]
    [InlineData("no-such-program")]
    [InlineData("4194000")]
    public void WhatCannotBeInspectedIsOneLineAndExitCode1(string subject)
    {
        Outcome outcome = Launcher.Run("inspect", subject);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Empty(outcome.OutputBytes);
        Assert.StartsWith("lampyris: ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(1, outcome.Error.Count(c => c == '\n'));
    }

    // Goal: no damage gets past `InspectException`, the reports included. Method: a real program cut and changed at random.
    [Fact]
    public void ADamagedProgramGivesAReportOrOneLine()
    {
        using var scratch = new Scratch();
        byte[] whole = File.ReadAllBytes(scratch.Compile("c", C));
        string path = scratch.FilePath("damaged");
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int reports = 0, refusals = 0;
        for (int i = 0; i < 400; i++)
        {
            byte[] damaged = random.Next(4) == 0 ? whole[..random.Next(whole.Length)] : (byte[])whole.Clone();
            for (int change = random.Next(1, 6); change > 0 && damaged.Length > 0; change--) damaged[random.Next(random.Next(2) == 0 ? damaged.Length : Math.Min(damaged.Length, 5000))] = (byte)random.Next(256);
            File.WriteAllBytes(path, damaged);
            try
            {
                InspectReport report = Inspect(path);
                Assert.NotEmpty(InspectText.Of(report, Ink.Plain));
                JsonDocument.Parse(InspectJson.Of(report)).Dispose();
                reports++;
            }
            catch (InspectException)
            {
                refusals++;
            }
        }
        Assert.True(reports > 0 && refusals > 0, $"{reports} reports, {refusals} refusals");
    }

    [Fact]
    public void AScriptIsFollowedToWhatRunsIt()
    {
        using var scratch = new Scratch();
        InspectReport report = Inspect(scratch.Script("script", "#!/bin/bash\ntrue\n"));
        Assert.Equal("/bin/bash", report.Title);
        Assert.Contains("script is a script", report.Notes[0], StringComparison.Ordinal);
        Assert.EndsWith("/bash", Inspect(scratch.Script("other", "#! /usr/bin/env bash\ntrue\n")).Title, StringComparison.Ordinal);
        string endless = scratch.FilePath("endless");
        scratch.Script("endless", $"#!{endless}\n");
        Assert.Throws<InspectException>(() => Inspect(endless));
    }

    [Fact]
    public void APipeIsNotWaitedFor()
    {
        using var scratch = new Scratch();
        Assert.Equal(0, Launcher.Shell($"mkfifo {scratch.FilePath("pipe")}").ExitCode);
        Assert.EndsWith("no regular file", Assert.Throws<InspectException>(() => Inspect(scratch.FilePath("pipe"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APreloadedLibraryThatIsAbsentIsNoted()
    {
        InspectReport report = Inspect("/bin/true", "/no/such.so");
        Assert.Empty(report.MissingLibraries);
        Assert.Contains("/no/such.so", report.Notes.Single(note => note.StartsWith("LD_PRELOAD", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void ALibraryIsInspectedAsOne()
    {
        InspectReport report = Inspect(Launcher.LibraryPath), libc = Inspect(LoaderCache.Find("libc.so.6")!);
        Assert.Equal((SubjectKind.Library, "liblampyris.so"), (report.Kind, Server(report, "malloc")));
        Assert.Equal(SubjectKind.Library, libc.Kind);
    }

    [Fact]
    public void TheTextFits80ColumnsAndHasNoColour()
    {
        using var scratch = new Scratch();
        string program = scratch.CompileCxx("a-program-with-a-name-that-is-longer-than-most-others-are-and-wraps", Cxx);
        using var process = new Running(program, ("LD_PRELOAD", Launcher.LibraryPath));
        Outcome[] outcomes = [Launcher.Run("inspect", program), Launcher.Run("inspect", process.Id), Launcher.Shell($"LD_PRELOAD=libjemalloc.so.2 $L inspect {program}")];
        foreach (Outcome outcome in outcomes)
        {
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            Assert.DoesNotContain('\u001b', outcome.Output);
            // A word that is longer than a line, as a path can be, stands alone.
            Assert.All(outcome.Output.Split('\n'), line => Assert.True(line.Length <= 80 || !line.Trim().Contains(' '), line));
        }
        Assert.Contains("malloc is served by", outcomes[0].Output, StringComparison.Ordinal);
        Assert.Contains("jemalloc", outcomes[2].Output, StringComparison.Ordinal);
        string ascii = InspectText.Of(Inspect(program), Ink.Plain with { HasUnicode = false });
        Assert.True(ascii.All(char.IsAscii), ascii);
    }

    [Fact]
    public void TheJsonHasListsForAllAndNumbersWithUnits()
    {
        using var scratch = new Scratch();
        using var process = new Running(scratch.Compile("c", C));
        foreach (string subject in new[] { process.Id, "/bin/true", scratch.CompileCxx("static", Cxx, "-static") })
        {
            Outcome outcome = Launcher.Run("inspect", subject, "--json");
            Assert.Equal(0, outcome.ExitCode);
            JsonElement report = JsonDocument.Parse(outcome.Output).RootElement;
            foreach (string list in new[] { "functions", "files", "missingLibraries", "way", "memoryAreas", "notes" })
                Assert.Equal(JsonValueKind.Array, report.GetProperty(list).ValueKind);
            foreach (JsonElement file in report.GetProperty("files").EnumerateArray())
                foreach (string list in new[] { "wrapSymbols", "definitions", "imports" })
                    Assert.Equal(JsonValueKind.Array, file.GetProperty(list).ValueKind);
            Assert.Equal(AllocationSymbols.All.Count, report.GetProperty("functions").GetArrayLength());
            Assert.Equal("glibc", report.GetProperty("allocator").GetString());
            foreach (string name in NumberNames(report))
                Assert.True(name.EndsWith("Bytes", StringComparison.Ordinal) || name.EndsWith("Count", StringComparison.Ordinal) || name.EndsWith("Index", StringComparison.Ordinal) || name == "processId", name);
        }
    }

    static IEnumerable<string> NumberNames(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => member.Value.ValueKind == JsonValueKind.Number ? [member.Name] : NumberNames(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(NumberNames),
        _ => [],
    };
}
