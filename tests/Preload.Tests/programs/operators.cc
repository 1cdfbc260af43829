// Every C++ operator new and delete, and exactly how each fails.
#include "support/case.h"
#include "support/pattern.h"
#include "support/process.h"
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <thread>
#include <vector>

static const std::align_val_t al64{64};
static const size_t hopeless = (size_t)PTRDIFF_MAX - 4096;

struct variant
{
    const char *name;
    void *(*make)(size_t bytes);
    void (*drop)(void *block, size_t bytes);
    bool nothrow;
};

// The eight operators new, each with a delete; the table below adds the other deletes.
static const variant variants[] = {
    {"new", [](size_t n) { return ::operator new(n); }, [](void *p, size_t) { ::operator delete(p); }, false},
    {"new[]", [](size_t n) { return ::operator new[](n); }, [](void *p, size_t) { ::operator delete[](p); }, false},
    {"new, nothrow", [](size_t n) { return ::operator new(n, std::nothrow); },
     [](void *p, size_t) { ::operator delete(p, std::nothrow); }, true},
    {"new[], nothrow", [](size_t n) { return ::operator new[](n, std::nothrow); },
     [](void *p, size_t) { ::operator delete[](p, std::nothrow); }, true},
    {"new, aligned", [](size_t n) { return ::operator new(n, al64); }, [](void *p, size_t) { ::operator delete(p, al64); }, false},
    {"new[], aligned", [](size_t n) { return ::operator new[](n, al64); },
     [](void *p, size_t) { ::operator delete[](p, al64); }, false},
    {"new, aligned, nothrow", [](size_t n) { return ::operator new(n, al64, std::nothrow); },
     [](void *p, size_t) { ::operator delete(p, al64, std::nothrow); }, true},
    {"new[], aligned, nothrow", [](size_t n) { return ::operator new[](n, al64, std::nothrow); },
     [](void *p, size_t) { ::operator delete[](p, al64, std::nothrow); }, true},
    {"new, delete sized", [](size_t n) { return ::operator new(n); }, [](void *p, size_t n) { ::operator delete(p, n); }, false},
    {"new[], delete sized", [](size_t n) { return ::operator new[](n); },
     [](void *p, size_t n) { ::operator delete[](p, n); }, false},
    {"new, aligned, delete sized", [](size_t n) { return ::operator new(n, al64); },
     [](void *p, size_t n) { ::operator delete(p, n, al64); }, false},
    {"new[], aligned, delete sized", [](size_t n) { return ::operator new[](n, al64); },
     [](void *p, size_t n) { ::operator delete[](p, n, al64); }, false},
};

CASE(each_pair_works, "each operator new gives memory of its own, aligned, and each operator delete takes it back")
{
    for (const variant &one : variants)
    {
        bool aligned = strstr(one.name, "aligned") != nullptr;
        size_t before = resident_bytes();
        for (size_t round = 0; round < 4; round++)
            for (size_t bytes = 1; bytes <= 4 * MIB; bytes = bytes * 5 / 3 + 1)
            {
                void *first = one.make(bytes), *second = one.make(bytes);
                EXPECT((uintptr_t)first % (aligned ? 64 : 16) == 0, "%s of %zu gave %p", one.name, bytes, first);
                fill(first, bytes, 1);
                fill(second, bytes, 2);
                EXPECT_PATTERN(first, bytes, 1, one.name);
                EXPECT_PATTERN(second, bytes, 2, one.name);
                one.drop(first, bytes);
                one.drop(second, bytes);
            }
        size_t after = resident_bytes();
        EXPECT(after < before + 48 * MIB, "%s: resident %zu KiB before, %zu KiB after 80 MB made and dropped", one.name,
               before / KIB, after / KIB);
        one.drop(nullptr, 0);
    }
}

CASE(zero_is_unique, "size 0 gives a unique pointer from each operator new")
{
    for (const variant &one : variants)
    {
        void *blocks[50];
        for (int i = 0; i < 50; i++)
        {
            blocks[i] = one.make(0);
            EXPECT(blocks[i] != nullptr, "%s of 0: null", one.name);
            for (int j = 0; j < i; j++) EXPECT(blocks[i] != blocks[j], "%s of 0: %p twice", one.name, blocks[i]);
        }
        for (void *block : blocks) one.drop(block, 0);
    }
}

