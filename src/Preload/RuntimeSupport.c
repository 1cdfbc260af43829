// The few symbols that ILC's code refers to in any program.
#include <stdint.h>
#include "Native.h"

// There is no garbage collector to stop for, so the flag stays 0 and the functions do nothing.
const int RhpTrapThreads;

void RhpGcPoll(void);
void RhpReversePInvoke(void *frame);
void RhpReversePInvokeReturn(void *frame);

// Called by methods with more than an OS page of locals. Linux grows stacks by itself, so touching the
// pages one by one is not needed; the function must leave every register alone, which a bare return does.
void RhpStackProbe(void);
void RhpStackProbe(void) { }

void RhpGcPoll(void) { }
void RhpReversePInvoke(void *frame) { (void)frame; }
void RhpReversePInvokeReturn(void *frame) { (void)frame; }

// Methods with a buffer on the stack compare this word at their end. It finds overruns by accident,
// so a constant will do; the zero byte in it stops strings.
const uintptr_t __security_cookie = (uintptr_t)0xA5C3964B7E1D0053;

void RhpFallbackFailFast(void);
void RhpFallbackFailFast(void) { lampyris_abort(); }
