// Any program, not changed and not even linked with Lampyris:
//   gcc preload.c -o preload
//   LD_PRELOAD=../artifacts/native/liblampyris.so ./preload        (or: lampyris run -- ./preload)
// Run without LD_PRELOAD it says so and ends with 1.
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
