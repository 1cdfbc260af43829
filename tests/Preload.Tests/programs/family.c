// The whole malloc family: every name is there, comes from one library, and a block of each is good for all others.
#include "support/case.h"
#include "support/pattern.h"
#include "support/process.h"
#include <malloc.h>

static const char *const c_names[] = {
    "malloc",         "free",          "calloc", "realloc", "reallocarray",       "memalign",    "aligned_alloc",
    "posix_memalign", "valloc",        "pvalloc", "malloc_usable_size", "free_sized", "free_aligned_sized", "malloc_trim",
    "mallinfo",       "mallinfo2",     "malloc_stats", "malloc_info", "mallopt",
};

static const char *const cxx_names[] = {
    "_Znwm", "_Znam", "_ZnwmRKSt9nothrow_t", "_ZnamRKSt9nothrow_t",
    "_ZnwmSt11align_val_t", "_ZnamSt11align_val_t", "_ZnwmSt11align_val_tRKSt9nothrow_t", "_ZnamSt11align_val_tRKSt9nothrow_t",
    "_ZdlPv", "_ZdaPv", "_ZdlPvm", "_ZdaPvm", "_ZdlPvRKSt9nothrow_t", "_ZdaPvRKSt9nothrow_t",
    "_ZdlPvSt11align_val_t", "_ZdaPvSt11align_val_t", "_ZdlPvmSt11align_val_t", "_ZdaPvmSt11align_val_t",
    "_ZdlPvSt11align_val_tRKSt9nothrow_t", "_ZdaPvSt11align_val_tRKSt9nothrow_t",
};

static void expect_from_mallocs_library(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        Dl_info info;
        void *address = dlsym(RTLD_DEFAULT, names[i]);
        EXPECT(address != NULL, "no %s", names[i]);
        EXPECT(dladdr(address, &info) != 0, "dladdr knows no library of %s", names[i]);
        EXPECT(strcmp(info.dli_fname, malloc_library()) == 0, "%s from %s, malloc from %s", names[i], info.dli_fname,
               malloc_library());
    }
}

CASE(all_names_resolve, "every C name of the family resolves, and into the library that malloc is from", ONLY_LAMPYRIS)
{
    EXPECT(runs_on_lampyris(), "malloc comes from %s", malloc_library());
    expect_from_mallocs_library(c_names, sizeof c_names / sizeof *c_names);
}

CASE(all_operator_names_resolve, "each of the 20 operators new and delete resolves into the library that malloc is from", ONLY_LAMPYRIS)
{
    expect_from_mallocs_library(cxx_names, sizeof cxx_names / sizeof *cxx_names);
}

CASE(cfree_is_absent, "cfree, which glibc removed, is not brought back")
{
    Dl_info info;
    void *address = dlsym(RTLD_DEFAULT, "cfree");
    if (address == NULL) return;
    EXPECT(dladdr(address, &info) != 0 && strstr(info.dli_fname, "/libc.so") != NULL, "cfree from %s", info.dli_fname);
}

static void (*free_sized_)(void *, size_t);
static void (*free_aligned_sized_)(void *, size_t, size_t);

/// One block of `bytes` from each function that gives one, `which` = 0 .. 10; NULL past the last.
static void *block_from(int which, size_t bytes, const char **name)
{
    static const char *const names[] = {"malloc", "calloc", "realloc", "reallocarray", "memalign 16", "memalign 4096",
                                        "aligned_alloc", "posix_memalign", "valloc", "pvalloc", "realloc of a block"};
    void *block = NULL;
    *name = which < (int)(sizeof names / sizeof *names) ? names[which] : NULL;
    switch (which)
    {
    case 0: return malloc(bytes);
    case 1: return calloc(bytes, 1);
    case 2: return realloc(NULL, bytes);
    case 3: return reallocarray(NULL, 1, bytes);
    case 4: return memalign(16, bytes);
    case 5: return memalign(4096, bytes);
    case 6: return aligned_alloc(64, (bytes + 63) / 64 * 64);
    case 7: return posix_memalign(&block, 128, bytes) == 0 ? block : NULL;
    case 8: return valloc(bytes);
    case 9: return pvalloc(bytes);
    case 10: return realloc(malloc(bytes / 2 + 1), bytes);
    default: return NULL;
    }
}

CASE(blocks_of_each_serve_all, "a block from any of them can be measured, resized and freed by any other")
{
    static const size_t sizes[] = {1, 24, 100, 1000, 5000, 40000, 300000, 3 * MIB, 24 * MIB};
    const char *name;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int which = 0; block_from(which, 8, &name), name != NULL; which++)
        {
            size_t bytes = sizes[s];
            char *freed = block_from(which, bytes, &name);
            char *resized = block_from(which, bytes, &name);
            EXPECT(freed != NULL && resized != NULL, "%s of %zu bytes: NULL", name, bytes);
            EXPECT(malloc_usable_size(freed) >= bytes, "%s of %zu bytes: usable %zu", name, bytes, malloc_usable_size(freed));
            fill(freed, bytes, s);
            fill(resized, bytes, s + 100);
            EXPECT_PATTERN(freed, bytes, s, name);
            free(freed);
            resized = realloc(resized, bytes * 2);
            EXPECT(resized != NULL, "realloc of %s's block to %zu: NULL", name, bytes * 2);
            EXPECT_PATTERN(resized, bytes, s + 100, name);
            resized = realloc(resized, bytes / 2 + 1);
            EXPECT_PATTERN(resized, bytes / 2 + 1, s + 100, name);
            free(resized);
        }
}

CASE(verify_is_found, "every case here ends with our library's walk over the heap, which is found", ONLY_LAMPYRIS)
{
    EXPECT(lampyris_verify != NULL, "no lampyris_verify");
}

