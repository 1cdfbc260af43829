// Any program, not changed and not even linked with Lampyris:
// build: gcc -O2 {source} -o {program}
// run: LD_PRELOAD={native}/liblampyris.so {program}
// expect: preload: 1000 of 1000 blocks came from Lampyris *
// (or: lampyris run -- ./preload). Without LD_PRELOAD it says so and ends with 1.
// run: {program}
// expect: preload: this program runs on another malloc
// exit: 1
#pragma GCC diagnostic ignored "-Waddress"
#include "../include/lampyris.h"
#pragma weak lampyris_version
#pragma weak lampyris_verify
#pragma weak lampyris_snapshot
#include "proof.h"

int main(void)
{
    if (!lampyris_version) {
        puts("preload: this program runs on another malloc");
        return 1;
    }
    return prove_with("preload", malloc, free);
}
