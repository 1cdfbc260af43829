// Linked with -Wl,--wrap: every call of malloc in this program's own objects goes to __wrap_malloc,
// which is Lampyris, and the original stays within reach as __real_malloc. Both heaps live side by side.
// build: gcc -O2 {source} -o {program} @{native}/liblampyris-wrap.options {native}/liblampyris-wrap.a
// run: {program}
// expect: malloc, wrapped: 1000 of 1000 blocks came from Lampyris *
// expect: __real_malloc: 0 of 1000 blocks came from Lampyris *
// What a shared libc allocates by itself (strdup, getline) is not wrapped: free it with __real_free.
#include <string.h>
#include "proof.h"

void *__real_malloc(size_t bytes);
void __real_free(void *block);

int main(void)
{
    int failed = prove_with("malloc, wrapped", malloc, free);
    failed |= !prove_with("__real_malloc", __real_malloc, __real_free);     // must not be ours
    char *text = strdup("libc's own");
    __real_free(text);
    return failed;
}
