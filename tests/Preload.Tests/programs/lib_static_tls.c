// A library that needs 1 KiB of static TLS, of which a process has only about 1,600 bytes to give to all that dlopen brings.
// flags: -ftls-model=initial-exec
#include <stddef.h>
static __thread char block[1024];
char *static_tls(void) { return block; }
