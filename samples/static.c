// Linked with the static library: malloc is part of the program, and libc uses it, too.
// With a shared libc:
// build: gcc -O2 {source} -o {program} {native}/liblampyris.a
// run: {program}
// expect: static: 1000 of 1000 blocks came from Lampyris *
// expect: static, from inside libc: 1000 of 1000 blocks came from Lampyris *
// With everything static:
// build: gcc -O2 -static {source} -o {program}-all {native}/liblampyris.a
// run: {program}-all
// expect: static: 1000 of 1000 blocks came from Lampyris *
// expect: static, from inside libc: 1000 of 1000 blocks came from Lampyris *
#include <string.h>
#include "proof.h"

static void *duplicate(size_t bytes) { return strndup("libc calls malloc for this", bytes); }

int main(void)
{
    return prove_with("static", malloc, free) | prove_with("static, from inside libc", duplicate, free);
}
