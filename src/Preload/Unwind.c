// What the stack walker (src/Recording/Unwinding) can't say in C#: the registers of its caller, the loader's lists, and a few
// words for each thread. Weak references are to things that only some C libraries have.
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include "Native.h"

// glibc 2.35 and later: finds an object by an address without a lock, also inside signal handlers.
int _dl_find_object(void *address, struct dl_find_object *result) __attribute__((weak));

// Static libraries have all of their code in a section of this name (archive.sh); in the shared one it is the object's.
extern const char __start_lampyris_code[] __attribute__((weak)), __stop_lampyris_code[] __attribute__((weak));
extern const char __ehdr_start[], etext[];

// This thread's own stack, once the walker has found it (OwnStack.cs): lowest and highest address, attempts made.
static __thread uintptr_t s_own_stack[3];

uintptr_t *lampyris_own_stack(void) { return s_own_stack; }

uintptr_t lampyris_thread_pointer(void) { return (uintptr_t)__builtin_thread_pointer(); }

void lampyris_own_code(uintptr_t *start, uintptr_t *end)
{
    *start = (uintptr_t)(__start_lampyris_code ? __start_lampyris_code : __ehdr_start);
    *end = (uintptr_t)(__start_lampyris_code ? __stop_lampyris_code : etext);
}

// Where the object with this address begins and ends, its .eh_frame_hdr and its link_map (null where unknown). 0 when no object has it.
int lampyris_find_object(uintptr_t address, uintptr_t *object)
{
    if (!_dl_find_object) return 0;
    struct dl_find_object found;
    if (_dl_find_object((void *)address, &found) != 0) return 0;
    object[0] = (uintptr_t)found.dlfo_map_start;
    object[1] = (uintptr_t)found.dlfo_map_end;
    object[2] = (uintptr_t)found.dlfo_eh_frame;
    object[3] = (uintptr_t)found.dlfo_link_map;
    return 1;
}

int lampyris_can_find_objects(void) { return _dl_find_object != 0; }

// The program's own headers, and how many: all there is to know where the C library has no `_dl_find_object`.
uintptr_t lampyris_program_headers(unsigned long *count)
{
    *count = getauxval(AT_PHNUM);
    return getauxval(AT_PHDR);
}

// The list of loaded objects. It may change while it is looked at.
extern struct r_debug _r_debug __attribute__((weak));

uintptr_t lampyris_first_link_map(void) { return &_r_debug ? (uintptr_t)_r_debug.r_map : 0; }

// A clock of no particular unit, for things that expire.
uint64_t lampyris_ticks(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#endif
}

// The registers as the caller will find them when this returns, at their DWARF numbers: the stack pointer above the return address,
// and last (16, on arm64: 32) the address behind the call. Registers that a call may change are left alone.
#if defined(__x86_64__)
__asm__(
    ".pushsection .text.lampyris_registers,\"ax\",@progbits\n"
    ".hidden lampyris_registers\n.globl lampyris_registers\n.type lampyris_registers,@function\n"
    "lampyris_registers:\n"
    "  .cfi_startproc\n"
    "  mov (%rsp), %rax\n"
    "  lea 8(%rsp), %rdx\n"
    "  mov %rbx, 3*8(%rdi)\n"
    "  mov %rbp, 6*8(%rdi)\n"
    "  mov %rdx, 7*8(%rdi)\n"
    "  mov %r12, 12*8(%rdi)\n"
    "  mov %r13, 13*8(%rdi)\n"
    "  mov %r14, 14*8(%rdi)\n"
    "  mov %r15, 15*8(%rdi)\n"
    "  mov %rax, 16*8(%rdi)\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size lampyris_registers, .-lampyris_registers\n"
    ".popsection\n");
#elif defined(__aarch64__)
__asm__(
    ".pushsection .text.lampyris_registers,\"ax\",@progbits\n"
    ".hidden lampyris_registers\n.globl lampyris_registers\n.type lampyris_registers,@function\n"
    "lampyris_registers:\n"
    "  .cfi_startproc\n"
    "  mov x1, sp\n"
    "  str x29, [x0, #29*8]\n"
    "  str x1, [x0, #31*8]\n"
    "  str x30, [x0, #32*8]\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size lampyris_registers, .-lampyris_registers\n"
    ".popsection\n");
#else
#error "lampyris_registers is missing for this processor"
#endif
