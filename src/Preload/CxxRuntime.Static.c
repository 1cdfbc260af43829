// The C++ runtime in a program with the static library: simply its symbols. This is an archive member of
// its own, which only the members with C++'s operators ask for; a C program does without.
#include "CxxRuntime.h"

extern void (*_ZSt15get_new_handlerv(void))(void);
extern void _ZSt17__throw_bad_allocv(void);
extern void *__cxa_begin_catch(void *exception);
extern void __cxa_end_catch(void);

int lampyris_find_cxx_runtime(struct CxxRuntime *runtime, const void *caller)
{
    (void)caller;
    *runtime = (struct CxxRuntime){
        _ZSt15get_new_handlerv, _ZSt17__throw_bad_allocv, __cxa_begin_catch, __cxa_end_catch, _Unwind_SetGR, _Unwind_SetIP,
    };
    return 1;
}
