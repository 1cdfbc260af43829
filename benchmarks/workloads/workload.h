// What all workloads share: the seeded random sequence, marks that betray a broken allocator, and threads.
// A workload does a fixed number of operations, never "as many as fit into a second"; its one argument,
// a percentage, scales that number (a test runs `churn 5`).
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void expect(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "broken heap: %s\n", what);
    abort();
}

// The operation count `full`, scaled by the percentage on the command line if there is one.
static inline long scaled(long full, int argc, char **argv)
{
    long percent = argc > 1 ? atol(argv[1]) : 100;
    expect(percent > 0, "the argument is a percentage above 0");
    long count = full * percent / 100;
    return count > 0 ? count : 1;
}

// xorshift64*: fast, and the same on every machine. The state must not be 0.
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545F4914F6CDD1DULL;
}

static inline uint32_t random_below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)(((next_random(state) >> 32) * limit) >> 32);
}

static inline size_t random_between(uint64_t *state, size_t lowest, size_t highest)
{
    return lowest + random_below(state, (uint32_t)(highest - lowest + 1));
}

static inline uint64_t seed_of(uint64_t number) { return (number + 1) * 0x9E3779B97F4A7C15ULL; }

// A marked block carries its size and a mark made of it in every `MarkStride` bytes and in its last byte, as a
// program would that uses all of its block. Two blocks that overlap, or a size that was cut, show up.
enum { MarkStride = 256, SmallestMarked = 16 };

static inline unsigned char mark_of(size_t bytes) { return (unsigned char)(bytes * 131 + 7); }

static inline void *allocate_marked(size_t bytes)
{
    expect(bytes >= SmallestMarked, "a marked block has room for its size");
    unsigned char *block = malloc(bytes);
    expect(block != NULL && ((uintptr_t)block & 15) == 0, "malloc gives an aligned block");
    for (size_t at = MarkStride; at < bytes; at += MarkStride) block[at] = mark_of(bytes);
    block[bytes - 1] = mark_of(bytes);
    memcpy(block, &bytes, sizeof bytes);
    return block;
}

static inline size_t check_marked(const void *marked)
{
    const unsigned char *block = marked;
    size_t bytes;
    memcpy(&bytes, block, sizeof bytes);
    expect(bytes >= SmallestMarked && block[bytes - 1] == mark_of(bytes), "a block holds what was written");
    if (bytes > 2 * MarkStride) expect(block[bytes / 2 & ~(size_t)(MarkStride - 1)] == mark_of(bytes), "a block holds what was written");
    return bytes;
}

static inline void free_marked(void *block)
{
    if (block == NULL) return;
    check_marked(block);
    free(block);
}

static inline pthread_t start_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    expect(pthread_create(&thread, NULL, body, argument) == 0, "a thread starts");
    return thread;
}
