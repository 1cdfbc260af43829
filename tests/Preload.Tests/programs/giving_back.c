// Memory that goes back by default, within seconds: after the owner has gone to sleep, after the process has stopped
// calling malloc, from partly used pages; and a long run of producers and consumers that does not grow.
#include "support/case.h"
#include "support/churn.h"

enum { patience_ms = 4000 }; // the purge delay is half a second

#define EXPECT_BACK(before, most_more, what)                                                                          \
    do                                                                                                                \
    {                                                                                                                 \
        size_t peak_ = resident_bytes(), seen_ = resident_falls_to((before) + (most_more), patience_ms);              \
        say("%s: resident %zu KiB before, %zu KiB at the peak, %zu KiB in the end", what, (before) / KIB, peak_ / KIB, seen_ / KIB); \
        EXPECT(seen_ <= (before) + (most_more), "%s: resident %zu KiB before, %zu KiB at the peak, %zu KiB %d ms later", what, \
               (before) / KIB, peak_ / KIB, seen_ / KIB, patience_ms);                                                \
    } while (0)

CASE(process_stops_calling, "a process that frees 150 MiB of small blocks and then never calls malloc again gives them back", ONLY_LAMPYRIS)
{
    enum { count = 300000 };
    static char *blocks[count];
    size_t before = resident_bytes();
    for (int i = 0; i < count; i++) memset(blocks[i] = malloc(16 + (size_t)i * 7 % 1000), 1, 16 + (size_t)i * 7 % 1000);
    for (int i = 0; i < count; i++) free(blocks[i]);
    EXPECT_BACK(before, 6 * MIB, "all freed by their own thread");
}

CASE(one_in_a_thousand_stays, "1 block in 1,000 that stays does not keep the OS pages around it", ONLY_LAMPYRIS)
{
    enum { count = 300000 };
    static char *blocks[count];
    size_t before = resident_bytes();
    for (int i = 0; i < count; i++) memset(blocks[i] = malloc(16 + (size_t)i * 7 % 1000), i, 16 + (size_t)i * 7 % 1000);
    for (int i = 0; i < count; i++)
        if (i % 1000 != 0) free(blocks[i]);
    // 300 blocks stay, on at most two OS pages each: 2.4 MiB.
    EXPECT_BACK(before, 9 * MIB, "999 of 1,000 freed");
    for (int i = 0; i < count; i += 1000)
        for (int at = 0; at < 16; at++) EXPECT(blocks[i][at] == (char)i, "block %d changed", i);
}

enum { sleepers = 4, each = 60000 };
static char *theirs[sleepers][each];
static int filled, wake_up;

static void *fill_and_sleep(void *number)
{
    size_t me = (size_t)(uintptr_t)number;
    for (int i = 0; i < each; i++) memset(theirs[me][i] = malloc(16 + (size_t)i * 13 % 1000), 1, 16 + (size_t)i * 13 % 1000);
    __atomic_fetch_add(&filled, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&wake_up, __ATOMIC_ACQUIRE)) sleep_ms(20);
    char *again = malloc(500);
    memset(again, 1, 500);
    free(again);
    return NULL;
}

CASE(owners_sleep, "120 MiB that four threads made and another thread frees while they sleep go back", ONLY_LAMPYRIS)
{
    pthread_t threads[sleepers];
    size_t before = resident_bytes();
    for (uintptr_t i = 0; i < sleepers; i++) pthread_create(&threads[i], NULL, fill_and_sleep, (void *)i);
    while (__atomic_load_n(&filled, __ATOMIC_ACQUIRE) < sleepers) sleep_ms(5);
    for (int i = 0; i < sleepers; i++)
        for (int j = 0; j < each; j++) free(theirs[i][j]);
    EXPECT_BACK(before, 8 * MIB, "freed while the owners sleep");
    __atomic_store_n(&wake_up, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < sleepers; i++) pthread_join(threads[i], NULL);
}

CASE(owners_ended, "120 MiB that four ended threads left and another thread frees go back", ONLY_LAMPYRIS)
{
    pthread_t threads[sleepers];
    size_t before = resident_bytes();
    wake_up = 1;
    for (uintptr_t i = 0; i < sleepers; i++) pthread_create(&threads[i], NULL, fill_and_sleep, (void *)i);
    for (int i = 0; i < sleepers; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < sleepers; i++)
        for (int j = 0; j < each; j++) free(theirs[i][j]);
    EXPECT_BACK(before, 6 * MIB, "freed after the owners' end");
}

CASE(large_blocks, "150 MiB of blocks of 20 KiB to 8 MiB go back", ONLY_LAMPYRIS)
{
    char *blocks[400];
    size_t before = resident_bytes(), total = 0;
    int count = 0;
    for (size_t bytes = 20 * KIB; total < 150 * MIB; bytes = bytes * 5 / 4 > 8 * MIB ? 20 * KIB : bytes * 5 / 4, total += bytes)
        memset(blocks[count++] = malloc(bytes), 1, bytes);
    for (int i = 0; i < count; i++) free(blocks[i]);
    EXPECT_BACK(before, 6 * MIB, "large blocks");
}

CASE(active_thread_gives_back_too, "a thread that goes on with a little work gives back what it freed before", ONLY_LAMPYRIS)
{
    enum { count = 200000 };
    static char *blocks[count];
    size_t before = resident_bytes();
    for (int i = 0; i < count; i++) memset(blocks[i] = malloc(500), 1, 500);
    for (int i = 0; i < count; i++) free(blocks[i]);
    long end = now_ms() + patience_ms;
    while (now_ms() < end && resident_bytes() > before + 8 * MIB)
        for (int i = 0; i < 1000; i++) free(memset(malloc(500), 1, 500));
    size_t after = resident_bytes();
    EXPECT(after <= before + 8 * MIB, "resident %zu KiB before, %zu KiB %d ms later", before / KIB, after / KIB, patience_ms);
}

