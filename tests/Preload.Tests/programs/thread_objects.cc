// C++ thread_local objects, whose destructors run at each thread's end, before and among the heap's own end of the thread.
#include "support/case.h"
#include "support/process.h"
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

static std::atomic<long> made, destroyed;

struct second
{
    std::vector<std::string> words;
    second() : words(100, std::string(60, 'w')) { made++; }
    ~second()
    {
        for (const std::string &word : words) EXPECT(word == std::string(60, 'w'), "a word is %s", word.c_str());
        destroyed++;
    }
};

static thread_local std::unique_ptr<second> made_while_destroying;

struct first
{
    std::map<int, std::string> entries;
    first()
    {
        for (int i = 0; i < 50; i++) entries[i] = std::string((size_t)i * 10, 'e');
        made++;
    }
    ~first()
    {
        entries[1000].assign(5000, 'x'); // allocates in a destructor
        made_while_destroying = std::make_unique<second>(); // and registers nothing: it was constructed already
        made_while_destroying.reset();
        destroyed++;
    }
};

static thread_local first one;

CASE(thread_locals, "thread_local objects of 2,000 threads are destroyed with destructors that allocate, and nothing leaks")
{
    size_t before = 0;
    for (int batch = 0; batch < 250; batch++)
    {
        if (batch == 25) before = resident_bytes();
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; i++)
            threads.emplace_back([] {
                made_while_destroying = std::make_unique<second>();
                EXPECT(one.entries.size() == 50, "%zu entries", one.entries.size());
            });
        for (std::thread &thread : threads) thread.join();
    }
    size_t after = resident_bytes();
    EXPECT(made == 3 * 2000 && destroyed == made, "%ld made, %ld destroyed", made.load(), destroyed.load());
    EXPECT(after < before + 12 * MIB, "resident %zu KiB after 200 threads, %zu KiB after 2,000", before / KIB, after / KIB);
}
