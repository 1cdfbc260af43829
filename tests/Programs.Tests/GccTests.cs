// The GNU compilers, the linker, make and cmake, and the programs that they built.
using System.Linq;

namespace Lampyris.Programs.Tests;

public class GccTests
{
    [Fact]
    public void GccBuildsTheSameObjectAndProgramFromLargeTemplates() => Compare.WithAndWithout(scene =>
    {
        scene.Bring("templates.cc");
        scene.Run("g++", "-std=c++17", "-O2", "-c", "templates.cc");
        scene.Run("g++", "-o", "program", "templates.o", "-pthread");
        return scene.Sha256("templates.o") + "\n" + scene.Sha256("program") + "\n" + scene.Run(scene.PathOf("program"));
    });

    [Fact]
    public void CmakeAndMakeBuildTheSameProject() => Compare.WithAndWithout(scene =>
    {
        const int FileCount = 12;
        scene.Write("CMakeLists.txt", """
            cmake_minimum_required(VERSION 3.20)
            project(many C)
            enable_testing()
            file(GLOB parts part*.c)
            add_library(parts STATIC ${parts})
            add_executable(many main.c)
            target_link_libraries(many parts)
            add_test(NAME runs COMMAND many)
            """);
        for (int i = 0; i < FileCount; i++)
            scene.Write($"part{i}.c", $"#include <stdlib.h>\nint part{i}(int n) {{ int *p = malloc(n * sizeof *p), sum = 0; for (int i = 0; i < n; i++) sum += p[i] = i * {i}; free(p); return sum; }}\n");
        string[] calls = [.. Enumerable.Range(0, FileCount).Select(i => $"part{i}({i * 100})")];
        scene.Write("main.c", $"#include <stdio.h>\n{string.Concat(calls.Select(c => $"int {c[..c.IndexOf('(')]}(int);\n"))}int main(void) {{ printf(\"%d\\n\", {string.Join(" + ", calls)}); }}\n");
        scene.Run("cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=Release");
        scene.Run("make", "-C", "build", "-j2");
        scene.Run(new Command("ctest", "--test-dir", "build", "--output-on-failure"));
        return scene.Sha256("build/libparts.a") + "\n" + scene.Sha256("build/many") + "\n" + scene.Run(scene.PathOf("build/many"));
    });
}
