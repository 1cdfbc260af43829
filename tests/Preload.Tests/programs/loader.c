// dlopen, dlsym, dlclose and the loader's thread-local storage, all of which allocate through us.
#include "support/case.h"
#include "support/pattern.h"
#include "support/process.h"
#include <limits.h>
#include <link.h>
#include <pthread.h>

/// A library beside this program.
static void *open_library(const char *name, int flags)
{
    static char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length] = 0;
    strcpy(strrchr(path, '/') + 1, name);
    void *library = dlopen(path, flags);
    EXPECT(library != NULL, "dlopen: %s", dlerror());
    return library;
}

static char *(*plugin_make)(size_t, int);
static char *(*plugin_duplicate)(const char *);
static char *(*plugin_resize)(char *, size_t);
static void (*plugin_take)(char *);

static void *open_plugin(int flags)
{
    void *library = open_library("lib_plugin.so", flags);
    *(void **)&plugin_make = dlsym(library, "plugin_make");
    *(void **)&plugin_duplicate = dlsym(library, "plugin_duplicate");
    *(void **)&plugin_resize = dlsym(library, "plugin_resize");
    *(void **)&plugin_take = dlsym(library, "plugin_take");
    return library;
}

CASE(blocks_outlive_dlclose, "blocks that a library made are whole after dlclose, and 500 rounds of it leak nothing")
{
    enum { count = 500 };
    static char *blocks[count];
    size_t before = 0;
    for (int i = 0; i < count; i++)
    {
        if (i == 20) before = resident_bytes();
        void *library = open_plugin(RTLD_NOW);
        blocks[i] = plugin_make((size_t)i * 10 + 1, i);
        char *extra = plugin_make(200 * KIB, 1);
        plugin_take(malloc(1000));
        EXPECT(dlclose(library) == 0, "dlclose: %s", dlerror());
        free(extra);
    }
    for (int i = 0; i < count; i++)
    {
        EXPECT(blocks[i][0] == (char)i && blocks[i][i * 10] == (char)i, "block %d changed", i);
        free(blocks[i]);
    }
    size_t after = resident_bytes();
    EXPECT(after < before + 8 * MIB, "resident %zu KiB after 20 rounds, %zu KiB after 500", before / KIB, after / KIB);
}

CASE(deepbind, "a library opened with RTLD_DEEPBIND may free and resize the program's blocks, and the program the library's")
{
    void *library = open_plugin(RTLD_NOW | RTLD_DEEPBIND);
    for (size_t bytes = 10; bytes < 10 * MIB; bytes = bytes * 5)
    {
        char *ours = malloc(bytes), *theirs = plugin_make(bytes, 3);
        memset(ours, 5, bytes);
        ours = plugin_resize(ours, bytes * 2);
        EXPECT(ours != NULL && ours[0] == 5 && ours[bytes - 1] == 5, "the program's block of %zu bytes resized by the library", bytes);
        plugin_take(ours);
        theirs = realloc(theirs, bytes * 2);
        EXPECT(theirs != NULL && theirs[0] == 3 && theirs[bytes - 1] == 3, "the library's block of %zu bytes resized here", bytes);
        free(theirs);
        char *text = plugin_duplicate("a text from libc's own strdup");
        EXPECT(strcmp(text, "a text from libc's own strdup") == 0, "strdup gave %s", text);
        free(text);
    }
    dlclose(library);
}

static void *use_tls(void *functions)
{
    char *(**get)(void) = functions;
    char *big = get[0](), *small = get[1]();
    EXPECT(strcmp(big, "initialised") == 0 && first_nonzero_byte(small, 100) == 100, "TLS begins with %.20s, %d", big, small[0]);
    EXPECT((uintptr_t)big % 4096 == 0 && (uintptr_t)small % 64 == 0, "TLS at %p and %p", (void *)big, (void *)small);
    memset(big, 1, 1 << 20);
    memset(small, 2, 100);
    free(malloc(1000));
    sched_yield();
    EXPECT(big[1000000] == 1 && small[99] == 2, "TLS changed to %d, %d", big[1000000], small[99]);
    return NULL;
}

CASE(big_tls_from_many_threads, "a library with 1 MiB of TLS, aligned to 4 KiB, opened and used by 32 threads, 20 times over, leaks nothing")
{
    size_t before = 0;
    for (int round = 0; round < 20; round++)
    {
        if (round == 3) before = resident_bytes();
        void *library = open_library("lib_big_tls.so", RTLD_NOW);
        void *functions[] = {dlsym(library, "big_tls"), dlsym(library, "small_tls")};
        pthread_t threads[32];
        for (int i = 0; i < 32; i++) EXPECT(pthread_create(&threads[i], NULL, use_tls, functions) == 0, "pthread_create failed");
        use_tls(functions);
        for (int i = 0; i < 32; i++) pthread_join(threads[i], NULL);
        dlclose(library);
    }
    size_t after = resident_bytes();
    EXPECT(after < before + 40 * MIB, "resident %zu KiB after 3 rounds, %zu KiB after 20", before / KIB, after / KIB);
}

