// A library that is no plugin: without the entry point. Says when it is closed.
#include <unistd.h>

extern "C" int something_else() { return 1; }

__attribute__((destructor)) static void closed() { (void)!write(2, "closed\n", 7); }
