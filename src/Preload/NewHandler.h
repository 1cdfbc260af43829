// The C++ runtime, as far as a failing operator new needs it. C code linked without a C++ library
// can't name these functions; CxxRuntime.Shared.c and CxxRuntime.Static.c find them.
#ifndef LAMPYRIS_NEW_HANDLER_H
#define LAMPYRIS_NEW_HANDLER_H

#include <unwind.h>

struct CxxRuntime {
    void (*(*get_new_handler)(void))(void);                     // std::get_new_handler
    void (*throw_bad_alloc)(void);                              // std::__throw_bad_alloc
    void *(*begin_catch)(void *exception);                      // __cxa_begin_catch
    void (*end_catch)(void);                                    // __cxa_end_catch
    void (*set_register)(struct _Unwind_Context *, int, _Unwind_Word);  // _Unwind_SetGR
    void (*set_address)(struct _Unwind_Context *, _Unwind_Ptr);         // _Unwind_SetIP
};

// Fills in all of them; false when any is missing: then nothing can throw. The function itself is missing
// from a C program with the static library.
int lampyris_find_cxx_runtime(struct CxxRuntime *runtime) __attribute__((weak));

#endif
