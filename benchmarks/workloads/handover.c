// Handover: eight threads replace blocks of their own at random, then end and leave them to successors, who free what
// another thread allocated. After the server simulation of Larson and Krishnan, "Memory Allocation for Long-Running
// Server Applications" (1998), which the field runs as `larson`.
#include "workload.h"

enum { Threads = 8, Blocks = 5000, Generations = 20, Replacements = 60000 };

struct share
{
    void *blocks[Blocks];
    uint64_t random;
    long replacements;
};

static void *replace(void *argument)
{
    struct share *share = argument;
    for (long i = 0; i < share->replacements; i++)
    {
        void **block = &share->blocks[random_below(&share->random, Blocks)];
        free_marked(*block);
        *block = allocate_marked(random_between(&share->random, 16, 1000));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static struct share shares[Threads];
    long replacements = scaled(Replacements, argc, argv);
    for (int i = 0; i < Threads; i++)
    {
        shares[i].random = seed_of(100 + (uint64_t)i);
        shares[i].replacements = replacements;
        for (int j = 0; j < Blocks; j++) shares[i].blocks[j] = allocate_marked(random_between(&shares[i].random, 16, 1000));
    }
    for (int generation = 0; generation < Generations; generation++)
    {
        pthread_t threads[Threads];
        for (int i = 0; i < Threads; i++) threads[i] = start_thread(replace, &shares[i]);
        for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < Threads; i++)
        for (int j = 0; j < Blocks; j++) free_marked(shares[i].blocks[j]);
    return 0;
}
