// Waves: eight threads allocate 20,000 small blocks each, free all of them in the order they were made, in the opposite
// one or in none, and begin again. After `sh8bench` by MicroQuill.
#include "workload.h"

enum { Threads = 8, InAWave = 20000 };

struct swimmer
{
    uint64_t random;
    long waves;
};

static void shuffle(void **blocks, uint64_t *random)
{
    for (uint32_t i = InAWave - 1; i > 0; i--)
    {
        uint32_t other = random_below(random, i + 1);
        void *block = blocks[i];
        blocks[i] = blocks[other];
        blocks[other] = block;
    }
}

static void *swim(void *argument)
{
    struct swimmer *swimmer = argument;
    void **blocks = calloc(InAWave, sizeof *blocks);
    expect(blocks != NULL, "calloc gives a table");
    for (long wave = 0; wave < swimmer->waves; wave++)
    {
        for (int i = 0; i < InAWave; i++) blocks[i] = allocate_marked(SmallestMarked + (size_t)i * 8 % 400);
        if (wave % 3 == 2) shuffle(blocks, &swimmer->random);
        for (int i = 0; i < InAWave; i++) free_marked(blocks[wave % 3 == 1 ? InAWave - 1 - i : i]);
    }
    free(blocks);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct swimmer swimmers[Threads];
    pthread_t threads[Threads];
    for (int i = 0; i < Threads; i++)
    {
        swimmers[i] = (struct swimmer){ .random = seed_of(140 + (uint64_t)i), .waves = scaled(150, argc, argv) };
        threads[i] = start_thread(swim, &swimmers[i]);
    }
    for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);
    return 0;
}
