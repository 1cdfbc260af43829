// A library for dlopen: allocates in constructor and destructor, and hands blocks over in both directions.
#include "support/process.h"

static char *own;

__attribute__((constructor)) static void starts(void)
{
    own = malloc(5000);
    memset(own, 7, 5000);
}

__attribute__((destructor)) static void ends(void)
{
    EXPECT(own[0] == 7 && own[4999] == 7, "the library's block changed: %d, %d", own[0], own[4999]);
    free(own);
    free(malloc(100));
}

char *plugin_make(size_t bytes, int byte)
{
    char *block = malloc(bytes);
    if (block != NULL) memset(block, byte, bytes);
    return block;
}

char *plugin_duplicate(const char *text) { return strdup(text); }
char *plugin_resize(char *block, size_t bytes) { return realloc(block, bytes); }
void plugin_take(char *block) { free(block); }
