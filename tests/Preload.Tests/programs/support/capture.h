// What the stack walker saw from inside malloc: for programs that run on the capturing variant of the library (capture/Capture.c).
// Frames are named by dladdr, so a program is linked with -rdynamic, and the functions it asks for are not static.
#ifndef LAMPYRIS_TESTS_CAPTURE_H
#define LAMPYRIS_TESTS_CAPTURE_H

#include "expect.h"
#include <dlfcn.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif
void capture_next(void) __attribute__((weak));
int capture_addresses(uintptr_t **addresses, bool *complete) __attribute__((weak));
#ifdef __cplusplus
}
#endif

struct capture
{
    uintptr_t addresses[256];
    int count;
    bool complete;
};

/// The last one; a thread or a handler that runs meanwhile would change it.
static struct capture captured __attribute__((unused));

/// Takes over what the last call of malloc saw.
__attribute__((unused)) static void take_capture(void)
{
    uintptr_t *addresses;
    captured.count = capture_addresses(&addresses, &captured.complete);
    memcpy(captured.addresses, addresses, sizeof(uintptr_t) * (size_t)captured.count);
}

__attribute__((unused)) static const char *frame_name(int index)
{
    Dl_info info;
    if (index >= captured.count || !dladdr((void *)(captured.addresses[index] - 1), &info)) return "?";
    return info.dli_sname ? info.dli_sname : "?";
}

__attribute__((unused)) static void print_capture(void)
{
    say("%d frames, %s", captured.count, captured.complete ? "complete" : "not complete");
    for (int i = 0; i < captured.count && i < 40; i++) say("  %p %s", (void *)captured.addresses[i], frame_name(i));
}

/// Expects these names in this order, the first of them at frame `first`. Others may stand between them only after a NULL-free "...".
__attribute__((unused)) static void expect_frames(int first, const char *const *names, int count)
{
    int at = first;
    for (int i = 0; i < count; i++)
    {
        bool anywhere = strcmp(names[i], "...") == 0;
        if (anywhere) i++;
        while (anywhere && at < captured.count && strcmp(frame_name(at), names[i]) != 0) at++;
        if (at >= captured.count || strcmp(frame_name(at), names[i]) != 0) print_capture();
        EXPECT(at < captured.count && strcmp(frame_name(at), names[i]) == 0, "%s at frame %d of %d, not %s", frame_name(at), at, captured.count, names[i]);
        at++;
    }
}

#define EXPECT_FRAMES(...)                                                                                            \
    do                                                                                                                \
    {                                                                                                                 \
        const char *const names[] = {__VA_ARGS__};                                                                    \
        expect_frames(0, names, (int)(sizeof names / sizeof *names));                                                 \
    } while (0)

#define EXPECT_COMPLETE()                                                                                             \
    do                                                                                                                \
    {                                                                                                                 \
        if (!captured.complete) print_capture();                                                                      \
        EXPECT(captured.complete, "a walk that ended after %d frames, in %s", captured.count, frame_name(captured.count - 1)); \
    } while (0)

#endif
