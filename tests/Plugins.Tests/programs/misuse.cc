// A host that does to a plugin's blocks what must not be done.
//   misuse PLUGIN DEED
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <sys/resource.h>
#include <vector>
#include "memory_allocator.h"

static MemoryAllocatorInterface *allocator;

static char *block_of(size_t bytes) { return static_cast<char *>(allocator->allocate(bytes)); }

static void print_status()
{
    char status[300];
    allocator->logstatus(status, sizeof status);
    std::puts(status);
}

static int count_mappings()
{
    std::FILE *file = std::fopen("/proc/self/maps", "r");
    int lines = 0;
    for (int c; (c = std::getc(file)) != EOF;) lines += c == '\n';
    std::fclose(file);
    return lines;
}

// More live blocks than there are guards: all of them can be written, and all can be freed.
static void many()
{
    std::vector<char *> blocks;
    for (int i = 0; i < 26'000; i++) {
        blocks.push_back(block_of(100));
        std::memset(blocks.back(), i, 100);
    }
    std::printf("mappings %d\n", count_mappings());
    for (size_t i = 0; i < blocks.size(); i++) {
        for (int at = 0; at < 100; at++) if (blocks[i][at] != static_cast<char>(i)) std::abort();
        allocator->deallocate(blocks[i]);
    }
    print_status();
    std::printf("mappings %d\n", count_mappings());
}

// One block after the other, more often than the quarantine is long.
static void turn_over()
{
    int before = count_mappings();
    for (int i = 0; i < 20'000; i++) allocator->deallocate(block_of(i % 10'000));
    std::printf("mappings %d\n", count_mappings() - before);
    print_status();
}

// The address space is limited to a little more than is in use.
static void limited()
{
    rlimit limit { 300u << 20, 300u << 20 };
    setrlimit(RLIMIT_AS, &limit);
    void *refused = block_of(400u << 20), *small = block_of(100);
    std::printf("%s %s\n", refused ? "a block" : "null", small ? "a block" : "null");
    allocator->deallocate(small);
    print_status();
}

int main(int, char **arguments)
{
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_GLOBAL);
    if (!library) return 2;
    allocator = reinterpret_cast<GetMemoryAllocatorFunc>(dlsym(library, "getMemoryAllocator"))();
    const char *deed = arguments[2];
    auto is = [&](const char *name) { return std::strcmp(deed, name) == 0; };
    if (is("many")) many();
    else if (is("turn-over")) turn_over();
    else if (is("limited")) limited();
    else {
        char *block = block_of(is("slack") ? 30 : 32);
        std::memset(block, 1, 30);
        volatile char *at = block;
        if (is("overrun")) at[32] = 1;
        else if (is("read-behind")) (void)at[32];
        else if (is("slack")) at[30] = 1;
        else if (is("underrun")) at[-1] = 1;
        else if (is("inside")) allocator->deallocate(block + 8);
        else if (is("elsewhere")) allocator->deallocate(&allocator);
        allocator->deallocate(block);
        if (is("use-after-free")) at[5] = 1;
        if (is("double-free")) allocator->deallocate(block);
    }
    std::puts("survived");
}
