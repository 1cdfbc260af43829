// The process around the heap: start, end, fork, environment, error number.
#include <elf.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "../../include/lampyris.h"
#include "Native.h"

// Where readers from outside find the heap; its layout is src/Heap/HeapRoot.cs.
#define ROOT_BYTES 4096
EXPORTED extern char lampyris_root[ROOT_BYTES];
char lampyris_root[ROOT_BYTES] __attribute__((aligned(128)));

void *lampyris_get_root(size_t bytes)
{
    if (bytes > ROOT_BYTES) lampyris_abort();
    return lampyris_root;
}

const char *lampyris_version(void) { return LAMPYRIS_VERSION; }

int lampyris_get_errno(void) { return errno; }

void lampyris_set_errno(int error) { errno = error; }

void lampyris_abort(void) { abort(); }

void lampyris_print(void *file, const char *text, size_t bytes) { fwrite(text, 1, bytes, file); }

// The environment block. The C library sets `environ` after the first calls of malloc; until then it
// is found where the kernel put it: behind the arguments, at the top of the first stack.
extern void *__libc_stack_end __attribute__((weak));

static char **environment(void)
{
    if (environ) return environ;
    if (!&__libc_stack_end || !__libc_stack_end) return 0;
    long argument_count = *(long *)__libc_stack_end;
    return (char **)__libc_stack_end + 1 + argument_count + 1;
}

// Null in programs that run with more rights than their user has: those trust no variable.
char *lampyris_getenv(const char *name)
{
    char **entry = environment();
    if (!entry || getauxval(AT_SECURE)) return 0;
    size_t length = strlen(name);
    for (; *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
    return 0;
}

static void fork_in_child(void) { lampyris_after_fork_in_child(THREAD_CACHE); }

// Registered as early as we can, so that at a fork other libraries' handlers, which may allocate,
// run before our first and after our last.
__attribute__((constructor)) static void process_starts(void)
{
    pthread_atfork(lampyris_before_fork, lampyris_after_fork_in_parent, fork_in_child);
}

__attribute__((destructor)) static void process_ends(void) { lampyris_process_ends(); }
