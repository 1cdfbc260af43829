// A host that switches its plugin's profiler through the contract, and leaves dumps behind.
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct Allocator { const struct Methods *methods; };
struct Methods {
    void *destroy, *destroy_and_delete;
    void *(*allocate)(struct Allocator *, size_t);
    void (*deallocate)(struct Allocator *, void *);
    void *(*memalign)(struct Allocator *, size_t, size_t);
    void (*logstatus)(struct Allocator *, char *, size_t);
    bool (*profiling)(struct Allocator *, bool, const char *);
};

__attribute__((noinline)) static void *site_host(struct Allocator *allocator, size_t bytes)
{
    void *block = allocator->methods->allocate(allocator, bytes);
    __asm__ volatile("" : "+r"(block));
    return block;
}

int main(int count, char **words)
{
    if (count != 3) return 2;
    void *library = dlopen(words[1], RTLD_NOW | RTLD_GLOBAL);
    if (!library) { fprintf(stderr, "%s\n", dlerror()); return 1; }
    struct Allocator *(*get)(void);
    *(void **)&get = dlsym(library, "getMemoryAllocator");
    struct Allocator *allocator = get();
    site_host(allocator, 5000);                                     // before: not seen
    printf("%d\n", allocator->methods->profiling(allocator, true, words[2]));
    for (int i = 0; i < 100; i++) site_host(allocator, 4000);
    printf("%d\n", allocator->methods->profiling(allocator, true, 0));      // dumps what there is so far, stays on
    for (int i = 0; i < 100; i++) site_host(allocator, 2000);
    printf("%d\n", allocator->methods->profiling(allocator, false, 0));     // dumps again, ends
    site_host(allocator, 5000);
    printf("%d\n", allocator->methods->profiling(allocator, true, "/nowhere/at/all"));
    return 0;
}
