// Contents that a test can recognise again: each 8-byte word is a mix of a seed and its index. And random numbers.
#ifndef LAMPYRIS_TESTS_PATTERN_H
#define LAMPYRIS_TESTS_PATTERN_H

#include "expect.h"

__attribute__((unused)) static inline uint64_t mix(uint64_t x)
{
    x *= 0x9E3779B97F4A7C15u;
    x ^= x >> 29;
    x *= 0xBF58476D1CE4E5B9u;
    return x ^ x >> 32;
}

/// xorshift64*: the state must not be 0.
__attribute__((unused)) static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1Du;
}

__attribute__((unused)) static inline uint64_t pattern_word(uint64_t seed, size_t index) { return mix(seed + index); }

/// Fills bytes [from, to) of a block with the pattern of `seed`. `from` is a multiple of 8.
__attribute__((unused)) static void fill_from(void *block, size_t from, size_t to, uint64_t seed)
{
    unsigned char *bytes = (unsigned char *)block;
    size_t at = from;
    for (; at + 8 <= to; at += 8)
    {
        uint64_t word = pattern_word(seed, at / 8);
        memcpy(bytes + at, &word, 8);
    }
    if (at < to)
    {
        uint64_t word = pattern_word(seed, at / 8);
        memcpy(bytes + at, &word, to - at);
    }
}

__attribute__((unused)) static void fill(void *block, size_t bytes, uint64_t seed) { fill_from(block, 0, bytes, seed); }

/// The offset of the first byte that is not the pattern's; `bytes` when all are.
__attribute__((unused)) static size_t first_wrong_byte(const void *block, size_t bytes, uint64_t seed)
{
    const unsigned char *seen = (const unsigned char *)block;
    for (size_t at = 0; at < bytes; at += 8)
    {
        uint64_t word = pattern_word(seed, at / 8);
        size_t part = bytes - at < 8 ? bytes - at : 8;
        if (memcmp(seen + at, &word, part) == 0) continue;
        for (size_t i = 0; i < part; i++)
            if (seen[at + i] != ((unsigned char *)&word)[i]) return at + i;
    }
    return bytes;
}

/// The offset of the first byte that is not zero; `bytes` when all are.
__attribute__((unused)) static size_t first_nonzero_byte(const void *block, size_t bytes)
{
    const unsigned char *seen = (const unsigned char *)block;
    size_t at = 0;
    for (; at + 8 <= bytes; at += 8)
    {
        uint64_t word;
        memcpy(&word, seen + at, 8);
        if (word != 0) break;
    }
    for (; at < bytes; at++)
        if (seen[at] != 0) return at;
    return bytes;
}

#define EXPECT_PATTERN(block, bytes, seed, what)                                                                      \
    do                                                                                                                \
    {                                                                                                                 \
        size_t wrong_ = first_wrong_byte(block, bytes, seed);                                                         \
        if (wrong_ != (bytes))                                                                                        \
            expectation_failed(__FILE__, __LINE__, "its contents kept", "%s: byte %zu of %zu at %p is %02x", what,    \
                               wrong_, (size_t)(bytes), (const void *)(block), ((const unsigned char *)(block))[wrong_]); \
    } while (0)

#endif
