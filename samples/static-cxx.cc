// The static library in a C++ program: its operator new replaces the C++ library's.
// needs: g++
// With a shared libc and libstdc++:
// build: g++ -O2 {source} -o {program} {native}/liblampyris.a
// run: {program}
// expect: operator new[]: 1000 of 1000 blocks came from Lampyris *
// expect: aligned operator new: 1000 of 1000 blocks came from Lampyris *
// expect: bad_alloc after 3 calls of the new_handler
// With everything static:
// build: g++ -O2 -static {source} -o {program}-all {native}/liblampyris.a
// run: {program}-all
// expect: operator new[]: 1000 of 1000 blocks came from Lampyris *
// expect: aligned operator new: 1000 of 1000 blocks came from Lampyris *
// expect: bad_alloc after 3 calls of the new_handler
#include <cstring>
#include <new>
#include "proof.h"

static void *make(size_t bytes) { return new char[bytes]; }
static void destroy(void *block) { delete[] static_cast<char *>(block); }

struct alignas(256) Wide { char bytes[256]; };
static void *make_wide(size_t) { return new Wide; }
static void destroy_wide(void *block) { delete static_cast<Wide *>(block); }

static int handler_calls;
static void give_up_after_three() { if (++handler_calls == 3) std::set_new_handler(nullptr); }

int main()
{
    int failed = prove_with("operator new[]", make, destroy) | prove_with("aligned operator new", make_wide, destroy_wide);

    // Memory refused: the handler is asked until it gives up, then there is an exception.
    volatile size_t too_much = static_cast<size_t>(1) << 62;
    std::set_new_handler(give_up_after_three);
    try {
        destroy(make(too_much));
        failed = 1;
    } catch (const std::bad_alloc &) {
        printf("bad_alloc after %d calls of the new_handler\n", handler_calls);
    }
    return failed | (handler_calls != 3);
}
