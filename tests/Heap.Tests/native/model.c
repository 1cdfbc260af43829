// Random programs on the malloc at hand against a plain model: each slot knows what its block must hold.
//   model THREADS OPERATIONS SEED [refuse]
// Threads allocate, free, resize and exchange blocks; some sleep, end and are started anew, fork, or trim. At
// quiescent points, and in children forked there, every block is checked and `lampyris_verify` is asked.
// With `refuse`, the limit on address space falls to what is in use and rises again all the time: then null
// may come back, and everything that lives must keep its contents all the same.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_THREADS = 16, SLOTS = 1500, EXCHANGE = 512, ROUNDS = 24 };
static const size_t MAX_LIVE_BYTES = 24u << 20;     // a thread

typedef struct { unsigned char *block; size_t bytes; uint64_t seed; } slot;
typedef struct { uint64_t magic, bytes, seed, pad; } parcel;       // head of a block on its way to another thread

typedef struct {
    int index;
    uint64_t random;
    size_t live_bytes;
    unsigned long operations, refused;
    slot slots[SLOTS];
} worker;

static worker s_workers[MAX_THREADS];
static parcel *s_exchange[EXCHANGE];
static int s_threads, s_round, s_refuse, s_done;
static unsigned long s_operations_a_round;
static uint64_t s_seed;
static int (*s_verify)(void);

#define MAGIC 0x4C414D50u

static void fail(const char *what, const void *where)
{
    fprintf(stderr, "model: %s at %p (seed %llu, %d threads, round %d)\n", what, where, (unsigned long long)s_seed, s_threads, s_round);
    fflush(stderr);
    abort();
}

