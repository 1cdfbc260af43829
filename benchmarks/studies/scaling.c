// Threads that only allocate and free, each the same number of blocks: what do more threads cost?
//
//     scaling LOAD THREADS OPERATIONS [preallocated] [apart]
//
// LOAD is pairs (malloc, free), batches (a thousand mallocs, a thousand frees) or crossed (as pairs, but each second block
// goes to the next thread through a ring and is freed there). OPERATIONS is how many blocks each thread allocates. With
// `preallocated` blocks come from lists of the thread's own, in memory mapped before: the same writes and the
// same rings, but no malloc. That is what the machine can do at best. With `apart` each thread has a process to itself, so that
// they share nothing but the machine; not with crossed.
//
// The figures are of the time in which the threads work, their start is not part of it.
#include "study.h"
#include "ring.h"
#include <sys/resource.h>
#include <sys/wait.h>

enum { MostThreads = 256, Sizes = 4096, BatchBlocks = 1000, ReceiveEvery = 256 };
enum { ClassBytes = 16, LargestBytes = 512 };

// More than a thread can send without receiving, and as much of it touched as it needs when the threads keep step.
static const size_t ArenaBytes = (size_t)4 << 30, TouchedBytes = 8 << 20;

struct worker
{
    _Alignas(128) void *free_blocks[LargestBytes / ClassBytes + 1];    // by size, each linked by its first word
    char *arena, *arena_end;        // what has not been given out yet
    struct ring received;           // from the thread before
    struct worker *next;
    _Atomic bool has_sent_all;      // its release pairs with the next thread's acquire
};

static struct worker *workers;
static uint16_t sizes[Sizes];
static long operations;
static bool preallocated;
static pthread_barrier_t *begin;        // in memory that processes share

static void *take(struct worker *worker, size_t bytes)
{
    if (!preallocated) return malloc(bytes);
    size_t class = (bytes + ClassBytes - 1) / ClassBytes;
    void *block = worker->free_blocks[class];
    if (block != NULL)
    {
        memcpy(&worker->free_blocks[class], block, sizeof block);
        return block;
    }
    block = worker->arena;
    worker->arena += class * ClassBytes;
    expect(worker->arena <= worker->arena_end, "there are enough preallocated blocks");
    return block;
}

static void give(struct worker *worker, void *block, size_t bytes)
{
    if (!preallocated)
    {
        free(block);
        return;
    }
    void **list = &worker->free_blocks[(bytes + ClassBytes - 1) / ClassBytes];
    memcpy(block, list, sizeof *list);
    *list = block;
}

// A block keeps its size in its first word and a mark in its last byte.
static void *take_marked(struct worker *worker, size_t bytes)
{
    char *block = take(worker, bytes);
    expect(block != NULL, "there is a block");
    memcpy(block, &bytes, sizeof bytes);
    block[bytes - 1] = (char)bytes;
    return block;
}

static void give_marked(struct worker *worker, void *block)
{
    size_t bytes;
    memcpy(&bytes, block, sizeof bytes);
    expect(bytes <= LargestBytes && ((char *)block)[bytes - 1] == (char)bytes, "a block holds what was written");
    give(worker, block, bytes);
}

static void work_in_pairs(struct worker *worker)
{
    for (long i = 0; i < operations; i++) give_marked(worker, take_marked(worker, sizes[i % Sizes]));
}

static void work_in_batches(struct worker *worker)
{
    void *blocks[BatchBlocks];
    for (long done = 0; done < operations; done += BatchBlocks)
    {
        for (int i = 0; i < BatchBlocks; i++) blocks[i] = take_marked(worker, sizes[(done + i) % Sizes]);
        for (int i = 0; i < BatchBlocks; i++) give_marked(worker, blocks[i]);
    }
}

static bool give_received(struct worker *worker)
{
    void *block = ring_pop(&worker->received);
    if (block == NULL) return false;
    give_marked(worker, block);
    return true;
}

static void work_crossed(struct worker *worker, struct worker *before)
{
    unsigned spins = 0;
    for (long i = 0; i < operations; i++)
    {
        void *block = take_marked(worker, sizes[i % Sizes]);
        if (i % 2 == 0)
        {
            give_marked(worker, block);
            continue;
        }
        while (!ring_push(&worker->next->received, block))
            if (!give_received(worker)) sched_yield(); // so far behind, the next thread must be waiting for this core
        if (i % ReceiveEvery == ReceiveEvery - 1)
            while (give_received(worker)) { }
    }
    atomic_store_explicit(&worker->has_sent_all, true, memory_order_release);
    for (bool is_last = false; !is_last;)
    {
        is_last = atomic_load_explicit(&before->has_sent_all, memory_order_acquire);
        while (give_received(worker)) { }
        if (!is_last) ring_wait(&spins);
    }
}

