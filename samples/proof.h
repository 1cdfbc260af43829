// Proves which allocator serves this program: allocates, and asks Lampyris how many blocks it saw.
#include <stdio.h>
#include <stdlib.h>
#include "../include/lampyris.h"

enum { PROOF_BLOCKS = 1000 };

static int prove_with(const char *way, void *(*allocate)(size_t), void (*release)(void *))
{
    struct lampyris_snapshot before, after;
    static void *blocks[PROOF_BLOCKS];

    lampyris_snapshot(&before, sizeof before);
    for (int i = 0; i < PROOF_BLOCKS; i++) blocks[i] = allocate(100);
    lampyris_snapshot(&after, sizeof after);
    for (int i = 0; i < PROOF_BLOCKS; i++) release(blocks[i]);

    int served = (int)(after.allocated_blocks - before.allocated_blocks);
    printf("%s: %d of %d blocks came from Lampyris %s\n", way, served, PROOF_BLOCKS, lampyris_version());
    return served >= PROOF_BLOCKS && lampyris_verify() == 0 ? 0 : 1;
}
