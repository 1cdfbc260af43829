// A server after a burst: eight threads fill 500 MB with blocks of 16 bytes to 256 KiB, then free all but one in a hundred,
// chosen at random, and sleep. Nothing calls the allocator any more.
//
//     burst [PERCENT]
//
// Prints resident KB when full and after five seconds, and the milliseconds until resident memory was at most 1.3 times
// what is live and what the program had before the burst; -1 if that did not happen; and until it had
// lost 19 of 20 bytes of what it lost in the five seconds. The OS pages that hold live blocks can't go back whatever the
// allocator does.
#include "study.h"

enum { Threads = 8, BurstBytes = 500 << 20, MostBlocks = 1 << 15, KeptOneOf = 100 };
enum { IdleMs = 5000, LookEveryMs = 10 };

static void *blocks[Threads][MostBlocks];
static int64_t kept_bytes[Threads], kept_pages[Threads];     // OS pages that hold a part of a block
static size_t bytes_of_a_thread;
static pthread_barrier_t ready, full, freed, end;

static void keep(int self, void *block)
{
    size_t bytes = check_marked(block);
    kept_bytes[self] += (int64_t)bytes;
    kept_pages[self] += (int64_t)(((uintptr_t)block + bytes - 1) / OsPageBytes - (uintptr_t)block / OsPageBytes + 1);
}

static void *work(void *argument)
{
    int self = (int)(intptr_t)argument, count = 0;
    uint64_t random = seed_of(60 + (uint64_t)self);
    free_marked(allocate_marked(SmallestMarked));   // what the allocator has for each thread is there before the burst
    pthread_barrier_wait(&ready);
    pthread_barrier_wait(&ready);
    for (size_t live = 0; live < bytes_of_a_thread;)
    {
        expect(count < MostBlocks, "a thread has room for its blocks");
        size_t bytes = skewed_bytes(&random, 16, 14);
        blocks[self][count++] = allocate_marked(bytes);
        live += bytes;
    }
    pthread_barrier_wait(&full);
    pthread_barrier_wait(&full);
    for (int i = count - 1; i > 0; i--)             // in a random order
    {
        int other = (int)random_below(&random, (uint32_t)i + 1);
        void *block = blocks[self][i];
        blocks[self][i] = blocks[self][other];
        blocks[self][other] = block;
    }
    for (int i = 0; i < count; i++)
    {
        if (i % KeptOneOf == 0) keep(self, blocks[self][i]);
        else free_marked(blocks[self][i]);
    }
    pthread_barrier_wait(&freed);
    pthread_barrier_wait(&end);
    return NULL;
}

int main(int argc, char **argv)
{
    bytes_of_a_thread = (size_t)scaled(BurstBytes, argc, argv) / Threads;
    memset(blocks, 1, sizeof blocks);
    pthread_barrier_t *barriers[] = { &ready, &full, &freed, &end };
    for (int i = 0; i < 4; i++) pthread_barrier_init(barriers[i], NULL, Threads + 1);
    pthread_t threads[Threads];
    for (int i = 0; i < Threads; i++) threads[i] = start_thread(work, (void *)(intptr_t)i);

    pthread_barrier_wait(&ready);
    int64_t bytes_before = resident_bytes();
    pthread_barrier_wait(&ready);
    pthread_barrier_wait(&full);
    int64_t full_bytes = resident_bytes();
    pthread_barrier_wait(&full);
    pthread_barrier_wait(&freed);

    int64_t begin_ns = now_ns(), kept = 0, pages = 0;
    for (int i = 0; i < Threads; i++)
    {
        kept += kept_bytes[i];
        pages += kept_pages[i];
    }
    static struct { int64_t ms, bytes; } looks[IdleMs / LookEveryMs + 1];
    int look_count = 0;
    for (int64_t ms = 0; ms < IdleMs; ms = (now_ns() - begin_ns) / 1000000)
    {
        looks[look_count].ms = ms;
        looks[look_count++].bytes = resident_bytes();
        usleep(LookEveryMs * 1000);
    }
    int64_t idle_bytes = resident_bytes(), small_ms = -1, settled_ms = -1;
    for (int i = look_count - 1; i >= 0; i--)
    {
        if (looks[i].bytes * 10 <= kept * 13 + bytes_before * 10) small_ms = looks[i].ms;
        if (looks[i].bytes <= idle_bytes + (full_bytes - idle_bytes) / 20) settled_ms = looks[i].ms;
    }
    printf("before_resident_kb %lld\n", (long long)bytes_before / 1024);
    printf("full_resident_kb %lld\n", (long long)full_bytes / 1024);
    printf("live_kb %lld\n", (long long)kept / 1024);
    printf("live_pages_kb %lld\n", (long long)pages * OsPageBytes / 1024);
    printf("idle_resident_kb %lld\n", (long long)idle_bytes / 1024);
    printf("small_ms %lld\n", (long long)small_ms);
    printf("settled_ms %lld\n", (long long)settled_ms);
    pthread_barrier_wait(&end);
    for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);
    return 0;
}
