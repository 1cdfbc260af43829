// One turn of a native way to malloc and free: pair COUNT [LIBRARY]
// Allocates and frees 64 bytes COUNT times and prints the CPU nanoseconds of one such pair. How the calls reach the library
// is how this file is linked (NativeWays.cs); with LIBRARY, through that plugin's table of methods.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BYTES = 64, WARM_UP = 10000 };

struct plugin {
    const struct {
        void *destructors[2];
        void *(*allocate)(struct plugin *, size_t);
        void (*deallocate)(struct plugin *, void *);
    } *methods;
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static void by_malloc(long count)
{
    void *other = malloc(BYTES);                // another block of the size lives, as in any program
    for (long i = 0; i < count; i++) {
        volatile long *block = malloc(BYTES);
        *block = i;
        free((void *)block);
    }
    free(other);
}

// As a C++ compiler calls a virtual method: the table is read from the object each time.
static void by_table(struct plugin *volatile *place, long count)
{
    void *other = (*place)->methods->allocate(*place, BYTES);
    for (long i = 0; i < count; i++) {
        struct plugin *plugin = *place;
        volatile long *block = plugin->methods->allocate(plugin, BYTES);
        *block = i;
        plugin = *place;
        plugin->methods->deallocate(plugin, (void *)block);
    }
    (*place)->methods->deallocate(*place, other);
}

int main(int arguments, char **argument)
{
    long count = arguments > 1 ? atol(argument[1]) : 0;
    if (count <= 0) return 2;
    struct plugin *plugin = 0;
    if (arguments > 2) {
        void *library = dlopen(argument[2], RTLD_NOW | RTLD_GLOBAL);
        struct plugin *(*entry)(void) = 0;
        if (library) *(void **)&entry = dlsym(library, "getMemoryAllocator");
        if (!entry || !(plugin = entry())) {
            fprintf(stderr, "pair: %s is no plugin\n", argument[2]);
            return 1;
        }
    }
    double seconds = 0;
    for (int turn = 0; turn < 2; turn++) {
        long many = turn == 0 ? WARM_UP : count;
        double before = cpu_seconds();
        if (plugin) by_table(&plugin, many);
        else by_malloc(many);
        seconds = cpu_seconds() - before;
    }
    printf("%.4f\n", seconds * 1e9 / count);
    return 0;
}
