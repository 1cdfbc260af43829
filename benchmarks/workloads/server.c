// Server: four threads replace blocks of sessions at random; sessions move from thread to thread, so that blocks are
// freed by other threads than allocated them, and every thread ends after a while and is replaced by a new one, as
// in a server with a thread pool that breathes.
#include "workload.h"
#include <stdatomic.h>

enum { Lanes = 4, BlocksInASession = 1000, SessionsInALane = 8, StepsBetweenMoves = 2000 };

struct session { void *blocks[BlocksInASession]; };

struct lane
{
    struct session *sessions[SessionsInALane];
    uint64_t random;
    long moves;              // how often this lane's thread passes a session on before it ends
};

static _Atomic(struct session *) counter_desk; // where threads swap sessions; never empty

static size_t request_bytes(uint64_t *random)
{
    return random_below(random, 100) < 80 ? random_between(random, 16, 256) : random_between(random, 257, 2048);
}

static void *serve(void *argument)
{
    struct lane *lane = argument;
    for (long move = 0; move < lane->moves; move++)
    {
        for (int step = 0; step < StepsBetweenMoves; step++)
        {
            struct session *session = lane->sessions[random_below(&lane->random, SessionsInALane)];
            void **block = &session->blocks[random_below(&lane->random, BlocksInASession)];
            free_marked(*block);
            *block = allocate_marked(request_bytes(&lane->random));
        }
        struct session **given = &lane->sessions[random_below(&lane->random, SessionsInALane)];
        *given = atomic_exchange(&counter_desk, *given);
    }
    return NULL;
}

static struct session *new_session(void)
{
    struct session *session = calloc(1, sizeof *session);
    expect(session != NULL, "calloc gives a session");
    return session;
}

static void end_session(struct session *session)
{
    for (int i = 0; i < BlocksInASession; i++) free_marked(session->blocks[i]);
    free(session);
}

int main(int argc, char **argv)
{
    static struct lane lanes[Lanes];
    long generations = scaled(60, argc, argv);

    counter_desk = new_session();
    for (int i = 0; i < Lanes; i++)
    {
        lanes[i].random = seed_of(30 + (uint64_t)i);
        lanes[i].moves = 50;
        for (int j = 0; j < SessionsInALane; j++) lanes[i].sessions[j] = new_session();
    }
    for (long generation = 0; generation < generations; generation++)
    {
        pthread_t threads[Lanes];
        for (int i = 0; i < Lanes; i++) threads[i] = start_thread(serve, &lanes[i]);
        for (int i = 0; i < Lanes; i++) pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < Lanes; i++)
        for (int j = 0; j < SessionsInALane; j++) end_session(lanes[i].sessions[j]);
    end_session(counter_desk);
    return 0;
}
