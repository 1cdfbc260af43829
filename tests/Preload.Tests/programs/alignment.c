// Aligned blocks: every power of two from 1 byte to 1 GiB, without paying for the alignment in memory.
#include "support/case.h"
#include "support/pattern.h"
#include "support/process.h"
#include <malloc.h>
#include <pthread.h>

static void *aligned_block(int which, size_t alignment, size_t bytes)
{
    void *block = NULL;
    if (which == 0) return memalign(alignment, bytes);
    if (which == 1) return aligned_alloc(alignment, bytes);
    int code = posix_memalign(&block, alignment < 8 ? 8 : alignment, bytes);
    EXPECT(code == 0, "posix_memalign(%zu, %zu) gave %d", alignment, bytes, code);
    return block;
}

CASE(every_power_of_two, "memalign, aligned_alloc and posix_memalign keep every alignment from 1 byte to 1 GiB, for any size")
{
    for (size_t alignment = 1; alignment <= GIB; alignment *= 2)
    {
        size_t sizes[] = {1, 17, 100, 5000, 70000, 3 * MIB, alignment - 1, alignment, alignment + 1};
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (int which = 0; which < 3; which++)
            {
                char *blocks[3];
                for (int i = 0; i < 3; i++)
                {
                    blocks[i] = aligned_block(which, alignment, sizes[s]);
                    EXPECT(blocks[i] != NULL, "alignment %zu, %zu bytes, function %d: NULL, errno %d", alignment, sizes[s], which, errno);
                    EXPECT((uintptr_t)blocks[i] % alignment == 0, "alignment %zu, %zu bytes, function %d: %p", alignment, sizes[s],
                           which, (void *)blocks[i]);
                    EXPECT(malloc_usable_size(blocks[i]) >= sizes[s], "alignment %zu: usable %zu of %zu", alignment,
                           malloc_usable_size(blocks[i]), sizes[s]);
                    if (sizes[s] == 0) continue;
                    size_t part = sizes[s] < 4096 ? sizes[s] : 4096;
                    memset(blocks[i], i + 1, part);
                    memset(blocks[i] + sizes[s] - part, i + 1, part);
                }
                for (int i = 0; i < 3; i++)
                {
                    EXPECT(sizes[s] == 0 || (blocks[i][0] == i + 1 && blocks[i][sizes[s] - 1] == i + 1), "block %d overwritten", i);
                    free(blocks[i]);
                }
            }
    }
}

static void expect_growth_below(const char *what, size_t alignment, size_t bytes, int count, size_t most)
{
    static char *blocks[100000];
    size_t before = resident_bytes();
    for (int i = 0; i < count; i++)
    {
        blocks[i] = memalign(alignment, bytes);
        EXPECT(blocks[i] != NULL, "%s: memalign(%zu, %zu) number %d: NULL", what, alignment, bytes, i);
        fill(blocks[i], bytes, (uint64_t)i);
    }
    size_t after = resident_bytes(), grown = after > before ? after - before : 0;
    say("%s: %zu KiB for %zu KiB", what, grown / KIB, (size_t)count * bytes / KIB);
    EXPECT(grown <= most, "%s: resident memory grew by %zu KiB for %zu KiB asked, at most %zu KiB expected", what, grown / KIB,
           (size_t)count * bytes / KIB, most / KIB);
    for (int i = 0; i < count; i++)
    {
        EXPECT_PATTERN(blocks[i], bytes, (uint64_t)i, what);
        free(blocks[i]);
    }
}

CASE(small_ones_are_not_padded, "small blocks with small alignments take hardly more than their size", ONLY_LAMPYRIS)
{
    expect_growth_below("100,000 of 64 bytes at 64", 64, 64, 100000, 100000 * 64 * 5 / 4 + 2 * MIB);
    expect_growth_below("20,000 of 256 bytes at 256", 256, 256, 20000, 20000 * 256 * 5 / 4 + 2 * MIB);
    expect_growth_below("5,000 of 4 KiB at 4 KiB", 4096, 4096, 5000, 5000 * 4096 * 5 / 4 + 2 * MIB);
    expect_growth_below("20,000 of 100 bytes at 32", 32, 100, 20000, 20000 * 160 + 2 * MIB);
}

