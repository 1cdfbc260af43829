// The four operators of C++ that reach the heap, by a jump into the C# half: new and delete, plain and for
// over-aligned types, under their mangled names (Itanium C++ ABI). OperatorNew.Derived.c has the rest.
//
// In the static library each of them is an archive member of its own (the build splits this file's object), so
// that a program which replaces one gets the others from here without a clash.
#include "Native.h"

#ifdef LAMPYRIS_WRAP
#define OPERATOR(name) __wrap_##name
#else
#define OPERATOR(name) name
#endif

#pragma GCC diagnostic ignored "-Wmissing-prototypes"   // C has no header for them
#pragma GCC diagnostic ignored "-Wunused-parameter"     // sizes and tags say nothing new

// operator new(size_t)
EXPORTED void *OPERATOR(_Znwm)(size_t bytes) { return lampyris_new(bytes, THREAD_CACHE); }

// operator new(size_t, std::align_val_t)
EXPORTED void *OPERATOR(_ZnwmSt11align_val_t)(size_t bytes, size_t alignment)
{
    void *block = lampyris_try_new_aligned(bytes, alignment, THREAD_CACHE);
    return LIKELY(block) ? block : lampyris_new_failed(bytes, alignment, __builtin_return_address(0));
}

// operator delete(void *)
EXPORTED void OPERATOR(_ZdlPv)(void *block) { give_back(block); }

// operator delete(void *, std::align_val_t)
EXPORTED void OPERATOR(_ZdlPvSt11align_val_t)(void *block, size_t alignment) { give_back(block); }
