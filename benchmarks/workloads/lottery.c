// Lottery: two threads draw one of 200,000 places of their own at a time, the low ones more often: a free one gets a
// block, a taken one loses it. Nearly all that is written is a cache miss, and the heap stays full of holes of all
// sizes. After `alloc-test` by OLogN Technologies.
#include "workload.h"

enum { Threads = 2, Places = 200000 };

struct player
{
    uint64_t random;
    long draws;
};

static size_t request_bytes(uint64_t *random)
{
    uint32_t doubling = random_below(random, 7);
    return 16 + random_below(random, 16u << doubling) / (1 + random_below(random, 3));
}

static void *play(void *argument)
{
    struct player *player = argument;
    void **places = calloc(Places, sizeof *places);
    expect(places != NULL, "calloc gives a table");
    for (long draw = 0; draw < player->draws; draw++)
    {
        uint32_t drawn = random_below(&player->random, 1 + random_below(&player->random, Places));
        if (places[drawn] == NULL)
        {
            places[drawn] = allocate_marked(request_bytes(&player->random));
            continue;
        }
        free_marked(places[drawn]);
        places[drawn] = NULL;
    }
    for (int i = 0; i < Places; i++) free_marked(places[i]);
    free(places);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct player players[Threads];
    pthread_t threads[Threads];
    for (int i = 0; i < Threads; i++)
    {
        players[i] = (struct player){ .random = seed_of(130 + (uint64_t)i), .draws = scaled(8000000, argc, argv) };
        threads[i] = start_thread(play, &players[i]);
    }
    for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);
    return 0;
}
