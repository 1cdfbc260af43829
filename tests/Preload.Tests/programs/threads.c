// Threads that start and end by the thousand, on small stacks, with destructors that allocate.
#include "support/case.h"
#include "support/churn.h"
#include <limits.h>
#include <sys/mman.h>

static void join_all(pthread_t *threads, int count)
{
    for (int i = 0; i < count; i++)
    {
        int code = pthread_join(threads[i], NULL);
        EXPECT(code == 0, "pthread_join gave %d", code);
    }
}

static void start(pthread_t *thread, void *(*body)(void *), void *argument, const pthread_attr_t *attributes)
{
    int code = pthread_create(thread, attributes, body, argument);
    EXPECT(code == 0, "pthread_create gave %d", code);
}

enum { keys = 40 };
static pthread_key_t key[keys];
static long destructors_run;

struct value
{
    int rounds;
    int number;
    char text[200];
};

// Runs in every one of the four rounds that glibc grants: frees, allocates, and asks for another round.
static void value_ends(void *argument)
{
    struct value *old = argument;
    EXPECT(strcmp(old->text, "a thread's own value") == 0, "the value holds %.40s", old->text);
    __atomic_fetch_add(&destructors_run, 1, __ATOMIC_RELAXED);
    int rounds = old->rounds, number = old->number;
    free(old);
    char *more = realloc(calloc(10, 100), 5000 + (size_t)number * 10);
    memset(more, rounds, 5000 + (size_t)number * 10);
    free(more);
    if (rounds + 1 == PTHREAD_DESTRUCTOR_ITERATIONS) return;
    struct value *next = malloc(sizeof *next);
    next->rounds = rounds + 1;
    next->number = number;
    strcpy(next->text, "a thread's own value");
    pthread_setspecific(key[number], next);
}

static void *with_values(void *unused)
{
    (void)unused;
    for (int i = 0; i < keys; i++)
    {
        struct value *value = calloc(1, sizeof *value);
        value->number = i;
        strcpy(value->text, "a thread's own value");
        pthread_setspecific(key[i], value);
    }
    return NULL;
}

CASE(destructors_allocate_in_rounds, "destructors of 40 keys free and allocate in each of the four rounds of 3,000 threads, and nothing leaks")
{
    for (int i = 0; i < keys; i++) EXPECT(pthread_key_create(&key[i], value_ends) == 0, "no key %d", i);
    size_t before = 0;
    for (int batch = 0; batch < 300; batch++)
    {
        if (batch == 30) before = resident_bytes();
        pthread_t threads[10];
        for (int i = 0; i < 10; i++) start(&threads[i], with_values, NULL, NULL);
        join_all(threads, 10);
    }
    size_t after = resident_bytes();
    EXPECT(destructors_run == 3000L * keys * PTHREAD_DESTRUCTOR_ITERATIONS, "%ld destructors run", destructors_run);
    say("resident %zu KiB after 300 threads, %zu KiB after 3,000", before / KIB, after / KIB);
    EXPECT(after < before + 12 * MIB, "resident %zu KiB after 300 threads, %zu KiB after 3,000", before / KIB, after / KIB);
}

static pthread_key_t last_key;

// The very last round: a heap that has seen this thread's end already must not make it a cache that nobody takes back.
static void allocate_in_the_last_round(void *argument)
{
    intptr_t round = (intptr_t)argument;
    if (round < PTHREAD_DESTRUCTOR_ITERATIONS)
    {
        pthread_setspecific(last_key, (void *)(round + 1));
        return;
    }
    for (size_t bytes = 16; bytes < 20000; bytes = bytes * 3 / 2)
    {
        char *block = malloc(bytes);
        memset(block, 1, bytes);
        free(block);
    }
}

static void *with_last_value(void *unused)
{
    pthread_setspecific(last_key, (void *)1);
    free(malloc(100));
    return unused;
}