CASE(big_alignment_is_not_paid_for, "resident memory does not grow by the alignment, from 64 KiB to 1 GiB")
{
    expect_growth_below("2,000 of 100 bytes at 64 KiB", 64 * KIB, 100, 2000, 2000 * 2 * 4096 + 4 * MIB);
    expect_growth_below("200 of 10 KiB at 1 MiB", MIB, 10 * KIB, 200, 200 * 16 * KIB + 6 * MIB);
    expect_growth_below("64 of 4 KiB at 64 MiB", 64 * MIB, 4 * KIB, 64, 8 * MIB);
    expect_growth_below("16 of 300 KiB at 1 GiB", GIB, 300 * KIB, 16, 16 * 304 * KIB + 6 * MIB);
}

CASE(address_space_is_not_wasted, "a thousand big alignments taken and freed leave the address space as it was")
{
    void *warm = memalign(64 * MIB, 100);
    free(warm);
    size_t before = virtual_bytes();
    for (int i = 0; i < 1000; i++)
    {
        char *block = memalign(GIB >> i % 10, 100 + (size_t)i * 100);
        EXPECT(block != NULL, "number %d: NULL", i);
        block[0] = 1;
        free(block);
    }
    size_t after = virtual_bytes();
    EXPECT(after < before + 2 * GIB, "%zu MiB of address space before, %zu MiB after", before / MIB, after / MIB);
}

CASE(realloc_of_aligned, "realloc of an aligned block keeps its contents, grown, shrunk and grown again")
{
    for (size_t alignment = 16; alignment <= 64 * MIB; alignment *= 4)
        for (size_t bytes = 10; bytes < 3 * MIB; bytes = bytes * 7 + 3)
        {
            char *block = memalign(alignment, bytes);
            fill(block, bytes, alignment);
            block = realloc(block, bytes * 3);
            EXPECT(block != NULL, "realloc of %zu at %zu to %zu: NULL", bytes, alignment, bytes * 3);
            EXPECT_PATTERN(block, bytes, alignment, "an aligned block, grown");
            block = realloc(block, bytes / 2 + 1);
            EXPECT_PATTERN(block, bytes / 2 + 1, alignment, "an aligned block, grown and shrunk");
            block = realloc(block, bytes * 5);
            EXPECT_PATTERN(block, bytes / 2 + 1, alignment, "an aligned block, grown, shrunk and grown");
            free(block);
        }
}

enum { slots = 4000 };
static char *shared[slots];

static void *churn(void *seed)
{
    uint64_t state = (uint64_t)(uintptr_t)seed;
    for (int i = 0; i < 60000; i++)
    {
        size_t alignment = (size_t)1 << (4 + next_random(&state) % 13), bytes = 16 + next_random(&state) % 3000;
        char *block = memalign(alignment, bytes);
        EXPECT(block != NULL && (uintptr_t)block % alignment == 0, "memalign(%zu, %zu) gave %p", alignment, bytes, (void *)block);
        memcpy(block, &bytes, 8);
        fill_from(block, 8, bytes, bytes);
        char *old = __atomic_exchange_n(&shared[next_random(&state) % slots], block, __ATOMIC_ACQ_REL);
        if (old == NULL) continue;
        memcpy(&bytes, old, 8);
        for (size_t at = 8; at + 8 <= bytes; at += 8)
        {
            uint64_t word = pattern_word(bytes, at / 8);
            EXPECT(memcmp(old + at, &word, 8) == 0, "byte %zu of an aligned block of %zu changed", at, bytes);
        }
        free(old);
    }
    return NULL;
}

CASE(churn_with_other_threads, "aligned blocks freed by other threads keep their contents and come back")
{
    pthread_t threads[8];
    for (uintptr_t i = 0; i < 8; i++) pthread_create(&threads[i], NULL, churn, (void *)(i + 1));
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < slots; i++) free(shared[i]);
}