CASE(every_alignment, "aligned new keeps every alignment from 1 byte to 64 MiB, plain new 16 bytes")
{
    for (size_t alignment = 1; alignment <= 64 * MIB; alignment *= 2)
        for (size_t bytes : {(size_t)1, (size_t)100, alignment, (size_t)10000})
        {
            void *block = ::operator new(bytes, std::align_val_t{alignment});
            EXPECT((uintptr_t)block % alignment == 0, "new(%zu, align %zu) gave %p", bytes, alignment, block);
            memset(block, 1, bytes < 4096 ? bytes : 4096);
            ::operator delete(block, bytes, std::align_val_t{alignment});
        }
    for (size_t bytes = 0; bytes < 3000; bytes++)
    {
        void *block = ::operator new(bytes);
        EXPECT((uintptr_t)block % 16 == 0, "new(%zu) gave %p", bytes, block);
        ::operator delete(block);
    }
}

CASE(failure_throws_or_gives_null, "without a handler a failure throws std::bad_alloc, and gives null where nothrow was said")
{
    for (size_t bytes : {hopeless, (size_t)PTRDIFF_MAX + 1, SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 4095})
        for (const variant &one : variants)
        {
            // libstdc++'s own aligned operators round such a size up to 0 and give a block.
            if (strstr(one.name, "aligned") && bytes > (size_t)PTRDIFF_MAX + 1 && !runs_on_lampyris()) continue;
            void *block = (void *)1;
            bool caught = false;
            try
            {
                block = one.make(bytes);
            }
            catch (const std::bad_alloc &)
            {
                caught = true;
            }
            EXPECT(caught == !one.nothrow, "%s of %zu: %s", one.name, bytes, caught ? "threw" : "did not throw");
            EXPECT(caught || block == nullptr, "%s of %zu gave %p", one.name, bytes, block);
        }
}

CASE(bad_alignment_fails, "an alignment that is not a power of two throws std::bad_alloc or gives null")
{
    for (size_t alignment : {3, 24, 48, 1000})
    {
        bool caught = false;
        try
        {
            (void)::operator new(100, std::align_val_t{alignment});
        }
        catch (const std::bad_alloc &)
        {
            caught = true;
        }
        EXPECT(caught, "new(100, align %zu) did not throw", alignment);
        void *block = ::operator new(100, std::align_val_t{alignment}, std::nothrow);
        EXPECT(block == nullptr, "new(100, align %zu, nothrow) gave %p", alignment, block);
    }
}

static int calls;

CASE(handler_until_none, "the handler is called again and again until it takes itself away, then std::bad_alloc or null")
{
    for (const variant &one : variants)
    {
        calls = 0;
        std::set_new_handler([] {
            if (++calls == 7) std::set_new_handler(nullptr);
        });
        bool caught = false;
        void *block = (void *)1;
        try
        {
            block = one.make(hopeless);
        }
        catch (const std::bad_alloc &)
        {
            caught = true;
        }
        EXPECT(calls == 7, "%s: handler called %d times, not 7", one.name, calls);
        EXPECT(caught == !one.nothrow, "%s: %s", one.name, caught ? "threw" : "did not throw");
        EXPECT(caught || block == nullptr, "%s gave %p", one.name, block);
    }
}

CASE(handler_throws, "what the handler throws comes out of new, as it is; out of nothrow new comes null")
{
    for (const variant &one : variants)
    {
        std::set_new_handler([] { throw 4711; });
        int caught = 0;
        void *block = (void *)1;
        try
        {
            block = one.make(hopeless);
        }
        catch (int value)
        {
            caught = value;
        }
        EXPECT(caught == (one.nothrow ? 0 : 4711), "%s: caught %d", one.name, caught);
        EXPECT(!one.nothrow || block == nullptr, "%s gave %p", one.name, block);
    }
}

CASE(handler_changes, "the next handler is looked up anew for each try")
{
    calls = 0;
    std::set_new_handler([] {
        calls += 1;
        std::set_new_handler([] {
            calls += 10;
            std::set_new_handler([] {
                calls += 100;
                throw std::bad_alloc();
            });
        });
    });
    bool caught = false;
    try
    {
        (void)::operator new[](hopeless);
    }
    catch (const std::bad_alloc &)
    {
        caught = true;
    }
    EXPECT(caught && calls == 111, "caught %d, handlers' sum %d", caught, calls);
}

