// The time of each single malloc and each single free.
//
//     latency LOAD MINIMA [PERCENT]
//
// LOAD is mixed, burst, large (one thread) or remote (two). All of a load's sizes come from a fixed seed: the operation with
// a given number is the same in each process. MINIMA is a file that keeps the least time of each operation over all
// processes that were given it: an interrupt hits another operation each time, what the allocator does comes again. With
// two threads it doesn't come again, so remote takes "-", no file.
//
// Prints percentiles in ns of this process ("run.malloc.p50") and of the minima ("least.malloc.p50"). Only malloc and free
// are inside of the interval; the cost of an empty one is subtracted. Times go to tables mapped and touched before, so the
// tool itself allocates nothing, and a block's OS pages are touched after its malloc's interval.
#include "study.h"
#include "ring.h"

enum { Slots = 20000, MixedReplacements = 1000000 };
enum { Bursts = 4, BurstBytes = 200 << 20, LargestBurst = 1 << 17 };
enum { LargeSlots = 48, LargeReplacements = 20000 };
enum { RemoteBlocks = 1000000 };
enum { EmptyIntervals = 100001, CalibrationNs = 50 * 1000 * 1000 };

struct times
{
    uint32_t *ticks;    // of each operation, in order
    size_t count, capacity;
};

static struct times mallocs, frees;     // in the load remote each is one thread's
static uint32_t empty_ticks;            // of an interval with nothing in it
static double ns_of_tick;

static inline uint64_t ticks_now(void)
{
    uint64_t ticks;
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    ticks = (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks) : : "memory");
#else
#error "no counter known for this processor"
#endif
    return ticks;
}

static inline void note(struct times *times, uint64_t begin, uint64_t end)
{
    uint64_t ticks = end - begin;
    ticks = ticks > empty_ticks ? ticks - empty_ticks : 0;
    expect(times->count < times->capacity, "the table of times has room");
    times->ticks[times->count++] = ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
}

static void *timed_malloc(size_t bytes)
{
    uint64_t begin = ticks_now();
    char *block = malloc(bytes);
    uint64_t end = ticks_now();
    note(&mallocs, begin, end);
    expect(block != NULL, "malloc gives a block");
    for (size_t at = 0; at < bytes; at += OsPageBytes) block[at] = 1;
    block[bytes - 1] = 1;
    return block;
}

static void timed_free(void *block)
{
    uint64_t begin = ticks_now();
    free(block);
    uint64_t end = ticks_now();
    note(&frees, begin, end);
}

// Fills the slots, then replaces a random one again and again.
static void replace(uint32_t slot_count, long replacements, size_t lowest, uint32_t doublings, uint64_t seed)
{
    void **slots = map_touched(slot_count * sizeof *slots);
    uint64_t random = seed_of(seed);
    for (uint32_t i = 0; i < slot_count; i++) slots[i] = timed_malloc(skewed_bytes(&random, lowest, doublings));
    for (long i = 0; i < replacements; i++)
    {
        uint32_t slot = random_below(&random, slot_count);
        timed_free(slots[slot]);
        slots[slot] = timed_malloc(skewed_bytes(&random, lowest, doublings));
    }
    for (uint32_t i = 0; i < slot_count; i++) timed_free(slots[i]);
}

static void burst(size_t burst_bytes)
{
    void **blocks = map_touched(LargestBurst * sizeof *blocks);
    uint64_t random = seed_of(31);
    for (int i = 0; i < Bursts; i++)
    {
        int count = 0;
        for (size_t live = 0; live < burst_bytes;)
        {
            size_t bytes = skewed_bytes(&random, 16, 11);
            expect(count < LargestBurst, "a burst has room for its blocks");
            blocks[count++] = timed_malloc(bytes);
            live += bytes;
        }
        for (int j = 0; j < count; j++) timed_free(blocks[j]);
    }
}

static struct ring ring;

static void *free_remote(void *argument)
{
    unsigned spins = 0;
    for (long left = (intptr_t)argument; left > 0;)
    {
        void *block = ring_pop(&ring);
        if (block == NULL)
        {
            ring_wait(&spins);
            continue;
        }
        timed_free(block);
        left--;
    }
    return NULL;
}

static void remote(long blocks)
{
    uint64_t random = seed_of(33);
    unsigned spins = 0;
    pthread_t freer = start_thread(free_remote, (void *)(intptr_t)blocks);
    for (long i = 0; i < blocks; i++)
    {
        void *block = timed_malloc(skewed_bytes(&random, 16, 8));
        while (!ring_push(&ring, block)) ring_wait(&spins);
    }
    pthread_join(freer, NULL);
}

