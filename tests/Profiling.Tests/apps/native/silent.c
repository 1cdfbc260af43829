// A library that has lost all its symbols but one: it allocates itself, and calls its caller back.
#include <stdlib.h>

#define KEEP __attribute__((noinline, noclone, noipa))

static char *volatile s_last;

KEEP static void allocate(void) {
    char *block = malloc(5000);
    block[0] = 1;
    s_last = block;
    free(block);
}

KEEP static void inner(void (*back)(size_t), size_t bytes) {
    back(bytes);
    s_last = 0;
}

KEEP static void outer(void (*back)(size_t), size_t bytes) {
    char room[100];
    s_last = room;
    allocate();
    inner(back, bytes);
    s_last = 0;
}

__attribute__((visibility("default"))) void enter(void (*back)(size_t), size_t bytes) {
    outer(back, bytes);
    s_last = 0;
}
