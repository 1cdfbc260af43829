// What one sample of a profile costs: allocates and frees one block, again and again, below a number of frames, and prints
// the nanoseconds that a pair took.
//
//     samples FRAMES PAIRS
//
// With LAMPYRIS_PROFILE_INTERVAL=1 each pair is a sample: a stack walk and two records. What differs between two depths is
// what the frames cost.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void *volatile block;

static long long pairs_ns(long pairs)
{
    for (int i = 0; i < 100; i++) free(block = malloc(100));        // what is only slow at first
    long long begin_ns = now_ns();
    for (long i = 0; i < pairs; i++) free(block = malloc(100));
    return now_ns() - begin_ns;
}

__attribute__((noinline)) static long long below(int frames, long pairs)
{
    if (frames == 0) return pairs_ns(pairs);
    long long result = below(frames - 1, pairs);
    __asm__ volatile("" : "+r"(result));                            // no tail call
    return result;
}

int main(int argc, char **argv)
{
    if (argc != 3)
    {
        fprintf(stderr, "usage: samples FRAMES PAIRS\n");
        return 2;
    }
    long pairs = atol(argv[2]);
    printf("%.1f\n", (double)below(atoi(argv[1]), pairs) / (double)pairs);
    return 0;
}
