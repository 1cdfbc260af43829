// Buffers: two threads keep 64 buffers each, of 4 to 124 KiB, as for a network's messages or a file's pieces, of which the
// most part stays unused; one after the other, at random, gives way to a new one.
#include "workload.h"

enum { Threads = 2, Buffers = 64, MostUsed = 512 };

struct owner
{
    uint64_t random;
    long turns;
};

struct buffer
{
    unsigned char *bytes;
    size_t size;
};

static void fill(struct buffer *buffer, size_t size)
{
    *buffer = (struct buffer){ .bytes = malloc(size), .size = size };
    expect(buffer->bytes != NULL, "malloc gives a block");
    memset(buffer->bytes, mark_of(size), MostUsed);
    buffer->bytes[size - 1] = mark_of(size);
}

static void drop(struct buffer *buffer)
{
    if (buffer->bytes == NULL) return;
    unsigned char mark = mark_of(buffer->size);
    expect(buffer->bytes[0] == mark && buffer->bytes[MostUsed - 1] == mark && buffer->bytes[buffer->size - 1] == mark, "a buffer holds what was written");
    free(buffer->bytes);
}

static void *replace(void *argument)
{
    struct owner *owner = argument;
    struct buffer buffers[Buffers] = { 0 };
    for (long turn = 0; turn < owner->turns; turn++)
    {
        struct buffer *buffer = &buffers[random_below(&owner->random, Buffers)];
        drop(buffer);
        fill(buffer, random_between(&owner->random, 4096, 124 * 1024));
    }
    for (int i = 0; i < Buffers; i++) drop(&buffers[i]);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct owner owners[Threads];
    pthread_t threads[Threads];
    for (int i = 0; i < Threads; i++)
    {
        owners[i] = (struct owner){ .random = seed_of(150 + (uint64_t)i), .turns = scaled(3000000, argc, argv) };
        threads[i] = start_thread(replace, &owners[i]);
    }
    for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);
    return 0;
}
