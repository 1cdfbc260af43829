// What the first touch of memory costs on this machine, in nanoseconds for each OS page of 4 KiB: by page faults, populated in pieces
// of 16 KiB or 1 MiB, and in huge pages of 2 MiB; and what it costs to give it back. Medians of several rounds over the same 64 MiB;
// the first round, in which the host of a virtual machine may have to find the memory, is left out.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { OsPage = 4096, Rounds = 5, Ways = 4 };

static const size_t Bytes = (size_t)64 << 20, HugePage = (size_t)2 << 20;

static const struct way
{
    const char *name;
    size_t piece;       // populated at a time; 0: touched
    int advice;
} ways[Ways] = {
    {"page faults", 0, MADV_NOHUGEPAGE},
    {"populated, 16 KiB at a time", 16 << 10, MADV_NOHUGEPAGE},
    {"populated, 1 MiB at a time", 1 << 20, MADV_NOHUGEPAGE},
    {"page faults of 2 MiB", 0, MADV_HUGEPAGE},
};

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_size(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;
    return difference < 0 ? -1 : difference > 0;
}

static double median(double *values)
{
    qsort(values, Rounds, sizeof *values, by_size);
    return values[Rounds / 2];
}

static void check(int result, const char *what)
{
    if (result == 0) return;
    perror(what);
    exit(1);
}

int main(void)
{
    char *mapping = mmap(NULL, Bytes + HugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    check(mapping == MAP_FAILED, "mmap");
    char *memory = (char *)(((size_t)mapping + HugePage - 1) & ~(HugePage - 1));
    for (int i = 0; i < Ways; i++)
    {
        double touched[Rounds], purged[Rounds];
        check(madvise(memory, Bytes, ways[i].advice), "madvise");
        for (int round = -1; round < Rounds; round++)
        {
            double begin = now_ns();
            for (size_t at = 0; ways[i].piece != 0 && at < Bytes; at += ways[i].piece) check(madvise(memory + at, ways[i].piece, MADV_POPULATE_WRITE), "MADV_POPULATE_WRITE");
            for (size_t at = 0; at < Bytes; at += OsPage) memory[at] = 1;
            double middle = now_ns();
            check(madvise(memory, Bytes, MADV_DONTNEED), "MADV_DONTNEED");
            if (round < 0) continue;
            touched[round] = (middle - begin) / (double)(Bytes / OsPage);
            purged[round] = (now_ns() - middle) / (double)(Bytes / OsPage);
        }
        printf("%-28s %7.0f ns, given back %5.0f ns\n", ways[i].name, median(touched), median(purged));
    }
    return 0;
}