static int compare_ticks(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void calibrate(void)
{
    static uint32_t empty[EmptyIntervals];
    for (int i = 0; i < EmptyIntervals; i++)
    {
        uint64_t begin = ticks_now();
        uint64_t end = ticks_now();
        empty[i] = (uint32_t)(end - begin);
    }
    qsort(empty, EmptyIntervals, sizeof *empty, compare_ticks);
    empty_ticks = empty[EmptyIntervals / 2];

    int64_t begin_ns = now_ns(), end_ns;
    uint64_t begin = ticks_now(), end;
    do
    {
        end_ns = now_ns();
        end = ticks_now();
    } while (end_ns - begin_ns < CalibrationNs);
    ns_of_tick = (double)(end_ns - begin_ns) / (double)(end - begin);
}

// Sorts the ticks.
static void print(const char *whose, const char *operation, uint32_t *ticks, size_t count)
{
    static const struct { const char *name; double share; } ranks[] =
        { { "p50", 0.5 }, { "p99", 0.99 }, { "p99.9", 0.999 }, { "p99.99", 0.9999 }, { "max", 1 } };
    qsort(ticks, count, sizeof *ticks, compare_ticks);
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
    {
        size_t rank = (size_t)(ranks[i].share * (double)count + 0.5);   // nearest rank, from 1
        printf("%s.%s.%s %.1f\n", whose, operation, ranks[i].name, ticks[rank > 0 ? rank - 1 : 0] * ns_of_tick);
    }
}

// The file's times become the lesser of what they were and this process's. A new file is all zeros: it takes them as they are.
static void keep_minima(const char *path, struct times *times, size_t at, bool is_new)
{
    if (times->count == 0) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    size_t bytes = times->count * sizeof *times->ticks;
    uint32_t *minima = malloc(bytes);
    expect(file >= 0 && minima != NULL, "the file of minima can be read");
    if (is_new) memcpy(minima, times->ticks, bytes);
    else expect(pread(file, minima, bytes, (off_t)at) == (ssize_t)bytes, "the file of minima is of the same load");
    for (size_t i = 0; i < times->count; i++)
        if (times->ticks[i] < minima[i]) minima[i] = times->ticks[i];
    expect(pwrite(file, minima, bytes, (off_t)at) == (ssize_t)bytes, "the file of minima can be written");
    close(file);
    print("least", times == &mallocs ? "malloc" : "free", minima, times->count);
    free(minima);
}

int main(int argc, char **argv)
{
    const char *load = argc > 1 ? argv[1] : "", *minima = argc > 2 ? argv[2] : "-";
    bool is_mixed = strcmp(load, "mixed") == 0, is_burst = strcmp(load, "burst") == 0;
    bool is_large = strcmp(load, "large") == 0, is_remote = strcmp(load, "remote") == 0;
    if (argc < 3 || argc > 4 || !(is_mixed || is_burst || is_large || is_remote))
    {
        fprintf(stderr, "usage: latency mixed|burst|large|remote MINIMA|- [PERCENT]\n");
        return 2;
    }
    mallocs.capacity = frees.capacity = Slots + MixedReplacements;
    mallocs.ticks = map_touched(mallocs.capacity * sizeof *mallocs.ticks);
    frees.ticks = map_touched(frees.capacity * sizeof *frees.ticks);
    calibrate();
    free(malloc(1)); // how the allocator begins is another question

    if (is_mixed) replace(Slots, scaled(MixedReplacements, argc - 2, argv + 2), 16, 11, 30);
    if (is_burst) burst((size_t)scaled(BurstBytes, argc - 2, argv + 2));
    if (is_large) replace(LargeSlots, scaled(LargeReplacements, argc - 2, argv + 2), 64 * 1024, 7, 32);
    if (is_remote) remote(scaled(RemoteBlocks, argc - 2, argv + 2));

    if (strcmp(minima, "-") != 0)
    {
        int file = open(minima, O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (file >= 0) close(file);
        keep_minima(minima, &mallocs, 0, file >= 0);
        keep_minima(minima, &frees, mallocs.count * sizeof *mallocs.ticks, file >= 0);
    }
    print("run", "malloc", mallocs.ticks, mallocs.count);
    print("run", "free", frees.ticks, frees.count);
    return 0;
}
