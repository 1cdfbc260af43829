#include "counters.h"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace {

constexpr int Buckets = 20;
constexpr std::size_t FirstBucketBytes = 256, UsualIntervalBytes = 100'000'000;

struct Figures { std::uint64_t allocated[Buckets], deallocated[Buckets]; };

// No constructor and no destructor: it counts before the first and after the last of them.
thread_local Figures t_figures;
thread_local std::uint64_t t_moved;

std::atomic<std::uint64_t> s_allocated[Buckets], s_deallocated[Buckets];
std::atomic<bool> s_stopped;

std::uint64_t interval()
{
    static std::atomic<std::uint64_t> s_interval;
    std::uint64_t bytes = s_interval.load(std::memory_order_relaxed);
    if (bytes != 0) return bytes;
    const char *text = std::getenv("MEMORY_METRIC_REPORT_INTERVAL");
    bytes = text != nullptr ? std::strtoull(text, nullptr, 10) : 0;
    if (bytes == 0) bytes = UsualIntervalBytes;
    s_interval.store(bytes, std::memory_order_relaxed);
    return bytes;
}

int bucket_of(std::size_t size)
{
    int bucket = 1;
    for (std::size_t limit = FirstBucketBytes; size > limit && bucket < Buckets - 1; limit *= 2) bucket++;
    return bucket;
}

void count(std::uint64_t *figures, std::size_t size)
{
    if (s_stopped.load(std::memory_order_relaxed)) return;
    figures[0] += size;
    figures[bucket_of(size)] += size;
    t_moved += size;
    if (t_moved >= interval()) counters::report();
}

void print(const char *name, const std::atomic<std::uint64_t> *figures)
{
    std::printf("%s", name);
    for (int i = 0; i < Buckets; i++) std::printf(" %llu", static_cast<unsigned long long>(figures[i].load()));
    std::printf("\n");
}

}

void counters::allocated(std::size_t size) { count(t_figures.allocated, size); }

void counters::deallocated(std::size_t size) { count(t_figures.deallocated, size); }

void counters::report()
{
    static const bool each_thread = std::getenv("MEMORY_METRIC_THREAD_COUNTER") != nullptr;
    if (each_thread && t_moved != 0)
        std::fprintf(stderr, "memory_allocator.thread_allocated_bytes{thread=%d} %llu\nmemory_allocator.thread_deallocated_bytes{thread=%d} %llu\n",
            gettid(), static_cast<unsigned long long>(t_figures.allocated[0]), gettid(), static_cast<unsigned long long>(t_figures.deallocated[0]));
    for (int i = 0; i < Buckets; i++) {
        s_allocated[i].fetch_add(t_figures.allocated[i], std::memory_order_relaxed);
        s_deallocated[i].fetch_add(t_figures.deallocated[i], std::memory_order_relaxed);
    }
    t_figures = {};
    t_moved = 0;
}

void counters::stop() { s_stopped.store(true); }

void counters::print()
{
    ::print("memory_allocator.allocated_bytes", s_allocated);
#ifdef SAVE_ALLOCATE_SIZE                       // else frees are not counted
    ::print("memory_allocator.deallocated_bytes", s_deallocated);
    std::printf("memory_allocator.used_bytes %lld\n", static_cast<long long>(s_allocated[0].load() - s_deallocated[0].load()));
#endif
}
