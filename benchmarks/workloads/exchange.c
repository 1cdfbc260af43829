// Exchange: eight threads build up blocks, some to keep until they end and some to drop on the way, and swap others
// through a shared table, of which the main thread frees a part between the rounds. After `mstress` of mimalloc's tests.
#include "workload.h"
#include <stdatomic.h>

enum { Threads = 8, Swapped = 1000, Rounds = 20 };

static _Atomic(void *) table[Swapped];
static long blocks_of_the_first;       // the others have more: thread i has (i + 1) times as many

struct worker
{
    uint64_t random;
    int number;
};

static size_t request_bytes(uint64_t *random)
{
    uint32_t kind = random_below(random, 1000);
    if (kind < 2) return random_between(random, 8193, 65536);
    if (kind < 20) return random_between(random, 1025, 8192);
    if (kind < 250) return random_between(random, 65, 1024);
    return random_between(random, 16, 64);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    uint64_t *random = &worker->random;
    long dropping = blocks_of_the_first * (worker->number + 1), keeping = dropping / 2, dropped = 0, kept = 0;
    void **drop = calloc((size_t)dropping, sizeof *drop), **keep = calloc((size_t)keeping + 1, sizeof *keep);
    expect(drop != NULL && keep != NULL, "calloc gives a table");
    while (dropped < dropping || kept < keeping)
    {
        if (kept == keeping || (dropped < dropping && random_below(random, 2) != 0)) drop[dropped++] = allocate_marked(request_bytes(random));
        else keep[kept++] = allocate_marked(request_bytes(random));
        if (dropped == 0) continue;
        void **one = &drop[random_below(random, (uint32_t)dropped)];
        if (random_below(random, 3) != 0)
        {
            free_marked(*one);
            *one = NULL;
        }
        one = &drop[random_below(random, (uint32_t)dropped)];
        if (random_below(random, 4) == 0) *one = atomic_exchange(&table[random_below(random, Swapped)], *one);
    }
    for (long i = 0; i < dropped; i++) free_marked(drop[i]);
    for (long i = 0; i < kept; i++) free_marked(keep[i]);
    free(drop);
    free(keep);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct worker workers[Threads];
    blocks_of_the_first = scaled(6000, argc, argv);
    for (int i = 0; i < Threads; i++) workers[i] = (struct worker){ .random = seed_of(110 + (uint64_t)i), .number = i };
    for (int round = 0; round < Rounds; round++)
    {
        pthread_t threads[Threads];
        for (int i = 0; i < Threads; i++) threads[i] = start_thread(work, &workers[i]);
        for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);
        for (int i = round % 2; i < Swapped; i += 2) free_marked(atomic_exchange(&table[i], NULL));
    }
    for (int i = 0; i < Swapped; i++) free_marked(table[i]);
    return 0;
}
