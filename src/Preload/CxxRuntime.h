// The C++ runtime, as far as a failing operator new needs it. C code linked without a C++ library can't
// name these functions; CxxRuntime.Shared.c and CxxRuntime.Static.c find them.
#ifndef LAMPYRIS_CXX_RUNTIME_H
#define LAMPYRIS_CXX_RUNTIME_H

#include <unwind.h>

struct CxxRuntime {
    void (*(*get_new_handler)(void))(void);                             // std::get_new_handler
    void (*throw_bad_alloc)(void);                                      // std::__throw_bad_alloc
    // These may be null in a library that has its own C++ runtime and shows only part of it.
    void *(*begin_catch)(void *exception);                              // __cxa_begin_catch
    void (*end_catch)(void);                                            // __cxa_end_catch
    void (*set_register)(struct _Unwind_Context *, int, _Unwind_Word);  // _Unwind_SetGR
    void (*set_address)(struct _Unwind_Context *, _Unwind_Ptr);         // _Unwind_SetIP
};

// False when there is none. `caller` is an address in the C++ code concerned. The function itself is
// missing from a C program with the static library.
int lampyris_find_cxx_runtime(struct CxxRuntime *runtime, const void *caller) __attribute__((weak));

static inline int lampyris_has_cxx_runtime(struct CxxRuntime *runtime, const void *caller)
{
    return lampyris_find_cxx_runtime && lampyris_find_cxx_runtime(runtime, caller);
}

#endif
