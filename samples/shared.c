// Linked with the shared library: its malloc comes before libc's.
// build: gcc -O2 {source} -o {program} -L{native} -llampyris -Wl,-rpath,{native}
// run: {program}
// expect: shared: 1000 of 1000 blocks came from Lampyris *
// (A linker that drops libraries nobody names needs -Wl,--no-as-needed; this program names one.)
#include "proof.h"

int main(void) { return prove_with("shared", malloc, free); }
