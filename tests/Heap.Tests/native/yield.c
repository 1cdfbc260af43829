// Says so, and from then on does nothing but give up the processor: wherever it is seen in a system call, it is that one.
#include <sched.h>
#include <unistd.h>

int main(void)
{
    if (write(1, "y", 1) != 1) return 1;
    for (;;) sched_yield();
}
