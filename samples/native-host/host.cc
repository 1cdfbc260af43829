// A host with a load: threads allocate and free through `memory` and through new and delete, blocks of 0 bytes to 8 MiB
// and alignments of 16 bytes to 64 KiB, hand some of them to each other, and look at every byte they rely on.
//   native-host [THREADS [OPERATIONS-A-THREAD [SEED]]]
// Exit code 0: every block was aligned and held what was written to it. 1: one did not; 2: bad arguments.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>
#include "memory.h"
#ifdef OVERRIDE_CXX_NEW_DELETE
#include "counters.h"
#endif

namespace {

constexpr std::size_t MaxBytes = 8u << 20, MaxAlignment = 64u << 10, CheckedBytes = 4096;
constexpr int Slots = 256, Handovers = 64;

enum class Way { Memory, Aligned, New, AlignedNew };

struct Block {
    unsigned char *start;
    std::size_t size, alignment;
    unsigned char fill;
    Way way;
};

std::atomic<Block *> s_handover[Handovers];
std::atomic<int> s_failures;

class Random {
public:
    explicit Random(std::uint64_t seed) : _state(seed) { }
    std::uint64_t next()
    {
        std::uint64_t x = _state += 0x9E3779B97F4A7C15u;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
        x = (x ^ x >> 27) * 0x94D049BB133111EBu;
        return x ^ x >> 31;
    }
    std::size_t below(std::size_t limit) { return next() % limit; }
private:
    std::uint64_t _state;
};

void fail(const char *what, const Block &block)
{
    std::fprintf(stderr, "native-host: %s: %p, %zu bytes, alignment %zu\n", what, static_cast<void *>(block.start), block.size, block.alignment);
    s_failures++;
}

// Of a large block its two ends are looked at.
template <class Visit> void visit_ends(const Block &block, Visit visit)
{
    std::size_t head = block.size < CheckedBytes ? block.size : CheckedBytes;
    visit(block.start, head);
    if (block.size > head) visit(block.start + block.size - head, head);
}

std::size_t random_size(Random &random)
{
    switch (random.below(64)) {
    case 0: return random.below(MaxBytes + 1);
    case 1: case 2: case 3: return random.below(64 << 10);
    case 4: return 0;
    default: return random.below(1024);
    }
}

Block obtain(Random &random)
{
    Block block { nullptr, random_size(random), 0, static_cast<unsigned char>(random.next()), static_cast<Way>(random.below(4)) };
    block.alignment = block.size < 16 ? 8 : 16;         // what malloc promises
    if (block.way == Way::Aligned || block.way == Way::AlignedNew) {
        block.alignment = std::size_t(16) << random.below(13);
        if (block.alignment > MaxAlignment) block.alignment = MaxAlignment;
    }
    switch (block.way) {
    case Way::Memory: block.start = static_cast<unsigned char *>(memory::allocate(block.size)); break;
    case Way::Aligned: block.start = static_cast<unsigned char *>(memory::memalign(block.alignment, block.size)); break;
    case Way::New: block.start = new unsigned char[block.size]; break;
    case Way::AlignedNew: block.start = static_cast<unsigned char *>(operator new(block.size, std::align_val_t(block.alignment))); break;
    }
    if (block.start == nullptr) fail("no memory", block);
    else if (reinterpret_cast<std::uintptr_t>(block.start) % block.alignment != 0) fail("not aligned", block);
    else visit_ends(block, [&](unsigned char *at, std::size_t bytes) { std::memset(at, block.fill, bytes); });
    return block;
}

void release(const Block &block)
{
    if (block.start == nullptr) return;
    bool whole = true;
    visit_ends(block, [&](unsigned char *at, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; i++) whole &= at[i] == block.fill;
    });
    if (!whole) fail("contents changed", block);
    switch (block.way) {
    case Way::Memory: case Way::Aligned: memory::deallocate(block.start); break;
    case Way::New: delete[] block.start; break;
    case Way::AlignedNew: operator delete(block.start, std::align_val_t(block.alignment)); break;
    }
}

void take(Block *found)
{
    std::unique_ptr<Block> mine(found);
    if (mine) release(*mine);
}

void work(std::uint64_t seed, long operations)
{
    Random random(seed);
    std::vector<Block> slots(Slots);
    for (long i = 0; i < operations; i++) {
        Block &slot = slots[random.below(Slots)];
        release(slot);
        slot = obtain(random);
        if (random.below(4) == 0) {
            take(s_handover[random.below(Handovers)].exchange(new Block(slot)));
            slot = { };
        }
    }
    for (Block &slot : slots) release(slot);
#ifdef OVERRIDE_CXX_NEW_DELETE
    slots = std::vector<Block>();
    counters::report();
#endif
}

// Frees what it holds after main, when the host has shut its memory down.
struct Late {
    std::vector<std::string> lines;
    ~Late() { lines.clear(); }
} s_late;

long argument(int count, char **arguments, int index, long usual)
{
    if (index >= count) return usual;
    char *end;
    long value = std::strtol(arguments[index], &end, 10);
    if (*end != '\0' || value < 1) {
        std::fprintf(stderr, "native-host: '%s' is no positive number; usage: native-host [THREADS [OPERATIONS-A-THREAD [SEED]]]\n", arguments[index]);
        std::exit(2);
    }
    return value;
}

}

int main(int count, char **arguments)
{
    long threads = argument(count, arguments, 1, 8), operations = argument(count, arguments, 2, 20000), seed = argument(count, arguments, 3, 1);
    for (int i = 0; i < 1000; i++) s_late.lines.emplace_back(100, 'x');

    std::vector<std::thread> running;
    for (long i = 0; i < threads; i++) running.emplace_back(work, static_cast<std::uint64_t>(seed * 1000003 + i), operations);
    for (std::thread &one : running) one.join();
    for (auto &place : s_handover) take(place.exchange(nullptr));

    char status[512];
    memory::logstatus(status, sizeof status);
    std::printf("status: %s\n", status);
    std::printf("profiling: %s\n", memory::profiling(true, "/tmp/native-host") ? "on" : "not supported");
#ifdef OVERRIDE_CXX_NEW_DELETE
    counters::report();
    counters::print();
#endif
    memory::shutdown();
    std::printf("%ld threads, %ld operations each, %d failures\n", threads, operations, s_failures.load());
    return s_failures == 0 ? 0 : 1;
}
