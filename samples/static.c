// Linked with the static library: malloc is part of the program, and libc uses it, too.
//   gcc static.c -o static ../artifacts/native/liblampyris.a                  libc shared
//   gcc -static static.c -o static ../artifacts/native/liblampyris.a          everything static
#include <string.h>
#include "proof.h"

static void *duplicate(size_t bytes) { return strndup("libc calls malloc for this", bytes); }

int main(void)
{
    return prove_with("static", malloc, free) | prove_with("static, from inside libc", duplicate, free);
}
