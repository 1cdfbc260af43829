// What C++ prescribes when operator new gets no memory: call the installed handler and try again, for as
// long as there is a handler; then throw std::bad_alloc. A handler may leave by an exception of its own.
#include <stdlib.h>
#include <unistd.h>
#include "CxxRuntime.h"
#include "Native.h"

static void __attribute__((noreturn)) abort_without_cxx(void)
{
    static const char message[] = "lampyris: operator new: out of memory, and there is no C++ runtime to throw std::bad_alloc\n";
    if (write(2, message, sizeof message - 1)) { }
    abort();
}

static void *try_again(size_t bytes, size_t alignment)
{
    return alignment ? lampyris_memalign(alignment, bytes, THREAD_CACHE) : lampyris_malloc(bytes, THREAD_CACHE);
}

static int is_power_of_two(size_t alignment) { return (alignment & (alignment - 1)) == 0; }

// Returns a block or throws; to NoThrow.c, which would catch it, it returns null instead. `alignment` 0: the
// usual one; one that is no power of two: no handler can help. `caller` is in the code that said `new`.
void *lampyris_new_failed(size_t bytes, size_t alignment, const void *caller)
{
    int may_throw = !lampyris_is_null_if_thrown(caller);
    struct CxxRuntime cxx;
    if (!lampyris_has_cxx_runtime(&cxx, caller)) {
        if (may_throw) abort_without_cxx();
        return 0;
    }
    void (*handler)(void);
    while (is_power_of_two(alignment) && (handler = cxx.get_new_handler())) {
        handler();
        void *block = try_again(bytes, alignment);
        if (block) return block;
    }
    if (!may_throw) return 0;
    cxx.throw_bad_alloc();
    abort_without_cxx();                // it does not return
}

// Where operator new goes, by a jump, when there is no block at hand.
void *lampyris_new_slow(size_t bytes, struct ThreadCache *cache)
{
    void *block = lampyris_malloc(bytes, cache);
    return LIKELY(block) ? block : lampyris_new_failed(bytes, 0, __builtin_return_address(0));
}