static int thread_count;
static const char *load;

static void *work(void *argument)
{
    struct worker *worker = argument;
    pthread_barrier_wait(begin);
    if (strcmp(load, "pairs") == 0) work_in_pairs(worker);
    else if (strcmp(load, "batches") == 0) work_in_batches(worker);
    else work_crossed(worker, worker == workers ? &workers[thread_count - 1] : worker - 1);
    return NULL;
}

static void start_barrier(unsigned count)
{
    begin = mmap(NULL, sizeof *begin, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    expect(begin != MAP_FAILED, "memory for a barrier");
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(begin, &attributes, count);
}

// The worker's thread, in a process that has no other but the one that waits for it.
static pid_t start_apart(struct worker *worker)
{
    pid_t process = fork();
    expect(process >= 0, "a process can be started");
    if (process != 0) return process;
    pthread_join(start_thread(work, worker), NULL);
    _exit(0);
}

static void wait_for(pid_t process)
{
    int status;
    expect(waitpid(process, &status, 0) == process && status == 0, "a worker's process ends well");
}

struct spent { int64_t elapsed_ns, cpu_ns; long voluntary_switches; };

static int64_t ns_of(struct timeval time) { return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL; }

// By this process and those that it has waited for.
static struct spent spent_until_now(void)
{
    struct rusage self, children;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    int64_t of_children = ns_of(children.ru_utime) + ns_of(children.ru_stime);
    return (struct spent){ now_ns(), clock_ns(CLOCK_PROCESS_CPUTIME_ID) + of_children, self.ru_nvcsw + children.ru_nvcsw };
}

int main(int argc, char **argv)
{
    load = argc > 1 ? argv[1] : "";
    thread_count = argc > 3 ? atoi(argv[2]) : 0;
    operations = argc > 3 ? atol(argv[3]) : 0;
    bool apart = false, understood = true;
    for (int i = 4; i < argc; i++)
    {
        if (strcmp(argv[i], "preallocated") == 0) preallocated = true;
        else if (strcmp(argv[i], "apart") == 0) apart = true;
        else understood = false;
    }
    bool is_load = strcmp(load, "pairs") == 0 || strcmp(load, "batches") == 0 || strcmp(load, "crossed") == 0;
    if (!is_load || thread_count < 1 || thread_count > MostThreads || operations < 1 || !understood || (apart && strcmp(load, "crossed") == 0))
    {
        fprintf(stderr, "usage: scaling pairs|batches|crossed THREADS OPERATIONS [preallocated] [apart]; crossed not apart\n");
        return 2;
    }
    uint64_t random = seed_of(40);
    for (int i = 0; i < Sizes; i++) sizes[i] = (uint16_t)skewed_bytes(&random, 16, 5);
    workers = map_touched((size_t)thread_count * sizeof *workers);
    start_barrier((unsigned)thread_count + 1);
    pthread_t threads[MostThreads];
    pid_t processes[MostThreads];
    for (int i = 0; i < thread_count; i++)
    {
        workers[i].next = &workers[(i + 1) % thread_count];
        if (preallocated)
        {
            workers[i].arena = mmap(NULL, ArenaBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            expect(workers[i].arena != MAP_FAILED, "memory for preallocated blocks");
            memset(workers[i].arena, 1, TouchedBytes);
            workers[i].arena_end = workers[i].arena + ArenaBytes;
        }
        if (apart) processes[i] = start_apart(&workers[i]);
        else threads[i] = start_thread(work, &workers[i]);
    }

    struct spent before = spent_until_now();
    pthread_barrier_wait(begin);
    for (int i = 0; i < thread_count; i++)
    {
        if (apart) wait_for(processes[i]);
        else pthread_join(threads[i], NULL);
    }
    struct spent after = spent_until_now();

    double all = (double)operations * thread_count;
    printf("elapsed_ns %.3f\n", (double)(after.elapsed_ns - before.elapsed_ns) / all);      // for each block of all threads
    printf("cpu_ns %.3f\n", (double)(after.cpu_ns - before.cpu_ns) / all);                  // the same
    printf("voluntary_switches %ld\n", after.voluntary_switches - before.voluntary_switches);
    return 0;
}