static uint64_t next(worker *me)
{
    uint64_t x = me->random += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static unsigned char byte_at(uint64_t seed, size_t offset) { return (unsigned char)((seed >> (offset & 7) * 8) + (offset >> 3) * 31); }

// Where the pattern lies: everywhere in small blocks; head, tail and a line an OS page in large ones.
static size_t stride_after(size_t offset, size_t bytes)
{
    if (bytes <= 512 || offset < 63 || offset + 64 >= bytes) return offset + 1;
    if (offset == 63 || offset % 4096 == 63) {
        size_t to = (offset + 1 + 4095) & ~(size_t)4095;
        return to + 64 >= bytes ? bytes - 64 : to;
    }
    return offset + 1;
}

static void fill(unsigned char *block, size_t from, size_t bytes, uint64_t seed)
{
    for (size_t i = from; i < bytes; i = stride_after(i, bytes)) block[i] = byte_at(seed, i);
}

static void check(const unsigned char *block, size_t from, size_t bytes, size_t pattern_bytes, uint64_t seed, const char *what)
{
    for (size_t i = from; i < bytes && i < pattern_bytes; i = stride_after(i, pattern_bytes))
        if (block[i] != byte_at(seed, i)) fail(what, block + i);
}

static size_t random_size(worker *me)
{
    uint64_t r = next(me);
    unsigned kind = r % 4096;
    size_t n = (size_t)(r >> 16);
    if (kind == 0 && !(n & 7)) return 1 + n % (48u << 20);
    if (kind < 3) return 1 + n % (6u << 20);
    if (kind < 16) return 1 + n % (512u << 10);
    if (kind < 120) return 1 + n % (70u << 10);
    if (kind < 800) return 1 + n % 4096;
    return n % 400;
}

static void refused(worker *me, const void *block)
{
    if (block) return;
    if (!s_refuse) fail("memory refused", 0);
    if (errno != ENOMEM) fail("errno is not ENOMEM", 0);
    me->refused++;
}

static void release(worker *me, slot *it)
{
    check(it->block, 0, it->bytes, it->bytes, it->seed, "a block was changed before it was freed");
    errno = 4711;
    free(it->block);
    if (errno != 4711) fail("free changed errno", 0);
    me->live_bytes -= it->bytes;
    it->block = 0;
}

static void obtain(worker *me, slot *it)
{
    size_t bytes = random_size(me);
    if (me->live_bytes + bytes > MAX_LIVE_BYTES) bytes = bytes % 200;
    unsigned how = next(me) % 16;
    unsigned char *block;
    if (how == 0) {
        block = calloc(1, bytes);
        if (block)
            for (size_t i = 0; i < bytes; i++)
                if (block[i] != 0) fail("calloc returned old bytes", block + i);
    } else if (how == 1) {
        size_t alignment = (size_t)16 << next(me) % 18;
        block = memalign(alignment, bytes);
        if ((uintptr_t)block & (alignment - 1)) fail("block is not aligned", block);
    } else {
        block = malloc(bytes);
    }
    refused(me, block);
    if (!block) return;
    if ((uintptr_t)block & 15) fail("block is not a multiple of 16", block);
    if (malloc_usable_size(block) < bytes) fail("block is too short", block);
    it->block = block;
    it->bytes = bytes;
    it->seed = next(me);
    me->live_bytes += bytes;
    fill(block, 0, bytes, it->seed);
}

static void resize(worker *me, slot *it)
{
    size_t bytes = next(me) % 4 ? it->bytes + next(me) % (it->bytes + 16) : 1 + random_size(me);
    if (bytes == 0) bytes = 1;
    if (me->live_bytes + bytes > MAX_LIVE_BYTES) bytes = 1 + bytes % 200;
    // The pattern depends on the length: only the part that both lengths fill by the byte is compared.
    size_t kept = it->bytes < bytes ? it->bytes : bytes;
    check(it->block, 0, it->bytes, it->bytes, it->seed, "a block was changed before it was resized");
    unsigned char *block = realloc(it->block, bytes);
    refused(me, block);
    if (!block) return;
    check(block, 0, kept, it->bytes, it->seed, "realloc lost contents");
    me->live_bytes += bytes - it->bytes;
    it->block = block;
    it->bytes = bytes;
    it->seed = next(me);
    fill(block, 0, bytes, it->seed);
}

static void receive(worker *me, parcel *got)
{
    (void)me;
    if (!got) return;
    if (got->magic != MAGIC) fail("a parcel's head was changed", got);
    check((unsigned char *)got, sizeof *got, got->bytes, got->bytes, got->seed, "a parcel was changed");
    got->magic = 0;
    free(got);
}

// Sends a fresh block to whoever comes next, and frees what it finds in its place.
static void exchange(worker *me)
{
    size_t bytes = sizeof(parcel) + random_size(me) % 3000;
    parcel *sent = malloc(bytes);
    refused(me, sent);
    if (sent) {
        *sent = (parcel){ MAGIC, bytes, next(me), 0 };
        fill((unsigned char *)sent, sizeof *sent, bytes, sent->seed);
    }
    receive(me, __atomic_exchange_n(&s_exchange[next(me) % EXCHANGE], sent, __ATOMIC_ACQ_REL));
}

static void operate(worker *me)
{
    slot *it = &me->slots[next(me) % SLOTS];
    unsigned what = next(me) % 32;
    if (what < 6) exchange(me);
    else if (!it->block) obtain(me, it);
    else if (what < 12) resize(me, it);
    else release(me, it);
    me->operations++;
}

static void check_all(void)
{
    for (int i = 0; i < s_threads; i++)
        for (int k = 0; k < SLOTS; k++) {
            slot *it = &s_workers[i].slots[k];
            if (it->block) check(it->block, 0, it->bytes, it->bytes, it->seed, "a live block was changed");
        }
}

static void verify(const char *when)
{
    if (s_verify && s_verify() != 0) fail(when, 0);
}

static void wait_for(pid_t child, const char *what)
{
    int status;
    if (child < 0) {
        if (!s_refuse) fail("fork", 0);
        return;
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "model: child status 0x%x\n", status);
        fail(what, 0);
    }
}

// All other threads stand still outside of malloc: the child's heap is whole and holds everything.
static void fork_at_rest(void)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        verify("heap is not whole in a child");
        check_all();
        for (int i = 0; i < s_threads; i++)
            for (int k = 0; k < 2000; k++) operate(&s_workers[i]);
        malloc_trim(0);
        check_all();
        verify("heap is not whole in a child that went on");
        _exit(0);
    }
    wait_for(child, "a child forked at rest failed");
}

// Other threads are anywhere in malloc: the child must go on, with what this thread has.
static void fork_in_motion(worker *me)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        for (int k = 0; k < EXCHANGE; k++) s_exchange[k] = 0;       // another thread may have been about to free it
        for (int k = 0; k < 3000; k++) operate(me);
        malloc_trim(0);
        for (int k = 0; k < SLOTS; k++)
            if (me->slots[k].block) release(me, &me->slots[k]);
        _exit(0);
    }
    wait_for(child, "a child forked in motion failed");
}