static void *hoards[4];

static void free_piece_by_piece(const variant &one)
{
    const size_t piece = 512 * MIB;
    for (void *&hoard : hoards)
        hoard = mmap(nullptr, piece, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    rlimit limit{virtual_bytes() + 64 * MIB, RLIM_INFINITY};
    EXPECT(setrlimit(RLIMIT_AS, &limit) == 0, "setrlimit: errno %d", errno);
    std::set_new_handler([] {
        EXPECT(calls < 4, "handler called a fifth time");
        // A handler may allocate: a log line, say.
        free(malloc(200));
        delete new int;
        munmap(hoards[calls++], 512 * MIB);
    });
    void *block = one.make(1300 * MIB);
    EXPECT(block != nullptr, "%s: null after %d calls of the handler", one.name, calls);
    EXPECT(calls == 3, "%s: handler called %d times, 3 pieces of 512 MiB were needed for 1300 MiB", one.name, calls);
    ((char *)block)[0] = 1;
    one.drop(block, 1300 * MIB);
}

CASE(handler_frees_enough, "a handler that frees memory piece by piece lets new succeed, and is called just as often as needed")
{
    for (const variant &one : variants)
    {
        pid_t child = fork(); // each in a process that kept no address space from the one before
        if (child == 0)
        {
            free_piece_by_piece(one);
            _exit(0);
        }
        expect_child_is_well(child, one.name);
    }
}

CASE(heap_whole_after_throw, "after a thousand failures in several threads every block still has its contents")
{
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([t] {
            std::vector<std::unique_ptr<std::string>> kept;
            for (int i = 0; i < 250; i++)
            {
                kept.push_back(std::make_unique<std::string>((size_t)(i * 7 + t), 'a'));
                try
                {
                    std::vector<char> big(hopeless);
                    EXPECT(big.empty(), "a vector of %zu bytes", big.size());
                }
                catch (const std::bad_alloc &)
                {
                    continue;
                }
            }
            for (int i = 0; i < 250; i++)
                EXPECT(kept[(size_t)i]->find_first_not_of('a') == std::string::npos, "string %d changed", i);
        });
    for (std::thread &thread : threads) thread.join();
}

struct throwing
{
    char payload[300];
    throwing() { throw 1; }
};

struct alignas(256) wide
{
    char payload[100];
};

CASE(expressions, "new expressions of types with big alignment and of constructors that throw do not leak")
{
    size_t before = resident_bytes();
    for (int i = 0; i < 200000; i++)
    {
        try
        {
            delete new throwing;
        }
        catch (int)
        {
        }
        auto one = std::make_unique<wide>();
        EXPECT((uintptr_t)one.get() % 256 == 0, "a type with alignment 256 at %p", (void *)one.get());
        std::unique_ptr<wide[]> some(new wide[3]);
        EXPECT((uintptr_t)some.get() % 256 == 0, "an array with alignment 256 at %p", (void *)some.get());
    }
    size_t after = resident_bytes();
    EXPECT(after < before + 16 * MIB, "resident %zu KiB before, %zu KiB after", before / KIB, after / KIB);
}

CASE(containers, "maps, strings, vectors and functions live across threads")
{
    std::map<std::string, std::vector<int>> all[8];
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 3000; i++) all[t]["key number " + std::to_string(i)].assign((size_t)(i % 50), i);
        });
    for (std::thread &thread : threads) thread.join();
    threads.clear();
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&, t] {
            auto &other = all[(t + 3) % 8];
            for (auto it = other.begin(); it != other.end();)
            {
                for (int value : it->second) EXPECT(it->first == "key number " + std::to_string(value), "a wrong value %d", value);
                it = it->second.size() % 2 == 0 ? other.erase(it) : std::next(it);
            }
            std::function<size_t()> count = [copy = other] { return copy.size(); };
            EXPECT(count() == 1500, "%zu left of 3000", count());
        });
    for (std::thread &thread : threads) thread.join();
}
