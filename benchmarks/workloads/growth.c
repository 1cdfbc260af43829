// Growth: arrays that double, buffers that grow by half, and strings that grow by a few bytes at a time, all by realloc,
// many of them at once, so that hardly any can simply stretch into the room behind it.
#include "workload.h"

enum { Growing = 48 };

struct growing
{
    unsigned char *bytes;
    size_t used, capacity, goal; // in bytes; done when used reaches goal
    int style;                   // 0: doubles, 1: grows by half, 2: by what is needed and no more
};

static void begin(struct growing *growing, uint64_t *random)
{
    uint32_t kind = random_below(random, 100);
    size_t goal = kind < 70 ? random_between(random, 64, 4096) : kind < 97 ? random_between(random, 4097, 131072) : random_between(random, 131073, 4194304);
    *growing = (struct growing){ .goal = goal, .style = goal > 131072 ? (int)random_below(random, 2) : (int)random_below(random, 3) };
}

static void append(struct growing *growing, size_t count)
{
    size_t needed = growing->used + count;
    if (needed > growing->capacity)
    {
        size_t more = growing->style == 0 ? growing->capacity * 2 : growing->style == 1 ? growing->capacity + growing->capacity / 2 : 0;
        growing->capacity = more > needed ? more : needed;
        growing->bytes = realloc(growing->bytes, growing->capacity);
        expect(growing->bytes != NULL, "realloc gives a block");
    }
    memset(growing->bytes + growing->used, mark_of(growing->goal), count);
    growing->used = needed;
}

static void end(struct growing *growing)
{
    for (size_t at = 0; at < growing->used; at += 61) expect(growing->bytes[at] == mark_of(growing->goal), "realloc keeps the contents");
    free(growing->bytes);
}

int main(int argc, char **argv)
{
    static struct growing all[Growing];
    uint64_t random = seed_of(6);
    long steps = scaled(8000000, argc, argv);

    for (int i = 0; i < Growing; i++) begin(&all[i], &random);
    for (long step = 0; step < steps; step++)
    {
        struct growing *growing = &all[random_below(&random, Growing)];
        size_t largest_piece = 48 + growing->goal / 128;
        append(growing, random_between(&random, 1, largest_piece));
        if (growing->used < growing->goal) continue;
        end(growing);
        begin(growing, &random);
    }
    for (int i = 0; i < Growing; i++) end(&all[i]);
    return 0;
}
