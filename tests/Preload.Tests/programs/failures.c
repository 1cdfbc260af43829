// What fails, fails as glibc documents it: null and ENOMEM, EINVAL for a bad alignment, and nothing else is touched.
#include "support/case.h"
#include "support/pattern.h"
#include "support/process.h"
#include <malloc.h>
#include <sys/mman.h>

static size_t volatile hide; // so that the compiler can't see a size

// Sizes that no Linux process can have: all above PTRDIFF_MAX, and the largest below it.
static size_t impossible_size(int i)
{
    static const size_t less[] = {0,  1,  7,  8,    15,   16,   17,    23,      31,      32,      47,      48,     63,      64,
                                  65, 79, 80, 4094, 4095, 4096, 4097,  8191,    8192,    32767,   65535,   65536,  1 * MIB, 2 * MIB - 1,
                                  2 * MIB, 4 * MIB, 32 * MIB, 64 * MIB, 1 * GIB, 4 * GIB};
    enum { count = sizeof less / sizeof *less };
    if (i < count) return SIZE_MAX - less[i];
    if (i < 2 * count) return (size_t)PTRDIFF_MAX - less[i - count];
    if (i < 3 * count) return (size_t)PTRDIFF_MAX + 1 + less[i - 2 * count];
    static const size_t others[] = {(size_t)1 << 62, (size_t)1 << 60, (size_t)1 << 56, (size_t)1 << 48, ((size_t)1 << 47) + 1};
    i -= 3 * count;
    return i < (int)(sizeof others / sizeof *others) ? others[i] : 0;
}

