// A test program holds several cases; `program CASE` runs one of them in a process of its own.
//
//     CASE(calloc_overflows, "calloc fails with ENOMEM when the product overflows")
//     {
//         EXPECT(p == NULL, "calloc(%zu, 2) gave %p", n, p);
//     }
//
// The C# side reads name and sentence from the source, so a case is written down only here. After the sentence
// may stand ONLY_LAMPYRIS (a promise that glibc doesn't make: not asked of glibc) and SECONDS(n) (the time limit
// where 30 s are not right).
//
// A case ends well by returning: then the program prints "ok CASE". An expectation that fails says on stderr what
// was expected and what was seen, and ends the process with exit code 1. Nothing here allocates, so that a case
// can use it while the heap is refused memory.
#ifndef LAMPYRIS_TESTS_CASE_H
#define LAMPYRIS_TESTS_CASE_H

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

struct test_case
{
    const char *name;
    void (*run)(void);
};

#define CASE(id, sentence, ...)                                                                                       \
    static void case_##id(void);                                                                                      \
    static struct test_case entry_##id = {#id, case_##id};                                                            \
    static struct test_case *pointer_##id __attribute__((used, section("test_cases"))) = &entry_##id;                 \
    static void case_##id(void)

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

#define EXPECT(condition, ...)                                                                                        \
    do                                                                                                                \
    {                                                                                                                 \
        if (!(condition)) expectation_failed(__FILE__, __LINE__, #condition, __VA_ARGS__);                            \
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

/// The words after the case's name on the command line.
static char **case_arguments __attribute__((unused));

extern struct test_case *__start_test_cases[], *__stop_test_cases[];

int main(int argc, char **argv)
{
    for (struct test_case **one = __start_test_cases; argc > 1 && one < __stop_test_cases; one++)
    {
        if (strcmp((*one)->name, argv[1]) != 0) continue;
        case_arguments = argv + 2;
        (*one)->run();
        say("ok %s", argv[1]);
        return 0;
    }
    for (struct test_case **one = __start_test_cases; one < __stop_test_cases; one++) say("%s", (*one)->name);
    return 2;
}

#endif
