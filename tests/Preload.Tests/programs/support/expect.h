// Expectations that say what was expected and what was seen, and lines for a test's log. Nothing here allocates, so
// that it can be used while the heap is refused memory. For test programs and for the libraries they load.
#ifndef LAMPYRIS_TESTS_EXPECT_H
#define LAMPYRIS_TESTS_EXPECT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Ends the process with the message and exit code 1; also right in a forked child, whose parent reads the code.
__attribute__((noreturn, format(printf, 4, 5), unused)) static void
expectation_failed(const char *file, int line, const char *condition, const char *seen, ...)
{
    char text[1024];
    int length = snprintf(text, sizeof text, "%s:%d: expected %s; seen: ", file, line, condition);
    va_list arguments;
    va_start(arguments, seen);
    if (length < (int)sizeof text) length += vsnprintf(text + length, sizeof text - (size_t)length, seen, arguments);
    va_end(arguments);
    if (length > (int)sizeof text - 2) length = (int)sizeof text - 2;
    text[length++] = '\n';
    ssize_t written = write(2, text, (size_t)length);
    (void)written;
    _exit(1);
}

/// Our library's walk over the whole heap; null on any other malloc.
#ifdef __cplusplus
extern "C"
#endif
    int lampyris_verify(void) __attribute__((weak));

#define EXPECT(condition, ...)                                                                                        \
    do                                                                                                                \
    {                                                                                                                 \
        if (!(condition)) expectation_failed(__FILE__, __LINE__, #condition, __VA_ARGS__);                            \
    } while (0)

/// On our library: every invariant of the heap holds. No other thread may be using it meanwhile.
#define EXPECT_WHOLE_HEAP()                                                                                           \
    do                                                                                                                \
    {                                                                                                                 \
        if (lampyris_verify != NULL) EXPECT(lampyris_verify() == 0, "the line that lampyris_verify has written");     \
    } while (0)

/// A line of figures for the test's log, without a FILE and without malloc.
__attribute__((format(printf, 1, 2), unused)) static void say(const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof text - 2) length = (int)sizeof text - 2;
    text[length++] = '\n';
    ssize_t written = write(1, text, (size_t)length);
    (void)written;
}

#endif
