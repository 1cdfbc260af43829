// A program without libstdc++: the operators new and delete are in the library all the same, and must not need it.
#include "support/case.h"
#include "support/process.h"
#include <link.h>
#include <signal.h>
#include <sys/resource.h>

static int is_libstdcxx(struct dl_phdr_info *info, size_t size, void *found)
{
    (void)size;
    if (strstr(info->dlpi_name, "libstdc++") != NULL) *(int *)found = 1;
    return 0;
}

CASE(no_libstdcxx, "a C program gets no libstdc++ and no other library from us")
{
    int found = 0;
    dl_iterate_phdr(is_libstdcxx, &found);
    EXPECT(!found, "libstdc++ is loaded");
    char *block = malloc(100);
    strcpy(block, "text");
    free(realloc(block, 10000));
}

CASE(new_works_without_libstdcxx, "operator new works without libstdc++, and nothrow new gives null on failure", ONLY_LAMPYRIS)
{
    void *(*make)(size_t), (*drop)(void *);
    void *(*make_nothrow)(size_t, const void *);
    *(void **)&make = dlsym(RTLD_DEFAULT, "_Znwm");
    *(void **)&drop = dlsym(RTLD_DEFAULT, "_ZdlPv");
    *(void **)&make_nothrow = dlsym(RTLD_DEFAULT, "_ZnwmRKSt9nothrow_t");
    EXPECT(make != NULL && drop != NULL && make_nothrow != NULL, "operators at %p, %p, %p", (void *)make, (void *)drop,
           (void *)make_nothrow);
    for (int i = 0; i < 1000; i++)
    {
        char *block = make(1000);
        EXPECT(block != NULL, "_Znwm(1000): NULL");
        memset(block, 1, 1000);
        drop(block);
    }
    void *block = make_nothrow(SIZE_MAX, "");
    EXPECT(block == NULL, "_ZnwmRKSt9nothrow_t(SIZE_MAX) gave %p", block);
}

CASE(new_aborts_without_libstdcxx, "a failed operator new without libstdc++ aborts with a clear line", ONLY_LAMPYRIS)
{
    void *(*make)(size_t);
    *(void **)&make = dlsym(RTLD_DEFAULT, "_Znwm");
    int ends[2], status = 0;
    EXPECT(pipe(ends) == 0, "pipe: errno %d", errno);
    pid_t child = fork();
    if (child == 0)
    {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        dup2(ends[1], 2);
        make(SIZE_MAX);
        _exit(3);
    }
    close(ends[1]);
    char text[400] = "";
    ssize_t length = read(ends[0], text, sizeof text - 1);
    waitpid(child, &status, 0);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %x", status);
    EXPECT(length > 10 && strstr(text, "lampyris") != NULL && text[length - 1] == '\n', "on stderr: %s", text);
    say("%.*s", (int)length - 1, text);
}
