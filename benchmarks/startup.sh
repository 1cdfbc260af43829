#!/bin/bash
# What Lampyris adds to the start of a program: benchmarks/startup.sh [RUNS] [LIBRARY…]
# Runs /bin/true without and with each library in turns, in an order shuffled each round, and prints the
# median and the mean of each and the difference to none. "empty.so" is a library with nothing in it: what
# any preload costs.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
runs=${1:-2000}
shift || true
libraries=("$@")
[ ${#libraries[@]} -gt 0 ] || libraries=("$root/artifacts/native/liblampyris.so")
for library in "${libraries[@]}"; do
    [ -f "$library" ] || { echo "startup.sh: no $library; build it with: dotnet build src/Preload -c Release" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo 'extern int nothing; int nothing;' | gcc -shared -fPIC -x c - -o "$work/empty.so"
gcc -O2 -o "$work/startup" -x c - <<'C'
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }

static double start_once(const char *library)
{
    char variable[4096], *arguments[] = { "/bin/true", 0 }, *environment[] = { variable, 0 };
    pid_t child;
    int status;
    if (*library) snprintf(variable, sizeof variable, "LD_PRELOAD=%s", library);
    else strcpy(variable, "NONE=1");
    double begin = now();
    if (posix_spawn(&child, "/bin/true", 0, 0, arguments, environment)) exit(1);
    waitpid(child, &status, 0);
    double took = now() - begin;
    if (status) { fprintf(stderr, "startup: /bin/true failed with %s\n", library); exit(1); }
    return took;
}

static int by_size(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }

int main(int count, char **libraries)
{
    int runs = atoi(libraries[1]), kinds = count - 2, order[64];
    double *took = malloc(sizeof(double) * runs * kinds), base = 0;
    for (int i = 0; i < kinds; i++) order[i] = i;
    for (int run = -20; run < runs; run++) {
        for (int i = kinds - 1; i > 0; i--) { int j = rand() % (i + 1), t = order[i]; order[i] = order[j]; order[j] = t; }
        for (int i = 0; i < kinds; i++) {
            double t = start_once(libraries[2 + order[i]]);
            if (run >= 0) took[order[i] * runs + run] = t;      // the first rounds only warm up
        }
    }
    printf("%-60s %10s %10s %12s\n", "library", "median us", "mean us", "added us");
    for (int kind = 0; kind < kinds; kind++) {
        double sum = 0, *mine = took + kind * runs;
        for (int i = 0; i < runs; i++) sum += mine[i];
        qsort(mine, runs, sizeof(double), by_size);
        double median = mine[runs / 2];
        if (kind == 0) base = median;
        const char *name = libraries[2 + kind];
        printf("%-60s %10.1f %10.1f %12.1f\n", *name ? name : "(none)", median, sum / runs, median - base);
    }
}
C
"$work/startup" "$runs" "" "$work/empty.so" "${libraries[@]}"
