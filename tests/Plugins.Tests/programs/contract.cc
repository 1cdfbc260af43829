// A host written against include/memory_allocator.h alone: looks at everything the contract says of a plugin.
//   contract PLUGIN NAME PROFILES
// NAME is what the status begins with; PROFILES is 1 where profiling is expected to work.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <set>
#include <thread>
#include <unistd.h>
#include <vector>
#include "memory_allocator.h"

#define EXPECT(condition) \
    do { if (!(condition)) { std::fprintf(stderr, "contract: line %d: not so: %s\n", __LINE__, #condition); std::_Exit(1); } } while (0)

static void check_layout(MemoryAllocatorInterface *allocator)
{
    void **object = reinterpret_cast<void **>(allocator);
    void **methods = static_cast<void **>(object[0]);
    EXPECT(methods[-2] == nullptr);             // offset to the top
    for (int i = 0; i < 7; i++) EXPECT(methods[i] != nullptr);
    // Neither destructor may harm an object that lives as long as the process.
    reinterpret_cast<void (*)(void *)>(methods[0])(allocator);
    reinterpret_cast<void (*)(void *)>(methods[1])(allocator);
}

static void check_blocks(MemoryAllocatorInterface *allocator)
{
    std::set<void *> empty;
    for (int i = 0; i < 100; i++) {
        void *block = allocator->allocate(0);
        EXPECT(block != nullptr && empty.insert(block).second);
    }
    for (void *block : empty) allocator->deallocate(block);
    allocator->deallocate(nullptr);

    for (size_t size = 1; size <= 8u << 20; size = size * 3 / 2 + 1) {
        auto *block = static_cast<unsigned char *>(allocator->allocate(size));
        EXPECT(block != nullptr && reinterpret_cast<uintptr_t>(block) % (size < 16 ? 8 : 16) == 0);
        std::memset(block, 0x5A, size);
        EXPECT(block[0] == 0x5A && block[size - 1] == 0x5A);
        allocator->deallocate(block);
    }
    for (size_t alignment = 16; alignment <= 64u << 10; alignment *= 2)
        for (size_t size : { size_t(0), size_t(1), alignment - 1, alignment, alignment + 1, size_t(100'000) }) {
            void *block = allocator->memalign(alignment, size);
            EXPECT(block != nullptr && reinterpret_cast<uintptr_t>(block) % alignment == 0);
            std::memset(block, 0x5A, size);
            allocator->deallocate(block);
        }
    EXPECT(allocator->allocate(SIZE_MAX / 2) == nullptr);
    EXPECT(allocator->memalign(4096, SIZE_MAX / 2) == nullptr);
}

// At every size of the buffer: cut, terminated, and not one byte behind.
static void check_status(MemoryAllocatorInterface *allocator, const char *name)
{
    char whole[1024];
    std::memset(whole, '#', sizeof whole);
    allocator->logstatus(whole, sizeof whole);
    size_t length = strnlen(whole, sizeof whole);
    EXPECT(length > std::strlen(name) && length < 300);
    EXPECT(std::strncmp(whole, name, std::strlen(name)) == 0);
    EXPECT(std::strchr(whole, '\n') == nullptr);
    for (size_t size = 0; size <= length + 2; size++) {
        char cut[400];
        std::memset(cut, '#', sizeof cut);
        allocator->logstatus(cut, size);
        EXPECT(cut[size] == '#');
        if (size == 0) continue;
        size_t written = strnlen(cut, size);
        EXPECT(written < size);                 // terminated inside
        EXPECT(std::strncmp(cut, whole, std::strlen(name) < written ? std::strlen(name) : written) == 0);
    }
    std::printf("%s\n", whole);
}

// C++ has bool; a caller in another language may leave anything in the rest of the register.
static void check_profiling(MemoryAllocatorInterface *allocator, bool works, const char *prefix)
{
    void **methods = *reinterpret_cast<void ***>(allocator);
    auto raw = reinterpret_cast<uint64_t (*)(void *, uint64_t, const char *)>(methods[6]);
    uint64_t on = raw(allocator, 0xFFFF'FF01, prefix) & 0xFF;
    EXPECT(on == (works ? 1u : 0u));
    void *block = allocator->allocate(4 << 20);
    EXPECT((raw(allocator, 0xFFFF'FF00, prefix) & 0xFF) == (works ? 1u : 0u));
    EXPECT((raw(allocator, 0, nullptr) & 0xFF) <= 1);
    allocator->deallocate(block);
}

static void check_threads(MemoryAllocatorInterface *allocator)
{
    constexpr int Threads = 8, Blocks = 2000;
    static void *blocks[Threads][Blocks];
    std::vector<std::thread> threads;
    for (int t = 0; t < Threads; t++)
        threads.emplace_back([=] {
            for (int i = 0; i < Blocks; i++) {
                blocks[t][i] = allocator->allocate(8 + i % 500);
                std::memset(blocks[t][i], t + 1, 8);
            }
        });
    for (auto &thread : threads) thread.join();
    threads.clear();
    for (int t = 0; t < Threads; t++)           // each frees another's
        threads.emplace_back([=] {
            for (int i = 0; i < Blocks; i++) {
                auto *block = static_cast<unsigned char *>(blocks[(t + 1) % Threads][i]);
                EXPECT(block[0] == (t + 1) % Threads + 1 && block[7] == block[0]);
                allocator->deallocate(block);
            }
        });
    for (auto &thread : threads) thread.join();
}

int main(int count, char **arguments)
{
    if (count != 4) return 2;
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_GLOBAL);
    if (library == nullptr) { std::fprintf(stderr, "contract: %s\n", dlerror()); return 1; }
    auto entry = reinterpret_cast<GetMemoryAllocatorFunc>(dlsym(library, "getMemoryAllocator"));
    EXPECT(entry != nullptr);
    MemoryAllocatorInterface *allocator = entry();
    EXPECT(allocator != nullptr);
    check_layout(allocator);
    check_blocks(allocator);
    check_threads(allocator);
    check_status(allocator, arguments[2]);
    char prefix[64];
    std::snprintf(prefix, sizeof prefix, "/tmp/contract-%d", static_cast<int>(getpid()));
    check_profiling(allocator, arguments[3][0] == '1', prefix);
    std::printf("prefix %s\nok\n", prefix);
}