static void *work(void *argument)
{
    worker *me = argument;
    unsigned long fork_at = next(me) % 8 == 0 ? next(me) % s_operations_a_round : ~0ul;
    unsigned long sleep_at = next(me) % 4 == 0 ? next(me) % s_operations_a_round : ~0ul;
    unsigned long trim_at = next(me) % 8 == 0 ? next(me) % s_operations_a_round : ~0ul;
    for (unsigned long i = 0; i < s_operations_a_round; i++) {
        operate(me);
        if (i == fork_at) fork_in_motion(me);
        if (i == sleep_at) usleep(60000);
        if (i == trim_at) malloc_trim(0);
    }
    return 0;
}

static size_t address_space_in_use(void)
{
    unsigned long pages = 0;
    char text[64] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fgets(text, sizeof text, file)) pages = strtoul(text, 0, 10);
    if (file) fclose(file);
    return pages * 4096;
}

static void *squeeze(void *unused)
{
    (void)unused;
    uint64_t r = s_seed;
    while (!__atomic_load_n(&s_done, __ATOMIC_ACQUIRE)) {
        r = r * 6364136223846793005u + 1442695040888963407u;
        struct rlimit limit;
        getrlimit(RLIMIT_AS, &limit);
        size_t room = r >> 62 == 0 ? 0 : (size_t)(r >> 40) % (4u << 20);
        limit.rlim_cur = r >> 33 & 1 ? limit.rlim_max : address_space_in_use() + room;
        setrlimit(RLIMIT_AS, &limit);
        usleep(500);
    }
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
    return 0;
}

static void run_round(void)
{
    pthread_t threads[MAX_THREADS], squeezer;
    s_done = 0;
    // The first worker is the main thread in every other round, so that some caches outlive their rounds.
    int first = s_round & 1;
    for (int i = first; i < s_threads; i++)
        if (pthread_create(&threads[i], 0, work, &s_workers[i]) != 0) fail("pthread_create", 0);
    if (s_refuse && pthread_create(&squeezer, 0, squeeze, 0) != 0) fail("pthread_create", 0);
    if (first) work(&s_workers[0]);
    for (int i = first; i < s_threads; i++) pthread_join(threads[i], 0);
    __atomic_store_n(&s_done, 1, __ATOMIC_RELEASE);
    if (s_refuse) pthread_join(squeezer, 0);
}

int main(int count, char **arguments)
{
    if (count < 4) return 2;
    s_threads = atoi(arguments[1]);
    unsigned long operations = strtoul(arguments[2], 0, 10);
    s_seed = strtoull(arguments[3], 0, 10);
    s_refuse = count > 4;
    if (s_threads < 1 || s_threads > MAX_THREADS) return 2;
    s_operations_a_round = operations / ROUNDS / (unsigned)s_threads + 1;
    s_verify = (int (*)(void))dlsym(RTLD_DEFAULT, "lampyris_verify");
    for (int i = 0; i < s_threads; i++) {
        s_workers[i].index = i;
        s_workers[i].random = s_seed * 1000003 + (uint64_t)i * 7919;
    }
    for (s_round = 0; s_round < ROUNDS; s_round++) {
        run_round();
        verify("heap is not whole");
        check_all();
        if (s_round % 4 == 0) fork_at_rest();
        if (s_round % 6 == 0) {
            usleep(100000);             // the purger comes by
            check_all();
            verify("heap is not whole after a pause");
        }
    }
    unsigned long done = 0, nulls = 0;
    for (int i = 0; i < s_threads; i++) {
        worker *me = &s_workers[i];
        for (int k = 0; k < SLOTS; k++)
            if (me->slots[k].block) release(me, &me->slots[k]);
        done += me->operations;
        nulls += me->refused;
    }
    for (int k = 0; k < EXCHANGE; k++) receive(&s_workers[0], s_exchange[k]);
    verify("heap is not whole at the end");
    if (s_refuse && nulls == 0) fail("nothing was ever refused", 0);
    printf("%lu operations, %lu refused, verified: %s\n", done, nulls, s_verify ? "yes" : "no");
    return 0;
}