CASE(last_round_leaks_nothing, "4,000 threads whose destructors allocate only in the last round leave nothing behind")
{
    pthread_key_create(&last_key, allocate_in_the_last_round);
    size_t before = 0;
    for (int batch = 0; batch < 400; batch++)
    {
        if (batch == 40) before = resident_bytes();
        pthread_t threads[10];
        for (int i = 0; i < 10; i++) start(&threads[i], with_last_value, NULL, NULL);
        join_all(threads, 10);
    }
    size_t after = resident_bytes();
    say("resident %zu KiB after 400 threads, %zu KiB after 4,000", before / KIB, after / KIB);
    EXPECT(after < before + 12 * MIB, "resident %zu KiB after 400 threads, %zu KiB after 4,000", before / KIB, after / KIB);
}

CASE(keys_are_left, "a program can make nearly all of the 1,024 pthread keys")
{
    pthread_key_t one;
    int count = 0;
    free(malloc(100));
    while (pthread_key_create(&one, NULL) == 0) count++;
    EXPECT(count >= PTHREAD_KEYS_MAX - 4, "%d of %d keys were to be had", count, PTHREAD_KEYS_MAX);
}

static void *little_thread(void *unused)
{
    for (size_t bytes = 16; bytes < 40000; bytes = bytes * 5 / 3)
    {
        char *block = malloc(bytes);
        memset(block, 1, bytes);
        free(block);
    }
    return unused;
}

CASE(no_key_is_left, "threads end well, and their caches come back, when a program took every pthread key before it started one")
{
    pthread_key_t one;
    while (pthread_key_create(&one, NULL) == 0) continue;
    size_t before = 0;
    for (int i = 0; i < 3000; i++)
    {
        if (i == 200) before = resident_bytes();
        pthread_t thread;
        start(&thread, little_thread, NULL, NULL);
        pthread_join(thread, NULL);
    }
    size_t after = resident_bytes();
    EXPECT(after < before + 12 * MIB, "resident %zu KiB after 200 threads, %zu KiB after 3,000", before / KIB, after / KIB);
}

static void *mixed_thread(void *seed)
{
    enum { count = 100 };
    uint64_t state = (uint64_t)(uintptr_t)seed + 1;
    struct churn_block *blocks[count];
    for (int i = 0; i < count; i++) blocks[i] = churn_make(&state, 60 * KIB);
    for (int i = 0; i < count; i++)
        if (next_random(&state) % 10 != 0) churn_drop(blocks[i]);
        else churn_drop(churn_swap(next_random(&state), blocks[i])); // someone else will free it
    return NULL;
}

CASE(ten_thousand_threads, "10,000 threads, eight at a time, that leave a tenth of their blocks to others: resident memory stays bounded", SECONDS(120))
{
    size_t before = 0, most = 0;
    for (uintptr_t batch = 0; batch < 1250; batch++)
    {
        pthread_t threads[8];
        for (uintptr_t i = 0; i < 8; i++) start(&threads[i], mixed_thread, (void *)(batch * 8 + i), NULL);
        join_all(threads, 8);
        if (batch % 50 != 49) continue;
        size_t now = resident_bytes();
        if (batch < 100) before = now;
        if (now > most) most = now;
    }
    say("resident %zu KiB after 800 threads, at most %zu KiB", before / KIB, most / KIB);
    EXPECT(most < before + 24 * MIB, "resident %zu KiB after 800 threads, later %zu KiB", before / KIB, most / KIB);
    churn_clear();
}

enum { batch_threads = 100, batch_blocks = 60 };
static char *handed_over[2][batch_threads][batch_blocks];

static void *free_the_last_batchs(void *argument)
{
    size_t batch = (size_t)(uintptr_t)argument / batch_threads, me = (size_t)(uintptr_t)argument % batch_threads;
    char **mine = handed_over[batch % 2][me], **theirs = handed_over[(batch + 1) % 2][(me + 37) % batch_threads];
    for (size_t i = 0; i < batch_blocks; i++)
    {
        size_t bytes = 16 + (batch * 31 + me * 17 + i * 101) % 3000;
        mine[i] = malloc(bytes);
        memset(mine[i], (int)me, bytes);
        if (theirs[i] == NULL) continue;
        EXPECT(theirs[i][15] == (char)((me + 37) % batch_threads), "a block of an ended thread changed");
        free(theirs[i]);
        theirs[i] = NULL;
    }
    return NULL;
}

