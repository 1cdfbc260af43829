// Pipeline: two threads only allocate, two threads only free. Messages go over in batches through one bounded queue.
#include "workload.h"

enum { Producers = 2, Consumers = 2, MessagesInABatch = 400, QueuedBatches = 16 };

struct batch { void *messages[MessagesInABatch]; };

static struct
{
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch *batches[QueuedBatches];
    int first, count;
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static long batches_of_a_producer;

static void put(struct batch *batch)
{
    pthread_mutex_lock(&queue.lock);
    while (queue.count == QueuedBatches) pthread_cond_wait(&queue.changed, &queue.lock);
    queue.batches[(queue.first + queue.count++) % QueuedBatches] = batch;
    pthread_cond_broadcast(&queue.changed);
    pthread_mutex_unlock(&queue.lock);
}

static struct batch *take(void)
{
    pthread_mutex_lock(&queue.lock);
    while (queue.count == 0) pthread_cond_wait(&queue.changed, &queue.lock);
    struct batch *batch = queue.batches[queue.first];
    queue.first = (queue.first + 1) % QueuedBatches;
    queue.count--;
    pthread_cond_broadcast(&queue.changed);
    pthread_mutex_unlock(&queue.lock);
    return batch;
}

static void *produce(void *argument)
{
    uint64_t random = seed_of(40 + (uint64_t)(intptr_t)argument);
    for (long i = 0; i < batches_of_a_producer; i++)
    {
        struct batch *batch = malloc(sizeof *batch);
        expect(batch != NULL, "malloc gives a batch");
        for (int j = 0; j < MessagesInABatch; j++)
            batch->messages[j] = allocate_marked(random_between(&random, 16, j % 16 == 0 ? 2048 : 400));
        put(batch);
    }
    return NULL;
}

static void *consume(void *argument)
{
    (void)argument;
    for (struct batch *batch = take(); batch != NULL; batch = take())
    {
        for (int j = 0; j < MessagesInABatch; j++) free_marked(batch->messages[j]);
        free(batch);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    batches_of_a_producer = scaled(30000, argc, argv);

    pthread_t producers[Producers], consumers[Consumers];
    for (int i = 0; i < Consumers; i++) consumers[i] = start_thread(consume, NULL);
    for (int i = 0; i < Producers; i++) producers[i] = start_thread(produce, (void *)(intptr_t)i);
    for (int i = 0; i < Producers; i++) pthread_join(producers[i], NULL);
    for (int i = 0; i < Consumers; i++) put(NULL); // NULL: the end, once for each consumer
    for (int i = 0; i < Consumers; i++) pthread_join(consumers[i], NULL);
    return 0;
}
