// A queue of blocks from one thread to one other, without locks.
#pragma once
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { RingBlocks = 4096, SpinsBeforeYield = 1000 };

struct ring
{
    _Alignas(128) _Atomic size_t pushed;    // written by the sender; its release pairs with the receiver's acquire
    size_t popped_seen;                     // sender only: `popped` when it last looked
    _Alignas(128) _Atomic size_t popped;    // written by the receiver; its release pairs with the sender's acquire
    _Alignas(128) void *blocks[RingBlocks];
};

static inline bool ring_push(struct ring *ring, void *block)
{
    size_t pushed = atomic_load_explicit(&ring->pushed, memory_order_relaxed);
    if (pushed - ring->popped_seen == RingBlocks)
    {
        ring->popped_seen = atomic_load_explicit(&ring->popped, memory_order_acquire);
        if (pushed - ring->popped_seen == RingBlocks) return false;
    }
    ring->blocks[pushed % RingBlocks] = block;
    atomic_store_explicit(&ring->pushed, pushed + 1, memory_order_release);
    return true;
}

// Null: it is empty.
static inline void *ring_pop(struct ring *ring)
{
    size_t popped = atomic_load_explicit(&ring->popped, memory_order_relaxed);
    if (popped == atomic_load_explicit(&ring->pushed, memory_order_acquire)) return NULL;
    void *block = ring->blocks[popped % RingBlocks];
    atomic_store_explicit(&ring->popped, popped + 1, memory_order_release);
    return block;
}

// One step of waiting: the other thread may be running, or may need this core.
static inline void ring_wait(unsigned *spins)
{
    if (++*spins % SpinsBeforeYield == 0) sched_yield();
}