CASE(batches_free_each_others, "25,000 threads in batches, each freeing what a thread of the batch before left: resident memory stays bounded")
{
    size_t before = 0, after = 0;
    for (uintptr_t batch = 0; batch < 250; batch++)
    {
        pthread_t threads[batch_threads];
        for (uintptr_t i = 0; i < batch_threads; i++) start(&threads[i], free_the_last_batchs, (void *)(batch * batch_threads + i), NULL);
        join_all(threads, batch_threads);
        if (batch == 150) before = resident_bytes();
        if (batch == 249) after = resident_bytes();
    }
    say("resident %zu KiB after 150 batches, %zu KiB after 250", before / KIB, after / KIB);
    EXPECT(after < before + 24 * MIB, "resident %zu KiB after 150 batches, %zu KiB after 250", before / KIB, after / KIB);
    EXPECT(after < 100 * MIB, "resident %zu KiB for 9 MiB in use", after / KIB);
}

static pthread_barrier_t all_here;

static void *one_of_many(void *unused)
{
    little_thread(NULL);
    pthread_barrier_wait(&all_here);
    pthread_barrier_wait(&all_here);
    return unused;
}

CASE(a_thousand_alive, "1,000 threads alive at once cost at most 200 KiB each")
{
    enum { count = 1000 };
    static pthread_t threads[count];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 128 * KIB);
    pthread_barrier_init(&all_here, NULL, count + 1);
    size_t before = resident_bytes();
    for (int i = 0; i < count; i++) start(&threads[i], one_of_many, NULL, &attributes);
    pthread_barrier_wait(&all_here);
    size_t each = (resident_bytes() - before) / count;
    pthread_barrier_wait(&all_here);
    join_all(threads, count);
    say("%zu KiB for each thread, its stack included", each / KIB);
    EXPECT(each < 200 * KIB, "%zu KiB for each thread, its stack included", each / KIB);
}

/// Every function, in sizes for every path, and the rare events too: the thread's first call, a failure, a trim.
static void *every_function(void *unused)
{
    void *block = NULL;
    static const size_t sizes[] = {1, 100, 3000, 30000, 100000, 1000000, 5 * MIB, 70 * MIB};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        char *one = malloc(sizes[i]);
        one[sizes[i] - 1] = 1;
        one = realloc(one, sizes[i] * 2);
        one = realloc(one, sizes[i] / 2 + 1);
        free(one);
        free(calloc(1, sizes[i]));
        free(memalign(4096, sizes[i]));
        free(valloc(sizes[i]));
        EXPECT(posix_memalign(&block, 1 << 20, sizes[i]) == 0, "posix_memalign failed");
        free(block);
    }
    block = malloc(PTRDIFF_MAX);
    EXPECT(block == NULL, "malloc(PTRDIFF_MAX) gave %p", block);
    for (int i = 0; i < 2000; i++) churn_drop(churn_swap((size_t)i, churn_make(&(uint64_t){(uint64_t)i + 1}, 50 * KIB)));
    churn_clear();
    malloc_trim(0);
    return unused;
}

static void *statistics(void *unused)
{
    mallinfo2();
    return every_function(unused);
}

static void run_on_stacks_of(size_t bytes, void *(*body)(void *))
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    int code = pthread_attr_setstacksize(&attributes, bytes);
    EXPECT(code == 0, "pthread_attr_setstacksize(%zu) gave %d", bytes, code);
    for (int round = 0; round < 3; round++)
    {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++) start(&threads[i], body, NULL, &attributes);
        join_all(threads, 4);
    }
}

CASE(stacks_of_64_kib, "threads with stacks of 64 KiB can call every function")
{
    run_on_stacks_of(64 * KIB, statistics);
}

