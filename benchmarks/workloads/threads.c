// Threads: very many short threads, four at a time. Each allocates a little, frees most of it, and leaves the rest to
// the main thread, which frees it when the thread has long ended.
#include "workload.h"

enum { AtATime = 4, Own = 600, LeftOver = 40 };

struct errand
{
    uint64_t random;
    void *left_over[LeftOver];
};

static void *run(void *argument)
{
    struct errand *errand = argument;
    void *own[Own];
    for (int i = 0; i < Own; i++) own[i] = allocate_marked(random_between(&errand->random, 16, i % 20 == 0 ? 4096 : 300));
    for (int i = 0; i < LeftOver; i++) errand->left_over[i] = allocate_marked(random_between(&errand->random, 16, 300));
    for (int i = 0; i < Own; i++) free_marked(own[i]);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct errand errands[AtATime];
    long rounds = scaled(7000, argc, argv);
    for (int i = 0; i < AtATime; i++) errands[i].random = seed_of(80 + (uint64_t)i);
    for (long round = 0; round < rounds; round++)
    {
        pthread_t threads[AtATime];
        for (int i = 0; i < AtATime; i++) threads[i] = start_thread(run, &errands[i]);
        for (int i = 0; i < AtATime; i++) pthread_join(threads[i], NULL);
        for (int i = 0; i < AtATime; i++)
            for (int j = 0; j < LeftOver; j++) free_marked(errands[i].left_over[j]);
    }
    return 0;
}
