// Programs under ulimit: an address space of 8, 16, 64 and 400 MB, of data, of nothing left. What can't be had gives
// NULL and ENOMEM, and the heap is whole afterwards.
#include "support/case.h"
#include "support/churn.h"
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>

static void limit(int resource, size_t bytes)
{
    struct rlimit now, wanted;
    getrlimit(resource, &now);
    wanted = (struct rlimit){bytes < now.rlim_max ? bytes : now.rlim_max, now.rlim_max};
    EXPECT(setrlimit(resource, &wanted) == 0, "setrlimit(%d, %zu): errno %d", resource, bytes, errno);
}

struct link
{
    struct link *next;
    size_t bytes;
};

/// How much of a block is filled: its beginning is enough to notice one that overlaps another.
static size_t filled_bytes(const struct link *one)
{
    return one->bytes - sizeof *one < 400 ? one->bytes - sizeof *one : 400;
}

/// Takes blocks of one size until there are none; all of them, as a list.
static struct link *take_all(size_t bytes, size_t *total)
{
    struct link *list = NULL;
    *total = 0;
    for (;;)
    {
        errno = 0;
        struct link *one = malloc(bytes);
        if (one == NULL)
        {
            EXPECT(errno == ENOMEM, "malloc(%zu) gave NULL after %zu KiB, errno %d", bytes, *total / KIB, errno);
            return list;
        }
        one->next = list;
        one->bytes = bytes;
        fill(one + 1, filled_bytes(one), bytes);
        list = one;
        *total += bytes;
    }
}

static void drop_all(struct link *list)
{
    while (list != NULL)
    {
        struct link *next = list->next;
        EXPECT_PATTERN(list + 1, filled_bytes(list), list->bytes, "a block under a limit");
        free(list);
        list = next;
    }
}

CASE(fill_and_recover, "all memory taken in blocks of one size can be freed and taken again in blocks of another")
{
    struct rlimit now;
    getrlimit(RLIMIT_AS, &now);
    size_t most = now.rlim_cur;
    if (most == RLIM_INFINITY)
    {
        getrlimit(RLIMIT_DATA, &now);
        most = now.rlim_cur;
        if (most == RLIM_INFINITY) limit(RLIMIT_AS, most = virtual_bytes() + 100 * MIB);
    }
    size_t start = virtual_bytes(), left = most > start ? most - start : 0, first = 0;
    static const size_t sizes[] = {1000, 40000, 300000, 48, 2000000, 5000, 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        size_t total;
        drop_all(take_all(sizes[i], &total));
        EXPECT_WHOLE_HEAP();
        if (i == 0) first = total;
        say("of %zu KiB, %zu left at start: %zu KiB in blocks of %zu", most / KIB, left / KIB, total / KIB, sizes[i]);
        // What a limit of 64 MB and more leaves is mostly to be had, in any size; a smaller one must give something.
        size_t least = left < 40 * MIB ? (sizes[i] < 5001 ? 100 * KIB : 0) : sizes[i] < 100 ? left / 3 : left / 2;
        EXPECT(total >= least, "%zu KiB in blocks of %zu, of %zu KiB left at start", total / KIB, sizes[i], left / KIB);
        EXPECT(i != 6 || total >= first - first / 5, "%zu KiB in blocks of %zu at first, %zu KiB in the end", first / KIB, sizes[i], total / KIB);
    }
}

static void start_again_under(int resource, size_t bytes, const char *name)
{
    limit(resource, bytes);
    execl("/proc/self/exe", "limits", name, NULL);
    EXPECT(0, "exec: errno %d", errno);
}

CASE(under_8_mb, "a program under ulimit -v of 8 MB starts, gets what there is, then ENOMEM, and recovers", ENDS("ok fill_and_recover\n"))
{
    start_again_under(RLIMIT_AS, 8 * MIB, "fill_and_recover");
}
CASE(under_16_mb, "a program under ulimit -v of 16 MB starts, gets what there is, then ENOMEM, and recovers", ENDS("ok fill_and_recover\n"))
{
    start_again_under(RLIMIT_AS, 16 * MIB, "fill_and_recover");
}
CASE(under_64_mb, "a program under ulimit -v of 64 MB starts, gets most of it, then ENOMEM, and recovers", ENDS("ok fill_and_recover\n"))
{
    start_again_under(RLIMIT_AS, 64 * MIB, "fill_and_recover");
}
CASE(under_400_mb, "a program under ulimit -v of 400 MB starts, gets most of it, then ENOMEM, and recovers", ENDS("ok fill_and_recover\n"))
{
    start_again_under(RLIMIT_AS, 400 * MIB, "fill_and_recover");
}
CASE(under_data_limit, "a program under ulimit -d of 32 MB gets what there is, then ENOMEM, and recovers", ENDS("ok fill_and_recover\n"))
{
    start_again_under(RLIMIT_DATA, 32 * MIB, "fill_and_recover");
}

