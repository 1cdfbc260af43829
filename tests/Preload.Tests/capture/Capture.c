// malloc and operator new of the tests' variant of liblampyris.so: the same objects, but for the entry points, which are these. They
// capture the stack where a test asks for it, and then do what they always do.
//
// A C program calls `capture_next` and looks at `capture_addresses`; where others allocate in the same thread, .NET's runtime for
// one, it calls `capture_next_of` with a size that nobody else asks for. Any program is watched with
//   LAMPYRIS_CAPTURE_EVERY=n    each thread's nth call captures
//   LAMPYRIS_CAPTURE_FILE=path  one line for each stack: "complete" or "lost", the thread, then addresses, innermost first
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define OWN_CODE __attribute__((noinline))
enum { CAPACITY = 256 };

int lampyris_capture_stack(uintptr_t *addresses, int capacity, bool *complete);

// The static libraries' names of the entry points.
void *__wrap_malloc(size_t bytes);
void *__wrap__Znwm(size_t bytes);

void capture_next(void);
void capture_next_of(size_t bytes);
int capture_addresses(uintptr_t **addresses, bool *complete);

struct thread {
    uintptr_t addresses[CAPACITY];
    int count;
    bool complete, armed, busy;
    size_t armed_bytes;                 // 0: any
    unsigned calls;
};
static __thread struct thread s_thread;
static int s_every = -1, s_file = -1;

EXPORTED void capture_next(void) { capture_next_of(0); }

EXPORTED void capture_next_of(size_t bytes)
{
    s_thread.armed = true;
    s_thread.armed_bytes = bytes;
}

EXPORTED int capture_addresses(uintptr_t **addresses, bool *complete)
{
    *addresses = s_thread.addresses;
    *complete = s_thread.complete;
    return s_thread.count;
}

static void begin(void)
{
    if (!environ) {
        return;                         // before the C library knows it
    }
    const char *every = getenv("LAMPYRIS_CAPTURE_EVERY"), *file = getenv("LAMPYRIS_CAPTURE_FILE");
    if (file) s_file = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    __atomic_store_n(&s_every, every && s_file >= 0 ? atoi(every) : 0, __ATOMIC_RELEASE);
}

static char *hex(char *at, uintptr_t value)
{
    *at++ = ' ';
    for (int shift = 60; shift >= 0; shift -= 4)
        if (value >> shift || shift == 0) *at++ = "0123456789abcdef"[value >> shift & 15];
    return at;
}

static void write_line(const uintptr_t *addresses, int count, bool complete)
{
    char line[CAPACITY * 17 + 64], *at = line;
    at = stpcpy(line, complete ? "complete" : count == CAPACITY ? "cut" : "lost");
    at = hex(at, (uintptr_t)gettid());
    for (int i = 0; i < count; i++) at = hex(at, addresses[i]);
    *at++ = '\n';
    if (write(s_file, line, (size_t)(at - line)) < 0) abort();
}

// What a test asked for stays until it has looked, whatever is watched meanwhile.
static OWN_CODE void capture(bool asked)
{
    if (s_thread.busy) return;
    s_thread.busy = true;
    if (asked) {
        s_thread.count = lampyris_capture_stack(s_thread.addresses, CAPACITY, &s_thread.complete);
    } else {
        uintptr_t addresses[CAPACITY];
        bool complete;
        int count = lampyris_capture_stack(addresses, CAPACITY, &complete);
        write_line(addresses, count, complete);
    }
    s_thread.busy = false;
}

static inline void called(size_t bytes)
{
    if (s_every < 0) begin();
    if (s_thread.armed && (s_thread.armed_bytes == 0 || s_thread.armed_bytes == bytes)) {
        s_thread.armed = false;
        capture(true);
    } else if (s_every > 0 && ++s_thread.calls % (unsigned)s_every == 0) {
        capture(false);
    }
}

EXPORTED void *malloc(size_t bytes)
{
    called(bytes);
    return __wrap_malloc(bytes);
}

EXPORTED void *_Znwm(size_t bytes)
{
    called(bytes);
    return __wrap__Znwm(bytes);
}
