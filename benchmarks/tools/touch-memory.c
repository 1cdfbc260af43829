// Touches so many MB of memory and ends. Memory that the host of a virtual machine has not backed yet costs up to
// twenty times more on first touch; whoever runs first would pay for all who come after.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
    size_t bytes = argc == 2 ? (size_t)atol(argv[1]) << 20 : 0;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
    {
        perror("touch-memory MB");
        return 1;
    }
    memset(memory, 1, bytes);
    return 0;
}
