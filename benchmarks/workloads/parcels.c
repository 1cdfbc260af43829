// Parcels: four threads replace blocks of mixed sizes of their own, and each in turn sends a parcel of two thousand
// blocks to its neighbour, who frees them. After the benchmark of rpmalloc.
#include "workload.h"
#include <stdatomic.h>

enum { Threads = 4, Own = 3000, InAParcel = 2000, Generations = 4 };

struct parcel { void *blocks[InAParcel]; };

static _Atomic(struct parcel *) boxes[Threads];
static long parcels_of_a_thread;

struct worker
{
    uint64_t random;
    int number;
};

static size_t request_bytes(uint64_t *random)
{
    return random_between(random, 16, random_below(random, 100) < 80 ? 1000 : 16000);
}

static void open_parcel(struct parcel *parcel)
{
    if (parcel == NULL) return;
    for (int i = 0; i < InAParcel; i++) free_marked(parcel->blocks[i]);
    free(parcel);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    void **own = calloc(Own, sizeof *own);
    expect(own != NULL, "calloc gives a table");
    for (long round = 0; round < parcels_of_a_thread; round++)
    {
        for (int i = 0; i < Own; i++)
        {
            if (random_below(&worker->random, 2) == 0) continue;
            free_marked(own[i]);
            own[i] = allocate_marked(request_bytes(&worker->random));
        }
        struct parcel *parcel = malloc(sizeof *parcel);
        expect(parcel != NULL, "malloc gives a parcel");
        for (int i = 0; i < InAParcel; i++) parcel->blocks[i] = allocate_marked(request_bytes(&worker->random));
        open_parcel(atomic_exchange(&boxes[(worker->number + 1) % Threads], parcel));
        open_parcel(atomic_exchange(&boxes[worker->number], NULL));
    }
    for (int i = 0; i < Own; i++) free_marked(own[i]);
    free(own);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct worker workers[Threads];
    parcels_of_a_thread = scaled(100, argc, argv);
    for (int i = 0; i < Threads; i++) workers[i] = (struct worker){ .random = seed_of(120 + (uint64_t)i), .number = i };
    for (int generation = 0; generation < Generations; generation++)
    {
        pthread_t threads[Threads];
        for (int i = 0; i < Threads; i++) threads[i] = start_thread(work, &workers[i]);
        for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < Threads; i++) open_parcel(atomic_exchange(&boxes[i], NULL));
    return 0;
}