CASE(threads_at_the_limit, "eight threads at the limit of the address space meet ENOMEM at any point, and every block stays whole")
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * KIB);
    pthread_t threads[8];
    limit(RLIMIT_AS, virtual_bytes() + 64 * MIB);
    struct link *kept = NULL;
    for (int round = 0; round < 6; round++)
    {
        __atomic_store_n(&churn_stops, 0, __ATOMIC_RELAXED);
        int started = 0;
        while (started < 8 && pthread_create(&threads[started], &attributes, churn_thread, (void *)(uintptr_t)(started + 1)) == 0) started++;
        size_t total;
        struct link *taken = take_all(round % 2 ? 20000 : 1500000, &total); // the threads find nothing any more
        sleep_ms(60);
        drop_all(kept);
        kept = taken;
        sleep_ms(60);
        EXPECT(started > 0 || round > 0, "no thread could be started under a limit of 64 MiB");
        churn_stop(threads, started);
        if (round % 2) churn_clear();
    }
    drop_all(kept);
    churn_clear();
    limit(RLIMIT_AS, RLIM_INFINITY);
    char *block = malloc(200 * MIB);
    EXPECT(block != NULL, "no 200 MiB after the limit was lifted");
    free(block);
}

CASE(limit_comes_and_goes, "new address space is refused and granted again 200 times amid work: no block suffers, and all goes on")
{
    uint64_t state = 31;
    long refused = 0;
    static char *large[32];
    for (int round = 0; round < 200; round++)
    {
        if (round % 2 == 0) limit(RLIMIT_AS, 1 * MIB); // less than there is already: every new mapping is refused
        for (int i = 0; i < 150; i++) churn_step(&state, 3 * MIB);
        for (int i = 0; i < 4; i++)
        {
            char **slot = &large[next_random(&state) % 32];
            size_t bytes = MIB + next_random(&state) % (20 * MIB);
            char *next = next_random(&state) % 2 ? realloc(*slot, bytes) : malloc(bytes);
            if (next == NULL)
            {
                EXPECT(errno == ENOMEM, "NULL and errno %d", errno);
                refused++;
                continue;
            }
            next[0] = next[bytes - 1] = 1;
            *slot = next; // one that malloc gave in place of it is lost: it lies between the others
        }
        limit(RLIMIT_AS, RLIM_INFINITY);
        if (round % 10 == 0) EXPECT_WHOLE_HEAP();
        if (round % 20 == 19)
            for (int i = 0; i < 32; i++)
            {
                free(large[i]);
                large[i] = NULL;
            }
    }
    churn_clear();
    say("%ld large blocks refused", refused);
    EXPECT(refused > 10, "%ld large blocks refused: the limit did not bite", refused);
}

CASE(ordinary_work, "what the cases below run under unusual settings of a process works under usual ones")
{
    pthread_t threads[3];
    churn_start(threads, 3);
    uint64_t state = 3;
    for (int i = 0; i < 3000; i++) churn_step(&state, MIB);
    for (size_t bytes = MIB; bytes < 200 * MIB; bytes *= 2)
    {
        char *block = memalign(bytes / 2, bytes);
        EXPECT(block != NULL, "no %zu MiB", bytes / MIB);
        block = realloc(block, bytes * 2);
        block[bytes] = 1;
        free(block);
    }
    churn_stop(threads, 3);
    churn_clear();
}

CASE(unlimited_stack, "a program under ulimit -s unlimited, whose address space grows the other way, works", ENDS("ok ordinary_work\n"))
{
    start_again_under(RLIMIT_STACK, RLIM_INFINITY, "ordinary_work");
}

CASE(no_random_addresses, "a program without address space randomisation works", ENDS("ok ordinary_work\n"))
{
    EXPECT(personality(ADDR_NO_RANDOMIZE) >= 0, "personality: errno %d", errno);
    execl("/proc/self/exe", "limits", "ordinary_work", NULL);
}

CASE(locked_memory, "a program that locks all its memory, present and future, works, and its heap does not lock what it only reserves")
{
    limit(RLIMIT_MEMLOCK, RLIM_INFINITY);
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
    {
        EXPECT(errno == EPERM || errno == ENOMEM, "mlockall: errno %d", errno);
        say("not permitted to lock memory here");
        return;
    }
    uint64_t state = 3;
    for (int i = 0; i < 3000; i++) churn_step(&state, MIB);
    for (size_t bytes = MIB; bytes < 40 * MIB; bytes *= 2) free(realloc(memalign(bytes / 2, bytes), bytes * 2));
    churn_clear();
    size_t resident = resident_bytes();
    say("resident %zu MiB", resident / MIB);
    EXPECT(resident < 200 * MIB, "resident %zu MiB", resident / MIB);
}

CASE(too_many_mappings, "at the system's limit of mappings, where no mapping can be cut in two, the heap works on and comes back")
{
    enum { blocks = 400 };
    static char *kept[blocks];
    for (int i = 0; i < blocks; i++) memset(kept[i] = malloc((size_t)(i + 1) * 5000), i, (size_t)(i + 1) * 5000);
    size_t page = 4096, count = 140000;
    char *area = mmap(NULL, count * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t cuts = 0;
    for (size_t i = 1; i < count && mprotect(area + i * page, page, PROT_READ) == 0; i += 2) cuts++;
    EXPECT(cuts < count / 2 - 1, "%zu cuts and no limit met: raise the count", cuts);
    for (int i = 0; i < blocks; i += 2) free(kept[i]);
    uint64_t state = 8;
    for (int i = 0; i < 5000; i++) churn_step(&state, MIB);
    malloc_trim(0);
    sleep_ms(800);
    for (int i = 0; i < 3000; i++) churn_step(&state, MIB);
    EXPECT_WHOLE_HEAP();
    munmap(area, count * page);
    for (int i = 1; i < blocks; i += 2)
    {
        EXPECT(kept[i][0] == (char)i && kept[i][(i + 1) * 5000 - 1] == (char)i, "block %d changed", i);
        free(kept[i]);
    }
    churn_clear();
    case_ordinary_work();
}
