// Goal: a limit on address space is the only limit. Small blocks of 3 GiB in all under a limit of 4 GiB; little of
// it is touched.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

int main(void)
{
    const size_t block_bytes = 48 << 10, count = 65536;
    struct rlimit limit = { 4UL << 30, 4UL << 30 };
    if (setrlimit(RLIMIT_AS, &limit) != 0) return 2;
    for (size_t i = 0; i < count; i++) {
        char *block = malloc(block_bytes);
        if (!block) {
            fprintf(stderr, "refused after %zu MiB\n", i * block_bytes >> 20);
            return 1;
        }
        block[0] = 1;
    }
    return 0;
}
