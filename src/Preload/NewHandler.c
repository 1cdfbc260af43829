// What C++ prescribes when operator new gets no memory: call the installed handler and try again,
// for as long as there is a handler; then throw std::bad_alloc, or return null from the nothrow forms.
// A handler may leave by an exception: it passes through operator new, but in the nothrow forms it is
// caught and means null. C can't catch, so `run_handler` is a frame of assembly with a personality.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "Native.h"
#include "NewHandler.h"

static void *try_again(size_t bytes, size_t alignment)
{
    return alignment ? lampyris_memalign(alignment, bytes, lampyris_cache) : lampyris_malloc(bytes, lampyris_cache);
}

static int find_cxx_runtime(struct CxxRuntime *cxx) { return lampyris_find_cxx_runtime && lampyris_find_cxx_runtime(cxx); }

static int is_power_of_two(size_t alignment) { return (alignment & (alignment - 1)) == 0; }

static void __attribute__((noreturn)) abort_without_cxx(void)
{
    static const char message[] = "lampyris: operator new: out of memory, and there is no C++ runtime to throw std::bad_alloc\n";
    if (write(2, message, sizeof message - 1)) { }
    abort();
}

// `alignment` 0: the usual one. Returns a block or throws.
void *lampyris_new_failed(size_t bytes, size_t alignment)
{
    struct CxxRuntime cxx;
    if (!find_cxx_runtime(&cxx)) abort_without_cxx();
    void (*handler)(void);
    while (is_power_of_two(alignment) && (handler = cxx.get_new_handler())) {
        handler();
        void *block = try_again(bytes, alignment);
        if (block) return block;
    }
    cxx.throw_bad_alloc();
    abort_without_cxx();                // it does not return
}

int lampyris_run_handler(void (*handler)(void), const struct CxxRuntime *cxx);
void lampyris_handler_threw(void *exception, const struct CxxRuntime *cxx);
_Unwind_Reason_Code lampyris_catch_all(int version, _Unwind_Action actions, _Unwind_Exception_Class language,
    struct _Unwind_Exception *exception, struct _Unwind_Context *context);
extern const char lampyris_landing_pad[];

void *lampyris_new_failed_nothrow(size_t bytes, size_t alignment)
{
    struct CxxRuntime cxx;
    if (!find_cxx_runtime(&cxx)) return 0;
    void (*handler)(void);
    while (is_power_of_two(alignment) && (handler = cxx.get_new_handler())) {
        if (lampyris_run_handler(handler, &cxx)) return 0;
        void *block = try_again(bytes, alignment);
        if (block) return block;
    }
    return 0;
}

// int lampyris_run_handler(handler, cxx): calls the handler; 0 when it returned, 1 when it threw.
// The second argument waits in a saved register, which the unwinder restores for the landing pad.
#if defined(__x86_64__)
__asm__(
    ".pushsection .text.lampyris_run_handler,\"ax\",@progbits\n"
    ".hidden lampyris_run_handler\n.globl lampyris_run_handler\n.type lampyris_run_handler,@function\n"
    "lampyris_run_handler:\n"
    "  .cfi_startproc\n"
    "  .cfi_personality 0x1b, lampyris_catch_all\n"
    "  push %rbx\n"
    "  .cfi_adjust_cfa_offset 8\n"
    "  .cfi_rel_offset rbx, 0\n"
    "  mov %rsi, %rbx\n"
    "  call *%rdi\n"
    "  xor %eax, %eax\n"
    "1: pop %rbx\n"
    "  .cfi_remember_state\n"
    "  .cfi_adjust_cfa_offset -8\n"
    "  .cfi_restore rbx\n"
    "  ret\n"
    "  .cfi_restore_state\n"
    ".hidden lampyris_landing_pad\n.globl lampyris_landing_pad\n"
    "lampyris_landing_pad:\n"
    "  mov %rax, %rdi\n"
    "  mov %rbx, %rsi\n"
    "  call lampyris_handler_threw\n"
    "  mov $1, %eax\n"
    "  jmp 1b\n"
    "  .cfi_endproc\n"
    ".size lampyris_run_handler, .-lampyris_run_handler\n"
    ".popsection\n");
#elif defined(__aarch64__)
__asm__(
    ".pushsection .text.lampyris_run_handler,\"ax\",@progbits\n"
    ".hidden lampyris_run_handler\n.globl lampyris_run_handler\n.type lampyris_run_handler,@function\n"
    "lampyris_run_handler:\n"
    "  .cfi_startproc\n"
    "  .cfi_personality 0x1b, lampyris_catch_all\n"
    "  stp x29, x30, [sp, #-32]!\n"
    "  .cfi_def_cfa_offset 32\n"
    "  .cfi_offset x29, -32\n"
    "  .cfi_offset x30, -24\n"
    "  str x19, [sp, #16]\n"
    "  .cfi_offset x19, -16\n"
    "  mov x19, x1\n"
    "  blr x0\n"
    "  mov w0, wzr\n"
    "1: ldr x19, [sp, #16]\n"
    "  ldp x29, x30, [sp], #32\n"
    "  .cfi_remember_state\n"
    "  .cfi_def_cfa_offset 0\n"
    "  .cfi_restore x19\n"
    "  .cfi_restore x29\n"
    "  .cfi_restore x30\n"
    "  ret\n"
    "  .cfi_restore_state\n"
    ".hidden lampyris_landing_pad\n.globl lampyris_landing_pad\n"
    "lampyris_landing_pad:\n"
    "  mov x1, x19\n"
    "  bl lampyris_handler_threw\n"
    "  mov w0, #1\n"
    "  b 1b\n"
    "  .cfi_endproc\n"
    ".size lampyris_run_handler, .-lampyris_run_handler\n"
    ".popsection\n");
#else
#error "lampyris_run_handler is missing for this processor"
#endif

void lampyris_handler_threw(void *exception, const struct CxxRuntime *cxx)
{
    cxx->begin_catch(exception);
    cxx->end_catch();
}

// The unwinder asks: does `lampyris_run_handler` catch this? Everything but a thread's cancellation.
_Unwind_Reason_Code lampyris_catch_all(int version, _Unwind_Action actions, _Unwind_Exception_Class language,
    struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
    (void)version, (void)language;
    if (actions & _UA_FORCE_UNWIND) return _URC_CONTINUE_UNWIND;
    if (actions & _UA_SEARCH_PHASE) return _URC_HANDLER_FOUND;
    if (!(actions & _UA_HANDLER_FRAME)) return _URC_CONTINUE_UNWIND;
    struct CxxRuntime cxx;
    if (!find_cxx_runtime(&cxx)) return _URC_FATAL_PHASE2_ERROR;
    cxx.set_register(context, __builtin_eh_return_data_regno(0), (_Unwind_Word)(uintptr_t)exception);
    cxx.set_address(context, (_Unwind_Ptr)(uintptr_t)lampyris_landing_pad);
    return _URC_INSTALL_CONTEXT;
}
