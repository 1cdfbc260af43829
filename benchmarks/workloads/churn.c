// Churn: one thread, mixed sizes, no pattern. Half of the work is temporaries that die in reverse order, as in a
// calculation with big numbers; the other half replaces one of many long-lived blocks at random.
#include "workload.h"

enum { Slots = 20000, Temporaries = 8 };

static size_t mixed_bytes(uint64_t *random)
{
    uint32_t kind = random_below(random, 1000);
    if (kind < 600) return random_between(random, 16, 64);
    if (kind < 850) return random_between(random, 65, 256);
    if (kind < 960) return random_between(random, 257, 1024);
    if (kind < 995) return random_between(random, 1025, 4096);
    return random_between(random, 4097, 32768);
}

int main(int argc, char **argv)
{
    static void *slots[Slots];
    void *temporaries[Temporaries];
    uint64_t random = seed_of(1);
    long rounds = scaled(6000000, argc, argv);

    for (long round = 0; round < rounds; round++)
    {
        int count = (int)random_between(&random, 1, Temporaries);
        for (int i = 0; i < count; i++) temporaries[i] = allocate_marked(random_between(&random, 16, 160));
        for (int i = 0; i < count / 2 + 1; i++)
        {
            void **slot = &slots[random_below(&random, Slots)];
            free_marked(*slot);
            *slot = allocate_marked(mixed_bytes(&random));
        }
        while (count > 0) free_marked(temporaries[--count]);
    }

    for (int i = 0; i < Slots; i++) free_marked(slots[i]);
    return 0;
}
