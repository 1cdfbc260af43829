// Measures what a preloaded library adds to the start of /bin/true: `tool_spawn LIBRARY RUNS` starts it by turns with
// and without, and prints the lower quartile of each in microseconds.
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static double run(char **environment)
{
    struct timespec from, to;
    pid_t child;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (posix_spawn(&child, "/bin/true", NULL, NULL, (char *[]){"true", NULL}, environment) != 0) exit(1);
    if (waitpid(child, &status, 0) != child || status != 0) exit(1);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
}

static int ascending(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    char preload[4096];
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s", argv[1]);
    char *with[] = {preload, NULL}, *without[] = {"LD_NOTHING=", NULL};
    int runs = atoi(argv[2]);
    double *times[2] = {calloc((size_t)runs, sizeof(double)), calloc((size_t)runs, sizeof(double))};
    for (int i = 0; i < runs; i++)
    {
        int first = i % 2; // who comes first changes, so that neither always follows the other
        times[first][i] = run(first ? with : without);
        times[!first][i] = run(first ? without : with);
    }
    for (int i = 0; i < 2; i++) qsort(times[i], (size_t)runs, sizeof(double), ascending);
    printf("%.1f %.1f\n", times[0][runs / 4], times[1][runs / 4]);
    return 0;
}
