// Threads that allocate, fill, check, resize and free blocks in a table that all share: a block is often freed by
// another thread than the one that made it.
#ifndef LAMPYRIS_TESTS_CHURN_H
#define LAMPYRIS_TESTS_CHURN_H

#include "pattern.h"
#include "process.h"
#include <malloc.h>
#include <pthread.h>

enum { churn_slots = 1024 };
static struct churn_block
{
    uint64_t seed; // of the pattern behind this head
    size_t bytes;  // in all
} *churn_table[churn_slots];
static int churn_stops;
static long churn_steps; // of all threads

static struct churn_block *churn_swap(size_t slot, struct churn_block *block)
{
    return __atomic_exchange_n(&churn_table[slot % churn_slots], block, __ATOMIC_ACQ_REL);
}

/// Mostly small, some up to `most` bytes.
static size_t churn_size(uint64_t *state, size_t most)
{
    uint64_t random = next_random(state);
    size_t range = random % 100 < 90 ? 600 : random % 100 < 98 ? 20000 : most;
    return sizeof(struct churn_block) + next_random(state) % range;
}

static struct churn_block *churn_make(uint64_t *state, size_t most)
{
    size_t bytes = churn_size(state, most);
    uint64_t kind = next_random(state) % 16;
    struct churn_block *block = kind == 0   ? calloc(1, bytes)
                                : kind == 1 ? memalign((size_t)16 << next_random(state) % 9, bytes)
                                            : malloc(bytes);
    if (block == NULL)
    {
        EXPECT(errno == ENOMEM, "no block of %zu bytes, and errno %d", bytes, errno);
        return NULL;
    }
    if (kind == 0) EXPECT(first_nonzero_byte(block, bytes) == bytes, "calloc of %zu bytes is not zero", bytes);
    block->seed = next_random(state);
    block->bytes = bytes;
    fill(block + 1, bytes - sizeof *block, block->seed);
    return block;
}

static void churn_check(struct churn_block *block)
{
    EXPECT_PATTERN(block + 1, block->bytes - sizeof *block, block->seed, "a block in the shared table");
}

static void churn_drop(struct churn_block *block)
{
    if (block == NULL) return;
    churn_check(block);
    free(block);
}

/// One step: puts a new or a resized block into the table, drops what was there.
static void churn_step(uint64_t *state, size_t most)
{
    size_t slot = next_random(state);
    if (next_random(state) % 8 != 0)
    {
        churn_drop(churn_swap(slot, churn_make(state, most)));
        return;
    }
    struct churn_block *block = churn_swap(slot, NULL);
    if (block == NULL) return;
    churn_check(block);
    size_t bytes = churn_size(state, most), both = bytes < block->bytes ? bytes : block->bytes;
    uint64_t seed = block->seed;
    struct churn_block *resized = realloc(block, bytes);
    if (resized == NULL)
    {
        EXPECT(errno == ENOMEM, "no realloc to %zu bytes, and errno %d", bytes, errno);
        churn_drop(block);
        return;
    }
    EXPECT_PATTERN(resized + 1, both - sizeof *resized, seed, "a block after realloc");
    resized->bytes = bytes;
    fill(resized + 1, bytes - sizeof *resized, seed);
    churn_drop(churn_swap(slot, resized));
}

/// The body of a thread: churns until `churn_stops`, with short breaks, since a machine has fewer cores than a test threads.
__attribute__((unused)) static void *churn_thread(void *seed)
{
    uint64_t state = (uint64_t)(uintptr_t)seed * 7919 + 1;
    while (!__atomic_load_n(&churn_stops, __ATOMIC_RELAXED))
    {
        churn_step(&state, 100 * KIB);
        if (__atomic_add_fetch(&churn_steps, 1, __ATOMIC_RELAXED) % 128 == 0) usleep(300);
    }
    return NULL;
}

__attribute__((unused)) static void churn_start(pthread_t *threads, int count)
{
    __atomic_store_n(&churn_stops, 0, __ATOMIC_RELAXED);
    for (int i = 0; i < count; i++)
    {
        int code = pthread_create(&threads[i], NULL, churn_thread, (void *)(uintptr_t)(i + 1));
        EXPECT(code == 0, "pthread_create gave %d", code);
    }
}

__attribute__((unused)) static void churn_stop(pthread_t *threads, int count)
{
    __atomic_store_n(&churn_stops, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

/// Drops every block of the table, whoever made it.
__attribute__((unused)) static void churn_clear(void)
{
    for (size_t slot = 0; slot < churn_slots; slot++) churn_drop(churn_swap(slot, NULL));
}

#endif
