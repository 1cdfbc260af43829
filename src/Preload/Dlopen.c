// dlopen without RTLD_DEEPBIND. A library opened with that flag sees its own libraries, libc's malloc
// among them, before ours: what it allocates and the program frees would go from one heap to another
// and crash. Without the flag it sees our malloc like everybody else.
//
// The real dlopen finds its caller's RUNPATH and namespace by the return address, so it is reached by
// a jump that leaves the caller's return address in place (a sibling call, which -O2 makes of it).
#include <dlfcn.h>
#include "Native.h"

typedef void *(*Dlopen)(const char *file, int mode);

static Dlopen s_next;

static __attribute__((noinline)) Dlopen find_next(void)
{
    Dlopen next;
    *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
    if (!next) lampyris_abort();        // whoever called dlopen was linked with one
    __atomic_store_n(&s_next, next, __ATOMIC_RELEASE);
    return next;
}

EXPORTED void *dlopen(const char *file, int mode)
{
    Dlopen next = __atomic_load_n(&s_next, __ATOMIC_ACQUIRE);
    if (!next) next = find_next();
    return next(file, mode & ~RTLD_DEEPBIND);
}
