// The C++ runtime that a program with the static library was linked with, if any.
#include "NewHandler.h"

extern void (*_ZSt15get_new_handlerv(void))(void) __attribute__((weak));
extern void _ZSt17__throw_bad_allocv(void) __attribute__((weak));
extern void *__cxa_begin_catch(void *exception) __attribute__((weak));
extern void __cxa_end_catch(void) __attribute__((weak));
extern __typeof__(_Unwind_SetGR) _Unwind_SetGR __attribute__((weak));
extern __typeof__(_Unwind_SetIP) _Unwind_SetIP __attribute__((weak));

int lampyris_find_cxx_runtime(struct CxxRuntime *runtime)
{
    *runtime = (struct CxxRuntime){
        _ZSt15get_new_handlerv, _ZSt17__throw_bad_allocv, __cxa_begin_catch, __cxa_end_catch, _Unwind_SetGR, _Unwind_SetIP,
    };
    return runtime->get_new_handler && runtime->throw_bad_alloc && runtime->begin_catch
        && runtime->end_catch && runtime->set_register && runtime->set_address;
}
