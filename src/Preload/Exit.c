// _exit and _Exit, by which a program leaves without its destructors, and so without the last word that
// `lampyris run` waits for: a shell that is not bash, a child of os._exit. Both are the one system call, as in the C library.
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "Native.h"

EXPORTED _Noreturn void _exit(int status)
{
    lampyris_process_ends();
    for (;;) syscall(SYS_exit_group, status);
}

EXPORTED _Noreturn void _Exit(int status) { _exit(status); }
