// Known bytes at known sites, each below a chain of functions that no compiler may merge. Says what it does, a line a site:
// bytes, a tab, the functions from the outside in.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline, noclone, noipa))

enum { Rounds = 4000 };

static void expect(size_t bytes, const char *chain) { printf("%zu\t%s\n", bytes, chain); }

// Used after the call, so that it is no tail call.
static char *volatile s_last;

KEEP static void site_straight(size_t bytes) {
    char *block = malloc(bytes);
    block[0] = 1;
    s_last = block;
    free(block);
}

KEEP static void middle(size_t bytes) {
    site_straight(bytes);
    s_last = 0;
}

// Large frames and a variable one: the frame's size is not known to the compiler.
KEEP static void with_alloca(size_t bytes) {
    char *room = __builtin_alloca(bytes);
    memset(room, 1, bytes);
    s_last = room;
    middle(bytes);
    s_last = 0;
}

KEEP static void realigned(size_t bytes) {
    char room[4096] __attribute__((aligned(256)));
    memset(room, 1, sizeof room);
    s_last = room;
    with_alloca(bytes);
    s_last = 0;
}

KEEP static void site_recursive(int depth) {
    if (depth == 0) {
        char *block = malloc(300);
        block[0] = 1;
        s_last = block;
        free(block);
        return;
    }
    site_recursive(depth - 1);
    s_last = 0;
}

// Below the C library's qsort.
static int site_compare(const void *a, const void *b) {
    char *block = calloc(1, 400);
    s_last = block;
    free(block);
    return *(const int *)a - *(const int *)b;
}

KEEP static void sort(int *numbers, size_t count) {
    qsort(numbers, count, sizeof *numbers, site_compare);
    s_last = 0;
}

// Below a signal handler, in which the kernel's frame lies between.
static volatile sig_atomic_t s_signals;
KEEP static void site_in_handler(void) {
    char *block = malloc(600);
    block[0] = 1;
    s_last = block;
    free(block);
}

static void handler(int number) {
    (void)number;
    site_in_handler();
    s_signals = s_signals + 1;
}

KEEP static void raise_it(void) {
    raise(SIGUSR1);
    s_last = 0;
}

// Below a library without any symbols but the one that is called.
KEEP static void site_called_back(size_t bytes) {
    char *block = malloc(bytes);
    block[0] = 1;
    s_last = block;
    free(block);
}

KEEP static void through_library(void (*enter)(void (*)(size_t), size_t), int rounds) {
    for (int i = 0; i < rounds; i++) enter(site_called_back, 700);
    s_last = 0;
}

KEEP static void *thread_main(void *name) {
    pthread_setname_np(pthread_self(), name);
    for (int i = 0; i < Rounds; i++) middle(800);
    return 0;
}

int main(int argc, char **argv) {
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : 0;
    if (!library) return 2;
    void (*enter)(void (*)(size_t), size_t) = (void (*)(void (*)(size_t), size_t))dlsym(library, "enter");
    if (!enter) return 3;

    for (int i = 0; i < Rounds; i++) realigned(200);
    expect(Rounds * 200, "main > realigned > with_alloca > middle > site_straight");

    for (int i = 0; i < Rounds; i++) site_recursive(30);
    expect(Rounds * 300, "main > site_recursive > site_recursive > site_recursive > site_recursive");

    int pair[2] = {2, 1};
    for (int i = 0; i < Rounds; i++) sort(pair, 2);
    expect(Rounds * 400, "main > sort > *qsort* > site_compare");

    signal(SIGUSR1, handler);
    for (int i = 0; i < 500; i++) raise_it();
    expect(500 * 600, "main > raise_it > *raise > handler > site_in_handler");

    through_library(enter, Rounds);
    expect(Rounds * 700, "main > through_library > enter > libsilent.so+0x* > libsilent.so+0x* > site_called_back");
    expect(Rounds * 5000, "main > through_library > enter > libsilent.so+0x* > libsilent.so+0x* > .");

    pthread_t thread;
    if (pthread_create(&thread, 0, thread_main, "worker oak")) return 4;
    pthread_join(thread, 0);
    expect(Rounds * 800, "start_thread > thread_main > middle > site_straight");
    return 0;
}
