// Batches: two threads serve requests. Each makes 800 blocks of 16 bytes to 16 KB, mostly small, replaces every other one
// as it goes on, hands a few to whoever serves the next request, and frees the rest. After `rptest` of the mimalloc benchmarks.
#include "workload.h"

enum { Threads = 2, Blocks = 800, Handed = 60 };

struct server
{
    uint64_t random;
    long requests;
};

static void *handed[Handed];

static size_t request_bytes(uint64_t *random)
{
    uint64_t part = random_below(random, 1u << 16);         // its fourth power: few are large
    return SmallestMarked + (size_t)((part * part >> 16) * (part * part >> 16) * 16000 >> 32);
}

static void *serve(void *argument)
{
    struct server *server = argument;
    void *blocks[Blocks];
    for (long request = 0; request < server->requests; request++)
    {
        for (int i = 0; i < Blocks; i++) blocks[i] = allocate_marked(request_bytes(&server->random));
        for (int i = 1; i < Blocks; i += 2)
        {
            free_marked(blocks[i]);
            blocks[i] = allocate_marked(request_bytes(&server->random));
        }
        for (int i = 0; i < Handed; i++) blocks[i] = __atomic_exchange_n(&handed[i], blocks[i], __ATOMIC_ACQ_REL);
        for (int i = 0; i < Blocks; i++) free_marked(blocks[i]);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static struct server servers[Threads];
    pthread_t threads[Threads];
    for (int i = 0; i < Threads; i++)
    {
        servers[i] = (struct server){ .random = seed_of(160 + (uint64_t)i), .requests = scaled(6000, argc, argv) };
        threads[i] = start_thread(serve, &servers[i]);
    }
    for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < Handed; i++) free_marked(handed[i]);
    return 0;
}
