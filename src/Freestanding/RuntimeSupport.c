// The few symbols that ILC's code refers to in any program.
#include <stdint.h>
#include <stdlib.h>

// There is no garbage collector to stop for, so the flag stays 0 and the functions do nothing.
const int RhpTrapThreads;

void RhpGcPoll(void);
void RhpReversePInvoke(void *frame);
void RhpReversePInvokeReturn(void *frame);

void RhpGcPoll(void) { }
void RhpReversePInvoke(void *frame) { (void)frame; }
void RhpReversePInvokeReturn(void *frame) { (void)frame; }

// Methods with a buffer on the stack compare this word at their end. It finds overruns by accident,
// so a constant will do; the zero byte in it stops strings.
const uintptr_t __security_cookie = (uintptr_t)0xA5C3964B7E1D0053;

void RhpFallbackFailFast(void);
void RhpFallbackFailFast(void) { abort(); }

// A method whose frame is larger than an OS page first touches each of its pages, so that a stack
// overflow meets the guard page. ILC's convention: r11 is the frame's lowest address; only rax may change.
#if defined(__x86_64__)
__asm__(
    ".pushsection .text.RhpStackProbe,\"ax\",@progbits\n"
    ".hidden RhpStackProbe\n.globl RhpStackProbe\n.type RhpStackProbe,@function\n"
    "RhpStackProbe:\n"
    "  .cfi_startproc\n"
    "  mov %rsp, %rax\n"
    "  and $-4096, %rax\n"
    "1: sub $4096, %rax\n"
    "  test %eax, (%rax)\n"
    "  cmp %r11, %rax\n"
    "  ja 1b\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size RhpStackProbe, .-RhpStackProbe\n"
    ".popsection\n");
#endif
