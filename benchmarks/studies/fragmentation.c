// A long life at constant load: how much more memory is resident than the program has asked for, and does that grow?
//
//     fragmentation THREADS [PERCENT]
//
// The threads together keep 64 MB of blocks. In each era they allocate 44 MB more, of sizes around a typical one that wanders
// up and down from era to era; what is too much is freed at random. When an era ends, what is left of the fourth last one
// dies: the next thread frees it, all but one block in 33, which stay for forty eras more. 1,600 eras are 150 million
// blocks, more than ten times those of the workload drift.
//
// Prints a hundred samples, each at the end of an era: resident bytes / live bytes. Live is what the program asked for and
// has not freed; resident is without what the program had before its first block, its tables included.
#include "study.h"

enum { Eras = 1600, Samples = 100, ErasOfACycle = 80, ErasToDouble = 8 };
enum { LiveBytes = 64 << 20, EraBytes = 44 << 20, Generations = 4, KeptOneOf = 33, ErasKept = 40 };
enum { MostThreads = 64, MostBlocksOfAnEra = EraBytes / 128 };

struct blocks
{
    void **all;
    int count, capacity;
};

struct worker
{
    struct blocks generations[Generations];     // by era
    struct blocks old[ErasKept];                // by the era they outlived their generation in
    int64_t live_bytes;                         // written by the owner; while generations die, by the thread that frees them
    uint64_t random;
};

static struct worker *workers;
static int thread_count;
static long eras;
static pthread_barrier_t together;
static int64_t bytes_at_start;
static int64_t allocated[MostThreads];          // blocks

static void add(struct blocks *blocks, void *block)
{
    expect(blocks->count < blocks->capacity, "a generation has room");
    blocks->all[blocks->count++] = block;
}

// Wanders 64, ... 2048, ... 64 and again.
static size_t typical_bytes(long era)
{
    long step = era % ErasOfACycle;
    if (step > ErasOfACycle / 2) step = ErasOfACycle - step;
    size_t doubling = (size_t)64 << (step / ErasToDouble);
    return doubling + doubling / ErasToDouble * (size_t)(step % ErasToDouble);
}

static void *allocate(struct worker *worker, size_t typical)
{
    size_t bytes = random_below(&worker->random, 200) == 0
        ? random_between(&worker->random, 4096, 65536)
        : random_between(&worker->random, typical / 2, typical * 3 / 2);
    void *block = allocate_marked(bytes);
    worker->live_bytes += (int64_t)bytes;
    return block;
}

static void release(struct worker *owner, void *block)
{
    owner->live_bytes -= (int64_t)check_marked(block);
    free(block);
}

static void free_at_random(struct worker *worker)
{
    struct blocks *blocks;
    do blocks = &worker->generations[random_below(&worker->random, Generations)];
    while (blocks->count == 0);
    int chosen = (int)random_below(&worker->random, (uint32_t)blocks->count);
    release(worker, blocks->all[chosen]);
    blocks->all[chosen] = blocks->all[--blocks->count];
}

// Returns how many blocks it allocated.
static int64_t live_through(struct worker *worker, long era)
{
    struct blocks *young = &worker->generations[era % Generations];
    size_t typical = typical_bytes(era);
    int64_t limit = LiveBytes / thread_count, count = 0;
    for (int64_t bytes = 0; bytes < EraBytes / thread_count; count++)
    {
        int64_t before = worker->live_bytes;
        add(young, allocate(worker, typical));
        bytes += worker->live_bytes - before;
        while (worker->live_bytes > limit) free_at_random(worker);
    }
    return count;
}

static void let_die(struct worker *owner, long era)
{
    struct blocks *dying = &owner->generations[(era + 1) % Generations], *old = &owner->old[era % ErasKept];
    for (int i = 0; i < old->count; i++) release(owner, old->all[i]);
    old->count = 0;
    for (int i = 0; i < dying->count; i++)
    {
        if (i % KeptOneOf == 0) add(old, dying->all[i]);
        else release(owner, dying->all[i]);
    }
    dying->count = 0;
}

static void take_sample(long number)
{
    int64_t live = 0;
    for (int i = 0; i < thread_count; i++) live += workers[i].live_bytes;
    printf("ratio.%02ld %.4f\n", number, (double)(resident_bytes() - bytes_at_start) / (double)live);
}

static void *work(void *argument)
{
    int self = (int)(intptr_t)argument;
    struct worker *before = &workers[(self + thread_count - 1) % thread_count];
    long eras_of_a_sample = eras > Samples ? eras / Samples : 1;
    for (long era = 0; era < eras; era++)
    {
        allocated[self] += live_through(&workers[self], era);
        pthread_barrier_wait(&together);
        if (self == 0 && era % eras_of_a_sample == eras_of_a_sample - 1) take_sample(era / eras_of_a_sample);
        pthread_barrier_wait(&together);
        let_die(before, era);
        pthread_barrier_wait(&together);
    }
    return NULL;
}

static struct blocks map_blocks(int capacity) { return (struct blocks) { map_touched((size_t)capacity * sizeof(void *)), 0, capacity }; }

int main(int argc, char **argv)
{
    thread_count = argc > 1 ? atoi(argv[1]) : 0;
    if (thread_count < 1 || thread_count > MostThreads || argc > 3)
    {
        fprintf(stderr, "usage: fragmentation THREADS [PERCENT]\n");
        return 2;
    }
    eras = scaled(Eras, argc - 1, argv + 1);
    workers = map_touched((size_t)thread_count * sizeof *workers);
    for (int i = 0; i < thread_count; i++)
    {
        for (int j = 0; j < Generations; j++) workers[i].generations[j] = map_blocks(MostBlocksOfAnEra / thread_count);
        for (int j = 0; j < ErasKept; j++) workers[i].old[j] = map_blocks(MostBlocksOfAnEra / KeptOneOf / thread_count + 1);
        workers[i].random = seed_of(50 + (uint64_t)i);
    }
    pthread_barrier_init(&together, NULL, (unsigned)thread_count);
    bytes_at_start = resident_bytes();

    pthread_t threads[MostThreads];
    for (int i = 0; i < thread_count; i++) threads[i] = start_thread(work, (void *)(intptr_t)i);
    for (int i = 0; i < thread_count; i++) pthread_join(threads[i], NULL);

    int64_t blocks = 0;
    for (int i = 0; i < thread_count; i++) blocks += allocated[i];
    printf("blocks %lld\n", (long long)blocks);
    return 0;
}
