// The operators that C++ defines in terms of the four in OperatorNew.c. They are so here, too, by a jump through
// the symbol: a program that replaces some operators gets from the others what the standard promises, and
// a block never goes from that program's heap to ours. In the static library they are weak, for the same reason.
#include "Native.h"

#ifdef LAMPYRIS_WRAP
#define OPERATOR(name) __wrap_##name
#else
#define OPERATOR(name) name
#endif

typedef const void *NoThrow;            // const std::nothrow_t &

#pragma GCC diagnostic ignored "-Wmissing-prototypes"   // C has no header for them
#pragma GCC diagnostic ignored "-Wunused-parameter"     // sizes and tags say nothing new

void *OPERATOR(_Znwm)(size_t bytes);
void *OPERATOR(_ZnwmSt11align_val_t)(size_t bytes, size_t alignment);
void OPERATOR(_ZdlPv)(void *block);
void OPERATOR(_ZdlPvSt11align_val_t)(void *block, size_t alignment);

// new T[n], and of over-aligned types
EXPORTED void *OPERATOR(_Znam)(size_t bytes) { return OPERATOR(_Znwm)(bytes); }
EXPORTED void *OPERATOR(_ZnamSt11align_val_t)(size_t bytes, size_t alignment)
{
    return OPERATOR(_ZnwmSt11align_val_t)(bytes, alignment);
}

// new (std::nothrow) T, …
EXPORTED void *OPERATOR(_ZnwmRKSt9nothrow_t)(size_t bytes, NoThrow tag)
{
    return lampyris_null_if_thrown((void *)OPERATOR(_Znwm), bytes, 0);
}
EXPORTED void *OPERATOR(_ZnamRKSt9nothrow_t)(size_t bytes, NoThrow tag)
{
    return lampyris_null_if_thrown((void *)OPERATOR(_Znam), bytes, 0);
}
EXPORTED void *OPERATOR(_ZnwmSt11align_val_tRKSt9nothrow_t)(size_t bytes, size_t alignment, NoThrow tag)
{
    return lampyris_null_if_thrown((void *)OPERATOR(_ZnwmSt11align_val_t), bytes, alignment);
}
EXPORTED void *OPERATOR(_ZnamSt11align_val_tRKSt9nothrow_t)(size_t bytes, size_t alignment, NoThrow tag)
{
    return lampyris_null_if_thrown((void *)OPERATOR(_ZnamSt11align_val_t), bytes, alignment);
}

// delete and delete[]: plain, sized, nothrow
EXPORTED void OPERATOR(_ZdaPv)(void *block) { OPERATOR(_ZdlPv)(block); }
EXPORTED void OPERATOR(_ZdlPvm)(void *block, size_t bytes) { OPERATOR(_ZdlPv)(block); }
EXPORTED void OPERATOR(_ZdaPvm)(void *block, size_t bytes) { OPERATOR(_ZdaPv)(block); }
EXPORTED void OPERATOR(_ZdlPvRKSt9nothrow_t)(void *block, NoThrow tag) { OPERATOR(_ZdlPv)(block); }
EXPORTED void OPERATOR(_ZdaPvRKSt9nothrow_t)(void *block, NoThrow tag) { OPERATOR(_ZdaPv)(block); }

// the same for over-aligned types
EXPORTED void OPERATOR(_ZdaPvSt11align_val_t)(void *block, size_t alignment) { OPERATOR(_ZdlPvSt11align_val_t)(block, alignment); }
EXPORTED void OPERATOR(_ZdlPvmSt11align_val_t)(void *block, size_t bytes, size_t alignment)
{
    OPERATOR(_ZdlPvSt11align_val_t)(block, alignment);
}
EXPORTED void OPERATOR(_ZdaPvmSt11align_val_t)(void *block, size_t bytes, size_t alignment)
{
    OPERATOR(_ZdaPvSt11align_val_t)(block, alignment);
}
EXPORTED void OPERATOR(_ZdlPvSt11align_val_tRKSt9nothrow_t)(void *block, size_t alignment, NoThrow tag)
{
    OPERATOR(_ZdlPvSt11align_val_t)(block, alignment);
}
EXPORTED void OPERATOR(_ZdaPvSt11align_val_tRKSt9nothrow_t)(void *block, size_t alignment, NoThrow tag)
{
    OPERATOR(_ZdaPvSt11align_val_t)(block, alignment);
}
