// The stack that the profiler sees from inside operator new, in C++.
// flags: -O2 -fomit-frame-pointer -fno-reorder-blocks-and-partition -rdynamic
#include "support/case.h"
#include "support/capture.h"
#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#define FRAME __attribute__((noinline, noclone))
#define KEEP() __asm__ volatile("" ::: "memory")

extern "C" FRAME void allocate()
{
    capture_next();
    ::operator delete(::operator new(100));
    take_capture();
    KEEP();
}

template <int depth> struct nest
{
    static FRAME void go()
    {
        nest<depth - 1>::go();
        KEEP();
    }
};

template <> struct nest<0>
{
    static FRAME void go()
    {
        allocate();
        KEEP();
    }
};

CASE(templates, "operator new's callers are seen through templates")
{
    nest<3>::go();
    EXPECT_FRAMES("allocate", "_ZN4nestILi0EE2goEv", "_ZN4nestILi1EE2goEv", "_ZN4nestILi2EE2goEv", "_ZN4nestILi3EE2goEv", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

extern "C" FRAME void throws(int depth)
{
    if (depth == 0) throw std::runtime_error("a text that is too long for the place inside the exception");
    throws(depth - 1);
    KEEP();
}

extern "C" FRAME void catches()
{
    try
    {
        throws(3);
    }
    catch (std::exception &)
    {
        allocate();
    }
    KEEP();
}

CASE(catch_handler, "a catch handler that allocates is seen with its callers")
{
    catches();
    EXPECT_FRAMES("allocate", "catches", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

struct guard
{
    ~guard() { allocate(); }
};

extern "C" FRAME void has_guard()
{
    guard one;
    throws(0);
    KEEP();
}

CASE(destructor_while_an_exception_passes, "a destructor that runs while an exception passes is seen with its callers")
{
    try
    {
        has_guard();
    }
    catch (...)
    {
    }
    EXPECT_FRAMES("allocate", "has_guard", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

CASE(exception_memory, "the memory of an exception is seen to come from the function that throws")
{
    try
    {
        capture_next();
        throw std::string(1000, 'x');
    }
    catch (std::string &)
    {
    }
    take_capture();
    EXPECT_FRAMES("...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

CASE(closures, "calls through std::sort and std::function are walked")
{
    std::vector<int> numbers{3, 1, 2, 5, 4};
    std::sort(numbers.begin(), numbers.end(), [](int a, int b) { allocate(); return a < b; });
    EXPECT_FRAMES("allocate", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
    std::function<void()> function = [&numbers] { allocate(); numbers.push_back(1); };
    function();
    EXPECT_FRAMES("allocate", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}
