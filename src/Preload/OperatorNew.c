// C++'s operators new and delete under their mangled names (Itanium C++ ABI), each a jump into the C#
// half. In the static library each of them is an archive member of its own (the build splits this
// file's object), so that a program which replaces some of them gets the rest from here without a clash.
#include "Native.h"

#ifdef LAMPYRIS_WRAP
#define OPERATOR(name) __wrap_##name
#else
#define OPERATOR(name) name
#endif

typedef const void *NoThrow;            // const std::nothrow_t &

#pragma GCC diagnostic ignored "-Wmissing-prototypes"   // C has no header for them
#pragma GCC diagnostic ignored "-Wunused-parameter"     // sizes and tags say nothing new

// new T, new T[n]
EXPORTED void *OPERATOR(_Znwm)(size_t bytes) { return lampyris_new(bytes, lampyris_cache); }
EXPORTED void *OPERATOR(_Znam)(size_t bytes) { return lampyris_new(bytes, lampyris_cache); }

// new (std::nothrow) T, …
EXPORTED void *OPERATOR(_ZnwmRKSt9nothrow_t)(size_t bytes, NoThrow tag) { return lampyris_new_nothrow(bytes, lampyris_cache); }
EXPORTED void *OPERATOR(_ZnamRKSt9nothrow_t)(size_t bytes, NoThrow tag) { return lampyris_new_nothrow(bytes, lampyris_cache); }

// new of over-aligned types (std::align_val_t)
EXPORTED void *OPERATOR(_ZnwmSt11align_val_t)(size_t bytes, size_t alignment)
{
    return lampyris_new_aligned(bytes, alignment, lampyris_cache);
}
EXPORTED void *OPERATOR(_ZnamSt11align_val_t)(size_t bytes, size_t alignment)
{
    return lampyris_new_aligned(bytes, alignment, lampyris_cache);
}
EXPORTED void *OPERATOR(_ZnwmSt11align_val_tRKSt9nothrow_t)(size_t bytes, size_t alignment, NoThrow tag)
{
    return lampyris_new_aligned_nothrow(bytes, alignment, lampyris_cache);
}
EXPORTED void *OPERATOR(_ZnamSt11align_val_tRKSt9nothrow_t)(size_t bytes, size_t alignment, NoThrow tag)
{
    return lampyris_new_aligned_nothrow(bytes, alignment, lampyris_cache);
}

// delete: plain, sized, nothrow, aligned and their combinations; then the same for delete[]
EXPORTED void OPERATOR(_ZdlPv)(void *block) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdlPvm)(void *block, size_t bytes) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdlPvRKSt9nothrow_t)(void *block, NoThrow tag) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdlPvSt11align_val_t)(void *block, size_t alignment) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdlPvmSt11align_val_t)(void *block, size_t bytes, size_t alignment) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdlPvSt11align_val_tRKSt9nothrow_t)(void *block, size_t alignment, NoThrow tag) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdaPv)(void *block) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdaPvm)(void *block, size_t bytes) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdaPvRKSt9nothrow_t)(void *block, NoThrow tag) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdaPvSt11align_val_t)(void *block, size_t alignment) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdaPvmSt11align_val_t)(void *block, size_t bytes, size_t alignment) { lampyris_free(block, lampyris_cache); }
EXPORTED void OPERATOR(_ZdaPvSt11align_val_tRKSt9nothrow_t)(void *block, size_t alignment, NoThrow tag) { lampyris_free(block, lampyris_cache); }
