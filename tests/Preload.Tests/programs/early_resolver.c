// The earliest use there is: the resolver of an indirect function, which the loader calls while it relocates the program.
// The library is relocated then, but its thread-local variables are still all zero: the loader copies their initial
// values only after the last relocation.
#include "support/case.h"
#include "support/pattern.h"
#include "support/process.h"
#include <malloc.h>

static char *kept[200];
static size_t kept_bytes(int i) { return (size_t)i * i * 3 + 1; }

static int chosen_function(void) { return 42; }

static int (*resolve_chosen(void))(void)
{
    for (int i = 0; i < 200; i++)
    {
        kept[i] = i % 2 ? malloc(kept_bytes(i)) : realloc(calloc(1, 10), kept_bytes(i));
        for (size_t at = 0; at < kept_bytes(i); at++) kept[i][at] = (char)i;
        free(memalign(64, 100));
    }
    return chosen_function;
}

static int chosen(void) __attribute__((ifunc("resolve_chosen")));

CASE(resolver_allocates, "blocks made by the resolver of an indirect function are whole in main, and can be freed")
{
    EXPECT(chosen() == 42, "the chosen function gave %d", chosen());
    for (int i = 0; i < 200; i++)
    {
        for (size_t at = 0; at < kept_bytes(i); at++) EXPECT(kept[i][at] == (char)i, "block %d, byte %zu is %d", i, at, kept[i][at]);
        free(kept[i]);
    }
}
