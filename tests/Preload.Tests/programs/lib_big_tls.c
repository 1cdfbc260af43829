// A library with much thread-local data, which the loader allocates for each thread at first use.
#include <stddef.h>
static __thread char big[1 << 20] __attribute__((aligned(4096))) = "initialised";
static __thread char small[100] __attribute__((aligned(64)));
char *big_tls(void) { return big; }
char *small_tls(void) { return small; }
