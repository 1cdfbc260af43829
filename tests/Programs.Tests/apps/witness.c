// The witness: preloaded before the allocator under test into every program that a scene starts. Before `main` it
// appends one line to the file named in LAMPYRIS_TEST_WITNESS: "PID EXECUTABLE LIBRARY-THAT-OWNS-MALLOC".
// So a test knows that its program, and each program that one started, really ran on the allocator (a static binary,
// or a preload that the loader refused, would be compared with itself and always agree).
// It keeps no descriptor open and allocates nothing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int find_malloc(Dl_info *owner)
{
    ElfW(Sym) *symbol = NULL;
    if (!dladdr1(dlsym(RTLD_DEFAULT, "malloc"), owner, (void **)&symbol, RTLD_DL_SYMENT))
        return 0;
    // An executable that takes malloc's address has an entry for it that only jumps on: look behind it.
    return symbol && symbol->st_shndx != SHN_UNDEF ? 1 : dladdr(dlsym(RTLD_NEXT, "malloc"), owner);
}

__attribute__((constructor)) static void testify(void)
{
    const char *path = getenv("LAMPYRIS_TEST_WITNESS");
    Dl_info owner;
    char executable[4096], line[8500];
    int saved = errno;
    if (!path || !find_malloc(&owner))
        return;
    ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    executable[length > 0 ? length : 0] = 0;
    int bytes = snprintf(line, sizeof line, "%d\t%s\t%s\n", (int)getpid(), executable, owner.dli_fname);
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file >= 0) {
        if (write(file, line, (size_t)bytes) != bytes)
            _exit(99); // a full disk: better a loud failure than a missing witness
        close(file);
    }
    errno = saved;
}
