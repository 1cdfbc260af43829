// Linked with the shared library: its malloc comes before libc's.
//   gcc shared.c -o shared -L../artifacts/native -llampyris -Wl,-rpath,'$ORIGIN/../artifacts/native'
// (A linker that drops libraries nobody names needs -Wl,--no-as-needed; this program names one.)
#include "proof.h"

int main(void) { return prove_with("shared", malloc, free); }
