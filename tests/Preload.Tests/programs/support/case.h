// A test program holds several cases; `program CASE` runs one of them in a process of its own.
//
//     CASE(calloc_overflows, "calloc fails with ENOMEM when the product overflows")
//     {
//         EXPECT(p == NULL, "calloc(%zu, 2) gave %p", n, p);
//     }
//
// The C# side reads name and sentence from the source, so a case is written down only here. After the sentence
// may stand ONLY_LAMPYRIS (a promise that glibc doesn't make: not asked of glibc), SECONDS(n) (the time limit where
// a minute is not right), ENDS("text") (what the process prints last, where it goes on after the case) and STDERR("text")
// (what must stand on stderr, on which no other case may write a byte).
//
// A case ends well by returning: then every invariant of our heap must hold, and the program prints "ok CASE". An
// expectation that fails ends the process with exit code 1.
#ifndef LAMPYRIS_TESTS_CASE_H
#define LAMPYRIS_TESTS_CASE_H

#include "expect.h"

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

/// A case sets it that leaves threads behind which go on allocating.
static int threads_run_on __attribute__((unused));

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
        if (!threads_run_on) EXPECT_WHOLE_HEAP();
        say("ok %s", argv[1]);
        return 0;
    }
    for (struct test_case **one = __start_test_cases; one < __stop_test_cases; one++) say("%s", (*one)->name);
    return 2;
}

#endif