enum { queue_slots = 2000 };
static char *queue[queue_slots];
static size_t put, taken;
static int produced_all;
static size_t queue_block_bytes(size_t number) { return 16 + mix(number) % (number % 50 == 0 ? 40000 : 1200); }

static void *producer(void *deadline)
{
    while (now_ms() < (long)(uintptr_t)deadline)
        for (int i = 0; i < 200; i++)
        {
            size_t number = __atomic_fetch_add(&put, 1, __ATOMIC_RELAXED);
            char *block = malloc(queue_block_bytes(number)), *none;
            memset(block, (int)number, queue_block_bytes(number));
            memcpy(block, &number, sizeof number);
            do
            {
                none = NULL;
                if (__atomic_compare_exchange_n(&queue[number % queue_slots], &none, block, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) break;
                sched_yield();
            } while (1);
        }
    return NULL;
}

static void *consumer(void *start)
{
    for (size_t slot = (size_t)(uintptr_t)start; !__atomic_load_n(&produced_all, __ATOMIC_ACQUIRE); slot += 2)
    {
        char *block = __atomic_exchange_n(&queue[slot % queue_slots], NULL, __ATOMIC_ACQ_REL);
        if (slot % queue_slots < 2) sched_yield();
        if (block == NULL) continue;
        size_t number;
        memcpy(&number, block, sizeof number);
        size_t bytes = queue_block_bytes(number);
        EXPECT(bytes == 16 || block[bytes - 1] == (char)number, "block %zu changed", number);
        free(block);
        __atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

CASE(producers_and_consumers, "two threads that only allocate and two that only free run for 8 s without growth")
{
    pthread_t threads[4];
    long deadline = now_ms() + 8000;
    size_t early = 0, most = 0;
    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i < 2 ? producer : consumer, i < 2 ? (void *)(uintptr_t)deadline : (void *)(i - 2));
    while (now_ms() < deadline)
    {
        sleep_ms(200);
        size_t now = resident_bytes();
        if (now_ms() < deadline - 6000) early = now > early ? now : early;
        else most = now > most ? now : most;
    }
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    __atomic_store_n(&produced_all, 1, __ATOMIC_RELEASE);
    pthread_join(threads[2], NULL);
    pthread_join(threads[3], NULL);
    say("%zu blocks handed over; resident at most %zu KiB in the first 2 s, %zu KiB later", taken, early / KIB, most / KIB);
    EXPECT(taken > 20000, "%zu blocks handed over", taken);
    EXPECT(most < early * 3 / 2 + 8 * MIB, "resident at most %zu KiB in the first 2 s, %zu KiB later", early / KIB, most / KIB);
}

// A single producer whose blocks are always freed elsewhere, in waves: the shape that makes an owner grow for ever
// when it does not see what the others freed.
static char *wave[40000];
static pthread_barrier_t turn;

static void *drop_waves(void *rounds)
{
    for (intptr_t i = 0; i < (intptr_t)rounds; i++)
    {
        pthread_barrier_wait(&turn);
        for (int j = 0; j < 40000; j++) free(wave[j]);
        pthread_barrier_wait(&turn);
    }
    return NULL;
}

CASE(waves_freed_elsewhere, "40 waves of 20 MiB made by one thread and freed by another take the room of one or two")
{
    enum { rounds = 40 };
    pthread_t thread;
    pthread_barrier_init(&turn, NULL, 2);
    size_t before = resident_bytes(), first = 0, most = 0;
    pthread_create(&thread, NULL, drop_waves, (void *)(intptr_t)rounds);
    for (int i = 0; i < rounds; i++)
    {
        for (size_t j = 0; j < 40000; j++) memset(wave[j] = malloc(16 + j * 7 % 1000), 1, 16 + j * 7 % 1000);
        size_t now = resident_bytes() - before;
        if (i == 0) first = now;
        if (now > most) most = now;
        pthread_barrier_wait(&turn);
        pthread_barrier_wait(&turn);
    }
    pthread_join(thread, NULL);
    say("the first wave took %zu KiB, the most was %zu KiB", first / KIB, most / KIB);
    EXPECT(most < first * 5 / 2, "the first wave took %zu KiB, the most was %zu KiB", first / KIB, most / KIB);
}

enum { handed_count = 200000 };
static char *handed[handed_count];

static void *free_and_grow(void *unused)
{
    (void)unused;
    for (int i = 0; i < handed_count; i++) free(handed[i]);
    // As much again in other sizes, a MiB each millisecond: faster than memory that has to be idle first comes free.
    for (size_t bytes = 0; bytes < 90 * MIB; bytes += 300)
    {
        memset(malloc(300), 1, 300);
        if (bytes / MIB != (bytes + 300) / MIB) sleep_ms(1);
    }
    return NULL;
}

CASE(growth_takes_from_sleepers, "a thread that grows gets the room that another left when it went to sleep, at once", ONLY_LAMPYRIS)
{
    pthread_t thread;
    size_t before = resident_bytes();
    for (int i = 0; i < handed_count; i++) memset(handed[i] = malloc(450), 1, 450);
    size_t full = resident_bytes() - before;
    pthread_create(&thread, NULL, free_and_grow, NULL);
    pthread_join(thread, NULL);
    size_t most = peak_resident_bytes() - before;
    say("%zu KiB made, freed elsewhere, as much taken there: %zu KiB at the peak", full / KIB, most / KIB);
    EXPECT(most < full * 3 / 2, "%zu KiB made, freed elsewhere, as much taken there: %zu KiB at the peak", full / KIB, most / KIB);
}
