// Large: one thread with blocks of 64 KiB to 32 MiB, as pictures, rows of a matrix or file buffers are: most are
// written all over, some only at their start, and sizes are spread evenly over the doublings.
#include "workload.h"

enum { Slots = 24, SmallestShift = 16, Doublings = 9 };

static size_t large_bytes(uint64_t *random)
{
    uint32_t doubling = random_below(random, Doublings); // the larger ones are rarer, or they would be all the work
    if (doubling >= 6 && random_below(random, 4) != 0) doubling -= 4;
    size_t lowest = (size_t)1 << (SmallestShift + doubling);
    return random_between(random, lowest, 2 * lowest);
}

int main(int argc, char **argv)
{
    static void *slots[Slots];
    uint64_t random = seed_of(7);
    long rounds = scaled(6000, argc, argv);
    for (long round = 0; round < rounds; round++)
    {
        void **slot = &slots[random_below(&random, Slots)];
        size_t bytes = large_bytes(&random);
        free_marked(*slot);
        *slot = NULL;
        if (random_below(&random, 4) != 0)
        {
            *slot = allocate_marked(bytes);
            continue;
        }
        unsigned char *fresh = calloc(1, bytes); // read here and there: must be clear
        expect(fresh != NULL, "calloc gives a block");
        for (size_t at = 0; at < bytes; at += 65536) expect(fresh[at] == 0, "calloc gives a cleared block");
        memset(fresh, 1, bytes / 8);
        free(fresh);
    }
    for (int i = 0; i < Slots; i++) free_marked(slots[i]);
    return 0;
}