CASE(sized_frees, "free_sized and free_aligned_sized free, a null pointer too", ONLY_LAMPYRIS)
{
    *(void **)&free_sized_ = dlsym(RTLD_DEFAULT, "free_sized");
    *(void **)&free_aligned_sized_ = dlsym(RTLD_DEFAULT, "free_aligned_sized");
    EXPECT(free_sized_ != NULL && free_aligned_sized_ != NULL, "free_sized at %p, free_aligned_sized at %p", (void *)free_sized_,
           (void *)free_aligned_sized_);
    free_sized_(NULL, 0);
    free_sized_(NULL, 100);
    free_aligned_sized_(NULL, 64, 0);
    size_t before = resident_bytes();
    for (int round = 0; round < 400; round++)
        for (size_t bytes = 0; bytes <= 4 * MIB; bytes = bytes * 3 + 1)
        {
            char *sized = malloc(bytes), *aligned = aligned_alloc(256, (bytes + 255) / 256 * 256);
            memset(sized, 1, bytes);
            memset(aligned, 2, bytes);
            free_sized_(sized, bytes);
            free_aligned_sized_(aligned, 256, (bytes + 255) / 256 * 256);
        }
    size_t after = resident_bytes();
    EXPECT(after < before + 64 * MIB, "resident %zu KiB before, %zu KiB after 3 GB of them", before / KIB, after / KIB);
}

CASE(mallopt_is_accepted, "mallopt is accepted for each parameter that glibc documents, and the heap works on")
{
    static const int parameters[] = {M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX, M_ARENA_MAX, M_ARENA_TEST, M_MXFAST};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        EXPECT(mallopt(parameters[i], 64) == 1, "mallopt(%d, 64) gave %d", parameters[i], mallopt(parameters[i], 64));
    void *block = malloc(100);
    EXPECT(block != NULL, "malloc(100) after mallopt: NULL");
    free(block);
}

CASE(mallinfo_counts, "mallinfo2 counts a block of 64 MiB and 64 MiB of small blocks, and no longer once they are freed")
{
    enum { count = 65536, bytes = 1024 };
    static void *blocks[count];
    struct mallinfo2 before = mallinfo2();
    void *large = malloc(64 * MIB);
    for (int i = 0; i < count; i++) memset(blocks[i] = malloc(bytes), 1, bytes);
    struct mallinfo2 during = mallinfo2();
    for (int i = 0; i < count; i++) free(blocks[i]);
    free(large);
    struct mallinfo2 after = mallinfo2();
    size_t used_before = before.uordblks + before.hblkhd, used_during = during.uordblks + during.hblkhd, used_after = after.uordblks + after.hblkhd;
    say("in use %zu KiB before, %zu KiB during, %zu KiB after", used_before / KIB, used_during / KIB, used_after / KIB);
    EXPECT(used_during - used_before >= 128 * MIB, "grew by %zu KiB", (used_during - used_before) / KIB);
    EXPECT(used_during - used_before < 150 * MIB, "grew by %zu KiB", (used_during - used_before) / KIB);
    EXPECT(used_after < used_before + 4 * MIB, "%zu KiB before, %zu KiB after", used_before / KIB, used_after / KIB);
}

CASE(mallinfo_of_old, "mallinfo, with its int fields, answers too")
{
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    struct mallinfo before = mallinfo();
    void *block = malloc(10 * MIB);
    memset(block, 1, 10 * MIB);
    struct mallinfo during = mallinfo();
    int grown = during.uordblks + during.hblkhd - before.uordblks - before.hblkhd;
    EXPECT(grown >= (int)(10 * MIB), "10 MiB more in use, the figure grew by %d", grown);
    free(block);
}

CASE(malloc_info_is_xml, "malloc_info writes one XML document, and refuses options it does not know")
{
    char text[65536] = "";
    free(malloc(1000));
    FILE *file = fmemopen(text, sizeof text - 1, "w");
    EXPECT(malloc_info(0, file) == 0, "malloc_info(0) failed, errno %d", errno);
    fclose(file);
    EXPECT(strncmp(text, "<malloc version=", 16) == 0, "it begins with %.40s", text);
    char *end = strstr(text, "</malloc>");
    EXPECT(end != NULL && strspn(end + 9, "\n") == strlen(end + 9), "it ends with %.40s", text + strlen(text) - 20);
    EXPECT(malloc_info(1, stdout) != 0, "malloc_info(1, …) gave 0");
}

CASE(malloc_trim_gives_back, "malloc_trim gives back what is free, at once, and says so")
{
    enum { count = 64 * 1024, bytes = 1024 };
    static void *blocks[count];
    size_t before = resident_bytes();
    for (int i = 0; i < count; i++) memset(blocks[i] = malloc(bytes), 1, bytes);
    for (int i = 0; i < count; i++) free(blocks[i]);
    int said = malloc_trim(0);
    size_t after = resident_bytes();
    say("resident %zu KiB before, %zu KiB after", before / KIB, after / KIB);
    EXPECT(after < before + 8 * MIB, "%zu KiB before, %zu KiB after 64 MiB freed and malloc_trim", before / KIB, after / KIB);
    EXPECT(said == 0 || said == 1, "malloc_trim gave %d", said);
}

CASE(usable_size_of_null, "malloc_usable_size(NULL) is 0 and free(NULL) does nothing")
{
    EXPECT(malloc_usable_size(NULL) == 0, "%zu", malloc_usable_size(NULL));
    free(NULL);
}

CASE(malloc_stats_prints, "malloc_stats writes figures in bytes on stderr", STDERR("bytes"))
{
    malloc_stats();
}
