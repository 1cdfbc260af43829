// Finds the C++ runtime of the running process, for the shared library. Only asked when memory was refused.
// The process may have several, and libstdc++ may be out of sight of the global scope, having come with a
// plugin (python, java), so the first place to look is the caller's own library and what it was linked with.
#include <dlfcn.h>
#include <stddef.h>
#include "CxxRuntime.h"

static int look_in(void *library, struct CxxRuntime *runtime)
{
    *(void **)&runtime->get_new_handler = dlsym(library, "_ZSt15get_new_handlerv");
    *(void **)&runtime->throw_bad_alloc = dlsym(library, "_ZSt17__throw_bad_allocv");
    *(void **)&runtime->begin_catch = dlsym(library, "__cxa_begin_catch");
    *(void **)&runtime->end_catch = dlsym(library, "__cxa_end_catch");
    *(void **)&runtime->set_register = dlsym(library, "_Unwind_SetGR");
    *(void **)&runtime->set_address = dlsym(library, "_Unwind_SetIP");
    return runtime->get_new_handler && runtime->throw_bad_alloc;
}

static int look_in_loaded(const char *name, struct CxxRuntime *runtime)
{
    void *library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    if (!library) return 0;
    int complete = look_in(library, runtime);
    dlclose(library);                   // it was there before and stays
    return complete;
}

int lampyris_find_cxx_runtime(struct CxxRuntime *runtime, const void *caller)
{
    Dl_info where;
    return (dladdr(caller, &where) && where.dli_fname && look_in_loaded(where.dli_fname, runtime))
        || look_in(RTLD_DEFAULT, runtime)
        || look_in_loaded("libstdc++.so.6", runtime)
        || look_in_loaded("libc++.so.1", runtime);
}