CASE(static_tls_is_left, "a library that needs 1 KiB of static TLS can still be opened: we take a pointer or two")
{
    void *library = open_library("lib_static_tls.so", RTLD_NOW);
    char *(*get)(void);
    *(void **)&get = dlsym(library, "static_tls");
    memset(get(), 1, 1024);
    free(malloc(1000));
    EXPECT(get()[1023] == 1, "TLS changed");
    dlclose(library);
}

static void *ask_for_nothing(void *unused)
{
    (void)unused;
    for (int i = 0; i < 200; i++)
    {
        char name[40];
        snprintf(name, sizeof name, "no such function %d", i);
        EXPECT(dlsym(RTLD_DEFAULT, name) == NULL, "%s is there", name);
        const char *text = dlerror();
        EXPECT(text != NULL && strstr(text, name) != NULL, "dlerror says %s", text);
        EXPECT(dlopen("/no/such/library.so", RTLD_NOW) == NULL, "a library that is not there was opened");
    }
    return NULL; // dlerror's text is the thread's, freed when it ends
}

CASE(errors_of_the_loader, "the loader's error texts, allocated and freed inside libc at thread end, are right in 50 threads")
{
    for (int round = 0; round < 5; round++)
    {
        pthread_t threads[10];
        for (int i = 0; i < 10; i++) pthread_create(&threads[i], NULL, ask_for_nothing, NULL);
        for (int i = 0; i < 10; i++) pthread_join(threads[i], NULL);
    }
}

CASE(second_namespace, "a library in a namespace of its own (dlmopen) has its own libc and malloc beside ours")
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length] = 0;
    strcpy(strrchr(path, '/') + 1, "lib_plugin.so");
    void *library = dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
    EXPECT(library != NULL, "dlmopen: %s", dlerror());
    *(void **)&plugin_make = dlsym(library, "plugin_make");
    *(void **)&plugin_take = dlsym(library, "plugin_take");
    for (size_t i = 0; i < 1000; i++)
    {
        char *theirs = plugin_make(i * 100 + 1, 1), *ours = malloc(i * 100 + 1);
        memset(ours, 2, i * 100 + 1);
        EXPECT(theirs[i * 100] == 1, "their block changed");
        plugin_take(theirs);
        free(ours);
    }
    dlclose(library);
}

static void *(*closed_malloc)(size_t);
static void (*closed_free)(void *);

static void *use_closed(void *unused)
{
    closed_free(closed_malloc(100));
    return unused;
}

// How a host of plugins treats us: it opens the library, uses it, closes it again; threads that used it end later.
CASE(our_library_closed, "liblampyris.so opened, used and closed with dlclose leaves a process whose threads and exit work", ONLY_LAMPYRIS)
{
    const char *path = case_arguments[0] != NULL ? case_arguments[0] : malloc_library();
    for (int round = 0; round < 3; round++)
    {
        void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        EXPECT(library != NULL, "dlopen: %s", dlerror());
        *(void **)&closed_malloc = dlsym(library, "malloc");
        *(void **)&closed_free = dlsym(library, "free");
        pthread_t threads[4];
        for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, use_closed, NULL);
        for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
        static void *blocks[20000];
        for (int i = 0; i < 20000; i++) memset(blocks[i] = closed_malloc(3000), 1, 3000);
        for (int i = 0; i < 20000; i++) closed_free(blocks[i]);
        dlclose(library); // with much just freed: its background thread, if any, may be at work
        sleep_ms(round == 1 ? 1200 : 10);
        pthread_create(&threads[0], NULL, ask_for_nothing, NULL);
        pthread_join(threads[0], NULL);
        pid_t child = fork();
        if (child == 0) exit(0);
        expect_child_is_well(child, "after dlclose");
    }
}

CASE(ordinary_work, "a program that other tests run with an audit library or with a wrapper around us works")
{
    for (int i = 0; i < 10000; i++)
    {
        char *block = malloc((size_t)i);
        memset(block, 1, (size_t)i);
        block = realloc(block, (size_t)i * 2 + 1);
        EXPECT(i == 0 || block[i - 1] == 1, "block %d changed", i);
        free(block);
        free(calloc(1, (size_t)i));
    }
    void *library = open_plugin(RTLD_LAZY);
    plugin_take(plugin_make(100, 1));
    dlclose(library);
    use_tls((char *(*[])(void)){dlsym(library = open_library("lib_big_tls.so", RTLD_NOW), "big_tls"), dlsym(library, "small_tls")});
}
