// Finds the C++ runtime of the running process, from the shared library. Only asked when memory was
// refused. libstdc++ may have come with a plugin (python, java), out of sight of the global scope.
#include <dlfcn.h>
#include <stddef.h>
#include "NewHandler.h"

static int look_in(void *library, struct CxxRuntime *runtime)
{
    *(void **)&runtime->get_new_handler = dlsym(library, "_ZSt15get_new_handlerv");
    *(void **)&runtime->throw_bad_alloc = dlsym(library, "_ZSt17__throw_bad_allocv");
    *(void **)&runtime->begin_catch = dlsym(library, "__cxa_begin_catch");
    *(void **)&runtime->end_catch = dlsym(library, "__cxa_end_catch");
    *(void **)&runtime->set_register = dlsym(library, "_Unwind_SetGR");
    *(void **)&runtime->set_address = dlsym(library, "_Unwind_SetIP");
    return runtime->get_new_handler && runtime->throw_bad_alloc && runtime->begin_catch
        && runtime->end_catch && runtime->set_register && runtime->set_address;
}

int lampyris_find_cxx_runtime(struct CxxRuntime *runtime)
{
    static const char *const names[] = { "libstdc++.so.6", "libc++.so.1" };
    if (look_in(RTLD_DEFAULT, runtime)) return 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *library = dlopen(names[i], RTLD_LAZY | RTLD_NOLOAD);
        if (!library) continue;
        int complete = look_in(library, runtime);
        dlclose(library);               // it was there before and stays
        if (complete) return 1;
    }
    return 0;
}