#define EXPECT_ENOMEM(call, bytes)                                                                                    \
    do                                                                                                                \
    {                                                                                                                 \
        errno = 0;                                                                                                    \
        void *got_ = (call);                                                                                          \
        int error_ = errno;                                                                                           \
        EXPECT(got_ == NULL, #call " with %zu (%#zx) gave %p", bytes, bytes, got_);                                   \
        EXPECT(error_ == ENOMEM, #call " with %zu (%#zx): errno %d, not ENOMEM", bytes, bytes, error_);               \
    } while (0)

CASE(impossible_sizes, "every function fails with ENOMEM for each size near SIZE_MAX and near PTRDIFF_MAX")
{
    size_t n;
    for (int i = 0; (n = impossible_size(i)) != 0; i++)
    {
        EXPECT_ENOMEM(malloc(n), n);
        EXPECT_ENOMEM(calloc(n, 1), n);
        EXPECT_ENOMEM(calloc(1, n), n);
        EXPECT_ENOMEM(realloc(NULL, n), n);
        EXPECT_ENOMEM(reallocarray(NULL, n, 1), n);
        EXPECT_ENOMEM(reallocarray(NULL, 1, n), n);
        EXPECT_ENOMEM(valloc(n), n);
        EXPECT_ENOMEM(pvalloc(n), n);
        for (size_t alignment = 8; alignment <= GIB; alignment *= 8)
        {
            EXPECT_ENOMEM(memalign(alignment, n), n);
            EXPECT_ENOMEM(aligned_alloc(alignment, n), n);
            void *untouched = &n;
            int code = posix_memalign(&untouched, alignment, n);
            EXPECT(code == ENOMEM && untouched == &n, "posix_memalign(%zu, %zu) gave %d, p %p", alignment, n, code, untouched);
        }
    }
}

CASE(failed_realloc_keeps, "a realloc or reallocarray that fails sets ENOMEM and leaves the block as it was")
{
    static const size_t sizes[] = {1, 100, 5000, 100000, 5 * MIB, 50 * MIB};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    {
        char *block = malloc(sizes[s]);
        fill(block, sizes[s], s);
        size_t n;
        for (int i = 0; (n = impossible_size(i)) != 0; i++)
        {
            EXPECT_ENOMEM(realloc(block, n), n);
            EXPECT_ENOMEM(reallocarray(block, n, 1), n);
        }
        EXPECT_ENOMEM(reallocarray(block, SIZE_MAX / 2, 3), sizes[s]);
        EXPECT_PATTERN(block, sizes[s], s, "a block after failed reallocs");
        block = realloc(block, sizes[s] * 2);
        EXPECT_PATTERN(block, sizes[s], s, "that block grown");
        free(block);
    }
}

CASE(product_overflows, "calloc and reallocarray fail with ENOMEM when the product overflows, also to a small number")
{
    static const size_t pairs[][2] = {
        {SIZE_MAX, 2}, {2, SIZE_MAX}, {SIZE_MAX, SIZE_MAX}, {SIZE_MAX / 2 + 1, 2}, {SIZE_MAX / 2 + 2, 2},
        {(size_t)1 << 32, (size_t)1 << 32}, {((size_t)1 << 32) + 1, (size_t)1 << 32}, {((size_t)1 << 32) + 1, ((size_t)1 << 32) - 1},
        {SIZE_MAX / 8 + 1, 8}, {SIZE_MAX / 8 + 2, 8}, {16, SIZE_MAX / 16 + 1}, {48, SIZE_MAX / 48 + 1}, {3, SIZE_MAX / 3 + 1},
        {(size_t)1 << 63, 2}, {(size_t)1 << 63, 3}, {SIZE_MAX / 4096 + 1, 4096}, {(size_t)1 << 40, (size_t)1 << 24},
    };
    char *block = malloc(64);
    fill(block, 64, 5);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    {
        size_t count = pairs[i][0], bytes = pairs[i][1];
        EXPECT_ENOMEM(calloc(count, bytes), count);
        EXPECT_ENOMEM(reallocarray(NULL, count, bytes), count);
        EXPECT_ENOMEM(reallocarray(block, count, bytes), count);
    }
    EXPECT_PATTERN(block, (size_t)64, 5, "a block after failed reallocarrays");
    free(block);
}

CASE(realloc_to_zero_frees, "realloc and reallocarray of a block to 0 free it and return NULL")
{
    size_t before = resident_bytes();
    for (size_t bytes = 8; bytes <= 4 * MIB; bytes *= 8)
        for (size_t i = 0; i < 100 * MIB / bytes / 8 + 40; i++)
        {
            char *block = malloc(bytes), *again;
            memset(block, 1, bytes);
            EXPECT((again = realloc(block, hide)) == NULL, "realloc(p, 0) gave %p", again);
            block = malloc(bytes);
            memset(block, 1, bytes);
            again = i % 2 ? reallocarray(block, 0, 10) : reallocarray(block, 10, 0);
            EXPECT(again == NULL, "reallocarray to 0 gave %p", again);
        }
    size_t after = resident_bytes();
    EXPECT(after < before + 40 * MIB, "resident %zu KiB before, %zu KiB after: not freed", before / KIB, after / KIB);
}

CASE(zero_sizes_are_unique, "size 0 gives a unique pointer, which free takes, from every function")
{
    enum { kinds = 12, count = 50 };
    void *blocks[kinds * count];
    for (int i = 0; i < count; i++)
    {
        void **at = blocks + i * kinds;
        at[0] = malloc(hide);
        at[1] = calloc(hide, hide);
        at[2] = calloc(8, hide);
        at[3] = calloc(hide, 8);
        at[4] = realloc(NULL, hide);
        at[5] = reallocarray(NULL, hide, 8);
        at[6] = memalign(64, hide);
        at[7] = aligned_alloc(4096, hide);
        at[8] = NULL;
        EXPECT(posix_memalign(&at[8], 64, hide) == 0, "posix_memalign(64, 0) failed");
        at[9] = valloc(hide);
        at[10] = pvalloc(hide);
        at[11] = malloc(hide);
    }
    for (int i = 0; i < kinds * count; i++)
    {
        EXPECT(blocks[i] != NULL, "kind %d gave NULL", i % kinds);
        for (int j = 0; j < i; j++)
            EXPECT(blocks[i] != blocks[j], "%p from kind %d and from kind %d", blocks[i], i % kinds, j % kinds);
    }
    for (int i = 0; i < kinds * count; i++) free(blocks[i]);
}

CASE(bad_posix_alignments, "posix_memalign refuses an alignment that is no power of two or below a pointer's size, and leaves *p")
{
    static const size_t bad[] = {0, 1, 2, 3, 4, 5, 7, 9, 12, 24, 48, 100, 4095, 4097, 12288, SIZE_MAX, SIZE_MAX - 7, ((size_t)1 << 63) + 8};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
        void *untouched = &untouched;
        int code = posix_memalign(&untouched, bad[i], 100);
        EXPECT(code == EINVAL, "posix_memalign(align %zu) gave %d, not EINVAL", bad[i], code);
        EXPECT(untouched == &untouched, "posix_memalign(align %zu) changed *p to %p", bad[i], untouched);
    }
}

CASE(bad_alignments, "aligned_alloc and memalign with an alignment that is no power of two give NULL with EINVAL, "
                     "or round up as glibc does")
{
    static const size_t bad[] = {3, 24, 100, 4097, 12288, ((size_t)1 << 63) + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (int which = 0; which < 2; which++)
        {
            errno = 0;
            void *block = which ? memalign(bad[i], 100) : aligned_alloc(bad[i], 100);
            int error = errno;
            size_t rounded = 1;
            while (rounded < bad[i] && rounded != 0) rounded *= 2;
            EXPECT(block != NULL || error == EINVAL, "%s(%zu, 100): errno %d", which ? "memalign" : "aligned_alloc", bad[i], error);
            EXPECT(block == NULL || (rounded != 0 && (uintptr_t)block % rounded == 0), "%s(%zu, 100) gave %p",
                   which ? "memalign" : "aligned_alloc", bad[i], block);
            free(block);
        }
}

CASE(strict_bad_alignment, "aligned_alloc refuses an alignment that is no power of two with EINVAL, as C and newer glibc say", ONLY_LAMPYRIS)
{
    static const size_t bad[] = {3, 24, 100, 4097, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
        errno = 0;
        void *block = aligned_alloc(bad[i], 100);
        EXPECT(block == NULL && errno == EINVAL, "aligned_alloc(%zu, 100) gave %p, errno %d", bad[i], block, errno);
    }
}

CASE(huge_alignments, "an alignment too big for the address space fails with ENOMEM or EINVAL")
{
    for (int bit = 47; bit < 64; bit++)
        for (int which = 0; which < 3; which++)
        {
            size_t alignment = (size_t)1 << bit;
            errno = 0;
            void *block = &block, *before = block;
            if (which == 0) block = memalign(alignment, 100);
            if (which == 1) block = aligned_alloc(alignment, 100);
            if (which == 2) errno = posix_memalign(&block, alignment, 100), block = block == before ? NULL : block;
            EXPECT(block == NULL, "alignment 2^%d, function %d gave %p", bit, which, block);
            EXPECT(errno == ENOMEM || errno == EINVAL, "alignment 2^%d, function %d: errno %d", bit, which, errno);
        }
}

CASE(small_blocks_are_aligned, "every block of malloc, calloc and realloc is 16-byte aligned, of whatever size")
{
    for (size_t n = 0; n < 200000; n += n < 10000 ? 1 : 97)
    {
        void *blocks[] = {malloc(n), calloc(1, n), realloc(NULL, n), realloc(malloc(1), n + 1)};
        for (size_t i = 0; i < 4; i++)
        {
            EXPECT((uintptr_t)blocks[i] % 16 == 0, "size %zu, function %zu: %p", n, i, blocks[i]);
            free(blocks[i]);
        }
    }
}

CASE(usable_bytes_are_usable, "all usable bytes of a block can be written, and realloc up to them does not move it")
{
    enum { ring = 64 };
    char *kept[ring] = {0};
    size_t bytes[ring] = {0}, asked[ring] = {0};
    for (size_t n = 1, i = 0; n < 100 * MIB; n += n < 5000 ? 1 : n / 9, i = (i + 1) % ring)
    {
        if (kept[i] != NULL)
        {
            EXPECT_PATTERN(kept[i], bytes[i], asked[i], "a block filled to its usable size, among others");
            free(kept[i]);
        }
        char *block = malloc(n);
        size_t usable = malloc_usable_size(block);
        EXPECT(usable >= n, "malloc(%zu) has %zu usable bytes", n, usable);
        fill(block, usable, n);
        for (size_t part = 0; part <= usable - n; part += (usable - n) / 2 + 1)
        {
            uintptr_t before = (uintptr_t)block;
            block = realloc(block, usable - part);
            // glibc's may move where it has a mapping for the block alone.
            EXPECT((uintptr_t)block == before || (n > 100 * KIB && !runs_on_lampyris()),
                   "malloc(%zu), usable %zu: realloc to %zu moved it", n, usable, usable - part);
        }
        EXPECT_PATTERN(block, n, n, "a block after realloc in place");
        usable = malloc_usable_size(block);
        fill(block, usable, n);
        kept[i] = n < 20 * MIB ? block : (free(block), NULL);
        bytes[i] = usable;
        asked[i] = n;
    }
    for (int i = 0; i < ring; i++)
        if (kept[i] != NULL) EXPECT_PATTERN(kept[i], bytes[i], asked[i], "a block filled to its usable size");
}

CASE(little_is_wasted, "a block above 128 bytes has at most 12.5 % more usable bytes than were asked for, above 1 KiB 20 % (and an OS page)", ONLY_LAMPYRIS)
{
    for (size_t n = 129; n < 200 * MIB; n += n < 40000 ? 1 : n / 50)
    {
        void *block = malloc(n);
        size_t usable = malloc_usable_size(block), most = n + n / (n > 1024 ? 5 : 7) + 16 + (n > 256 * KIB ? 4096 : 0);
        EXPECT(usable <= most, "malloc(%zu) has %zu usable bytes", n, usable);
        free(block);
    }
}

CASE(free_keeps_errno, "free keeps errno, for null, small, large and huge blocks, own and another thread's")
{
    static const size_t sizes[] = {0, 1, 100, 4000, 40000, 400000, 4 * MIB, 64 * MIB, 600 * MIB};
    for (int error = 0; error < 134; error += 33)
    {
        errno = error;
        free(NULL);
        EXPECT(errno == error, "free(NULL): errno %d became %d", error, errno);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (int i = 0; i < 300; i++)
            {
                if (sizes[s] > MIB && i > 20) break;
                char *block = malloc(sizes[s]);
                EXPECT(block != NULL, "malloc(%zu): NULL", sizes[s]);
                block[0] = 1;
                errno = error;
                free(block);
                EXPECT(errno == error, "free of %zu bytes: errno %d became %d", sizes[s], error, errno);
            }
    }
}

CASE(free_keeps_errno_when_refused, "free keeps errno also when the system refuses to take memory back")
{
    // An address space cut into so many mappings that no further cut is allowed: munmap in the middle fails with ENOMEM.
    enum { blocks = 64 };
    char *kept[blocks];
    for (int i = 0; i < blocks; i++) memset(kept[i] = malloc(3 * MIB), 1, 3 * MIB);
    size_t page = 4096, count = 70000;
    char *area = mmap(NULL, count * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    EXPECT(area != MAP_FAILED, "mmap: errno %d", errno);
    size_t cuts = 0;
    for (size_t i = 1; i < count && mprotect(area + i * page, page, PROT_READ) == 0; i += 2) cuts++;
    EXPECT(cuts < count / 2, "%zu cuts and no limit met: raise the count", cuts);
    for (int i = 0; i < blocks; i += 2)
    {
        errno = 33;
        free(kept[i]);
        EXPECT(errno == 33, "free: errno 33 became %d", errno);
    }
    munmap(area, count * page);
    for (int i = 1; i < blocks; i += 2) EXPECT(kept[i][MIB] == 1, "block %d changed", i);
    for (int i = 0; i < blocks; i += 2) EXPECT((kept[i] = malloc(3 * MIB)) != NULL, "malloc(3 MiB): NULL");
    for (int i = 0; i < blocks; i++) free(kept[i]);
}

CASE(page_functions, "valloc and pvalloc give whole OS pages, pvalloc rounds the size up")
{
    for (size_t n = 0; n < 100000; n += 501)
    {
        void *one = valloc(n), *two = pvalloc(n);
        EXPECT((uintptr_t)one % 4096 == 0 && (uintptr_t)two % 4096 == 0, "of %zu bytes: %p and %p", n, one, two);
        size_t rounded = (n + 4095) / 4096 * 4096;
        EXPECT(malloc_usable_size(two) >= rounded, "pvalloc(%zu) has %zu usable bytes", n, malloc_usable_size(two));
        memset(one, 1, n);
        memset(two, 1, rounded);
        free(one);
        free(two);
    }
}