CASE(stacks_of_16_kib, "threads with stacks of 16 KiB, the least there is, can call every function that gives or takes memory")
{
    run_on_stacks_of(16 * KIB, every_function);
}

CASE(statistics_on_16_kib, "threads with stacks of 16 KiB can ask for statistics")
{
    run_on_stacks_of(16 * KIB, statistics);
}

static void *nothing(void *unused) { return unused; }

static size_t stack_used(void *(*body)(void *))
{
    const size_t bytes = 512 * KIB;
    unsigned char *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(stack, 0xA7, bytes);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, bytes);
    pthread_t thread;
    start(&thread, body, NULL, &attributes);
    pthread_join(thread, NULL);
    size_t untouched = 0;
    while (stack[untouched] == 0xA7) untouched++;
    munmap(stack, bytes);
    return bytes - untouched;
}

CASE(stack_is_spared, "no function that gives or takes memory needs more than 4 KiB of stack", ONLY_LAMPYRIS)
{
    size_t without = stack_used(nothing), with = stack_used(every_function);
    say("%zu bytes of stack without, %zu with all functions called", without, with);
    EXPECT(with < without + 4096 + 2048, "%zu bytes of stack without, %zu with all functions called", without, with);
}

static void free_it(void *block) { free(block); }

static void *cancelled(void *unused)
{
    char *block = malloc(1000);
    pthread_cleanup_push(free_it, block);
    for (;;)
    {
        free(realloc(malloc(100), 5000));
        pthread_testcancel();
    }
    pthread_cleanup_pop(1);
    return unused;
}

CASE(cancelled_threads, "threads that are cancelled, and detached threads, leave a whole heap and no memory behind")
{
    size_t before = 0;
    for (int i = 0; i < 600; i++)
    {
        if (i == 60) before = resident_bytes();
        pthread_t thread, detached;
        start(&thread, cancelled, NULL, NULL);
        start(&detached, mixed_thread, (void *)(uintptr_t)i, NULL);
        pthread_detach(detached);
        if (i % 3 == 0) sched_yield();
        pthread_cancel(thread);
        void *result;
        pthread_join(thread, &result);
        EXPECT(result == PTHREAD_CANCELED, "the thread ended with %p", result);
    }
    while (task_count() > 2) sleep_ms(5); // a background thread of the heap may stay
    churn_clear();
    size_t after = resident_bytes();
    EXPECT(after < before + 16 * MIB, "resident %zu KiB after 60, %zu KiB after 600", before / KIB, after / KIB);
}

static void *goes_on_without_main(void *unused)
{
    uint64_t state = 5;
    for (int i = 0; i < 20000; i++) churn_step(&state, 30 * KIB);
    churn_clear();
    say("the last thread ends the process");
    return unused;
}

CASE(main_ends_first, "main ends with pthread_exit, another thread goes on, and the process ends with it", ENDS("the last thread ends the process\n"))
{
    // Enough is freed for a background thread, which must not keep the process alive.
    char *blocks[100];
    for (int i = 0; i < 100; i++) memset(blocks[i] = malloc(MIB), 1, MIB);
    for (int i = 0; i < 100; i++) free(blocks[i]);
    pthread_t thread;
    start(&thread, goes_on_without_main, NULL, NULL);
    pthread_exit(NULL);
}

static void free_at_exit(void)
{
    uint64_t state = 77;
    for (int i = 0; i < 200; i++) churn_step(&state, 50 * KIB);
}

CASE(exit_among_threads, "100 processes call exit while four threads allocate, with exit handlers that allocate too")
{
    for (int i = 0; i < 100; i++)
    {
        pid_t child = fork();
        if (child == 0)
        {
            atexit(free_at_exit);
            pthread_t threads[4];
            churn_start(threads, 4);
            usleep((useconds_t)(i * 37 % 3000));
            exit(0);
        }
        expect_child_is_well(child, "exit among threads");
    }
}
