// Random work of eight threads on a shared table, every block filled with a pattern that is checked wherever it goes.
#include "support/case.h"
#include "support/churn.h"
#include <time.h>

static uint64_t seed;
static long until;

static void *worker(void *number)
{
    uint64_t state = seed + (uint64_t)(uintptr_t)number * 0x9E3779B97F4A7C15u + 1;
    while (now_ms() < until)
    {
        for (int i = 0; i < 400; i++) churn_step(&state, next_random(&state) % 200 == 0 ? 5 * MIB : 100 * KIB);
        if (next_random(&state) % 64 == 0) malloc_trim(0);
    }
    return NULL;
}

/// Starts threads that end after a while and are replaced, until the time is over.
static void *mayfly(void *number)
{
    uint64_t state = seed ^ (uint64_t)(uintptr_t)number * 77777u;
    for (int i = 0; i < 300; i++) churn_step(&state, 100 * KIB);
    return NULL;
}

static void stress(uint64_t chosen, long ms)
{
    seed = case_arguments[0] != NULL ? strtoull(case_arguments[0], NULL, 10) : chosen;
    say("seed %llu (give another as the argument after the case's name)", (unsigned long long)seed);
    until = now_ms() + ms;
    pthread_t threads[8];
    for (uintptr_t i = 0; i < 6; i++) pthread_create(&threads[i], NULL, worker, (void *)i);
    for (uintptr_t i = 0; now_ms() < until; i += 2)
    {
        pthread_create(&threads[6], NULL, mayfly, (void *)i);
        pthread_create(&threads[7], NULL, mayfly, (void *)(i + 1));
        pthread_join(threads[6], NULL);
        pthread_join(threads[7], NULL);
    }
    for (int i = 0; i < 6; i++) pthread_join(threads[i], NULL);
    churn_clear();
}

CASE(fixed_seed, "eight threads, some long-lived, some short, keep every block's contents through 5 s of random work: a fixed seed")
{
    stress(20240607, 5000);
}

CASE(new_seed, "the same with a new seed each time")
{
    stress((uint64_t)time(NULL) * 1000003u ^ (uint64_t)getpid(), 5000);
}

CASE(with_forks, "the same with 40 forks, whose children check and free every block there is")
{
    seed = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
    say("seed %llu", (unsigned long long)seed);
    until = now_ms() + 4000;
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++) pthread_create(&threads[i], NULL, worker, (void *)i);
    for (int i = 0; i < 40; i++)
    {
        pid_t child = fork();
        if (child == 0)
        {
            uint64_t state = seed + (uint64_t)i;
            for (int j = 0; j < 200; j++) churn_step(&state, 200 * KIB);
            churn_clear();
            _exit(0);
        }
        expect_child_is_well(child, "a child among the stress");
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    churn_clear();
}
