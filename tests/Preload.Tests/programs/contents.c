// What is in a block: zeros from calloc, the old bytes after realloc.
#include "support/case.h"
#include "support/pattern.h"
#include "support/process.h"
#include <malloc.h>
#include <pthread.h>

static void expect_zeros_in_dirty_memory(uint64_t seed)
{
    enum { slots = 200 };
    char *blocks[slots] = {0};
    uint64_t state = seed;
    for (int i = 0; i < 8000; i++)
    {
        char **slot = &blocks[next_random(&state) % slots];
        free(*slot);
        int shift = (int)(next_random(&state) % 18);
        size_t bytes = 1 + next_random(&state) % ((size_t)16 << shift);
        if (next_random(&state) % 2)
        {
            *slot = malloc(bytes);
            memset(*slot, 0xA5, malloc_usable_size(*slot));
            continue;
        }
        *slot = next_random(&state) % 2 ? calloc(1, bytes) : calloc(bytes, 1);
        size_t wrong = first_nonzero_byte(*slot, bytes);
        EXPECT(wrong == bytes, "calloc of %zu bytes: byte %zu is %02x", bytes, wrong, (unsigned char)(*slot)[wrong]);
        memset(*slot, 0x5A, malloc_usable_size(*slot));
    }
    for (int i = 0; i < slots; i++) free(blocks[i]);
}

CASE(calloc_is_zero_on_reuse, "calloc gives zeros in memory that was used before, in all sizes to 2 MiB")
{
    expect_zeros_in_dirty_memory(11);
}

static void *zeros_thread(void *seed)
{
    expect_zeros_in_dirty_memory((uint64_t)(uintptr_t)seed);
    return NULL;
}

CASE(calloc_is_zero_in_threads, "calloc gives zeros in memory that ended threads have used")
{
    for (uintptr_t round = 0; round < 2; round++)
    {
        pthread_t threads[4];
        for (uintptr_t i = 0; i < 4; i++) pthread_create(&threads[i], NULL, zeros_thread, (void *)(100 + round * 4 + i));
        for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    }
}

CASE(calloc_is_zero_after_purge, "calloc gives zeros in large blocks, before and after memory went back to the system")
{
    for (size_t bytes = 100 * KIB; bytes <= 300 * MIB; bytes = bytes * 5 / 2)
        for (int round = 0; round < 4; round++)
        {
            char *dirty = malloc(bytes);
            memset(dirty, 0xFF, bytes);
            free(dirty);
            if (round == 1) malloc_trim(0);
            if (round == 2 && bytes < 2 * MIB) sleep_ms(700);
            char *block = calloc(bytes, 1);
            size_t wrong = first_nonzero_byte(block, bytes);
            EXPECT(wrong == bytes, "calloc of %zu bytes in round %d: byte %zu is %02x", bytes, round, wrong, (unsigned char)block[wrong]);
            free(block);
        }
}

CASE(realloc_keeps_small, "realloc from any size to any other, 0 to 2 KiB, keeps what both have")
{
    for (size_t from = 1; from <= 2048; from += from < 300 ? 1 : 13)
        for (size_t to = 1; to <= 2048; to += to < 300 ? 7 : 61)
        {
            char *block = malloc(from);
            fill(block, from, from);
            block = realloc(block, to);
            size_t both = from < to ? from : to;
            EXPECT_PATTERN(block, both, from, "a small block after realloc");
            fill_from(block, both / 8 * 8, to, from);
            EXPECT_PATTERN(block, to, from, "a small block after realloc, filled again");
            free(block);
        }
}

CASE(realloc_keeps_large, "realloc through random sizes from 1 byte to 40 MiB keeps what both have", SECONDS(60))
{
    uint64_t state = 4242;
    char *neighbour = NULL;
    size_t bytes = 0;
    char *block = NULL;
    for (uint64_t i = 1; i <= 400; i++)
    {
        size_t next = next_random(&state) % ((size_t)40 * MIB >> next_random(&state) % 20) + 1;
        block = realloc(block, next);
        EXPECT(block != NULL, "realloc from %zu to %zu: NULL", bytes, next);
        size_t both = bytes < next ? bytes : next;
        EXPECT_PATTERN(block, both, 77, "a block of up to 40 MiB after realloc");
        fill_from(block, both / 8 * 8, next, 77);
        bytes = next;
        free(neighbour); // something else must be able to take the place right behind it
        memset(neighbour = malloc(bytes % 100000 + 1), (int)i, bytes % 100000 + 1);
    }
    free(block);
}

CASE(realloc_grows_step_by_step, "a block that grows to 40 MiB in steps of 16 KiB, then shrinks in steps, keeps its bytes and is quick")
{
    const size_t step = 16 * KIB, most = 40 * MIB;
    char *blocks[2] = {0};
    long start = now_ms();
    for (size_t bytes = step; bytes <= most; bytes += step)
        for (int i = 0; i < 2; i++)
        {
            blocks[i] = realloc(blocks[i], bytes);
            EXPECT(blocks[i] != NULL, "realloc to %zu: NULL", bytes);
            fill_from(blocks[i], bytes - step, bytes, 3 + (uint64_t)i);
        }
    for (int i = 0; i < 2; i++) EXPECT_PATTERN(blocks[i], most, 3 + (uint64_t)i, "a block grown in 2,560 steps");
    say("grown in %ld ms", now_ms() - start);
    for (size_t bytes = most; bytes > step; bytes -= step * 5)
        for (int i = 0; i < 2; i++)
        {
            blocks[i] = realloc(blocks[i], bytes);
            EXPECT(first_wrong_byte(blocks[i], 4096, 3 + (uint64_t)i) == 4096, "a wrong byte after shrinking to %zu", bytes);
        }
    free(blocks[0]);
    free(blocks[1]);
    EXPECT(now_ms() - start < 15000, "it took %ld ms: each step copies all", now_ms() - start);
}

CASE(realloc_to_little_gives_back, "a block of 200 MiB that realloc cuts to 1 MiB keeps 1 MiB resident")
{
    size_t before = resident_bytes();
    char *block = malloc(200 * MIB);
    fill(block, 200 * MIB, 9);
    block = realloc(block, MIB);
    EXPECT_PATTERN(block, MIB, 9, "a block cut from 200 MiB to 1 MiB");
    size_t after = resident_falls_to(before + 6 * MIB, 3000);
    EXPECT(after < before + 6 * MIB, "resident %zu KiB before, %zu KiB after", before / KIB, after / KIB);
    free(block);
}
