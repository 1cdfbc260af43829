// A program without a dynamic loader: LD_PRELOAD means nothing to it.
// flags: -static
#include "support/case.h"

CASE(static_program, "a static program with LD_PRELOAD set runs on its own malloc, as if nothing were set")
{
    char *block = malloc(100000);
    memset(block, 1, 100000);
    free(realloc(block, 1000000));
}
