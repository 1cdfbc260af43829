// A library that the program is linked with: it allocates in its constructor and frees in its destructor, which runs
// after those of the program.
#include "support/process.h"

char *lib_early_block;
int lib_early_quiet = 1; // a program that looks at the end of a process sets it to 0

__attribute__((constructor(101))) static void starts(void)
{
    lib_early_block = calloc(100, 10);
    lib_early_block = realloc(lib_early_block, 3000);
    strcpy(lib_early_block, "from the library's constructor");
}

__attribute__((destructor(101))) static void ends(void)
{
    EXPECT(strcmp(lib_early_block, "from the library's constructor") == 0, "the block holds %.30s", lib_early_block);
    free(lib_early_block);
    for (size_t bytes = 1; bytes < 8 * MIB; bytes *= 3) free(realloc(malloc(bytes), bytes * 2));
    if (!lib_early_quiet) say("library's destructor ran");
}
