// Preloaded in front of the allocator under test. When a process starts, it appends one line to the file BENCH_WITNESS:
// the program, a tab, and the library whose malloc this process really uses. A benchmark that silently ran on glibc
// (a static program, a wrong path, a musl binary) has no line or the wrong one. A forked process has its parent's malloc, and
// no line of its own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void testify(void)
{
    const char *path = getenv("BENCH_WITNESS");
    void *malloc_in_use = dlsym(RTLD_DEFAULT, "malloc");
    Dl_info owner;
    ElfW(Sym) *symbol;
    char library[PATH_MAX], program[PATH_MAX], line[2 * PATH_MAX + 2];
    if (path == NULL || malloc_in_use == NULL || dladdr1(malloc_in_use, &owner, (void **)&symbol, RTLD_DL_SYMENT) == 0) return;
    // A program at a fixed address has a stub for `malloc` that stands for the function: look behind it.
    if (symbol != NULL && symbol->st_shndx == SHN_UNDEF && dladdr(dlsym(RTLD_NEXT, "malloc"), &owner) == 0) return;
    if (realpath(owner.dli_fname, library) == NULL || realpath("/proc/self/exe", program) == NULL) return;

    int length = snprintf(line, sizeof line, "%s\t%s\n", program, library);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0 || write(file, line, (size_t)length) != length)
    {
        perror(path);
        abort();
    }
    close(file);
}
