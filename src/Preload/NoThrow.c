// `new (std::nothrow)` calls operator new and returns null where that throws. Ours returns null by itself when
// called from here; what may come is an exception of the new_handler's, or of a program's own operator
// new. C can't catch, so the call is made from a frame of assembly with a personality: the function that
// the unwinder asks about a frame.
#include <stdint.h>
#include "CxxRuntime.h"
#include "Native.h"

void lampyris_swallow(void *exception);
_Unwind_Reason_Code lampyris_catch_all(int version, _Unwind_Action actions, _Unwind_Exception_Class language,
    struct _Unwind_Exception *exception, struct _Unwind_Context *context);
extern const char lampyris_landing_pad[];

static int can_catch(struct CxxRuntime *cxx)
{
    return lampyris_has_cxx_runtime(cxx, lampyris_catch_all)
        && cxx->begin_catch && cxx->end_catch && cxx->set_register && cxx->set_address;
}

// void *lampyris_null_if_thrown(function, bytes, alignment): function(bytes, alignment), or null.
#define BEGIN \
    ".pushsection .text.lampyris_null_if_thrown,\"ax\",@progbits\n" \
    ".hidden lampyris_null_if_thrown\n.globl lampyris_null_if_thrown\n.type lampyris_null_if_thrown,@function\n" \
    "lampyris_null_if_thrown:\n" \
    "  .cfi_startproc\n" \
    "  .cfi_personality 0x1b, lampyris_catch_all\n"
#define LANDING_PAD \
    ".hidden lampyris_landing_pad\n.globl lampyris_landing_pad\n" \
    "lampyris_landing_pad:\n"
#define END \
    "  .cfi_endproc\n" \
    ".size lampyris_null_if_thrown, .-lampyris_null_if_thrown\n" \
    ".popsection\n"

#if defined(__x86_64__)
__asm__(
    BEGIN
    "  sub $8, %rsp\n"
    "  .cfi_adjust_cfa_offset 8\n"
    "  mov %rdi, %rax\n"
    "  mov %rsi, %rdi\n"
    "  mov %rdx, %rsi\n"
    "  call *%rax\n"
    "1: add $8, %rsp\n"
    "  .cfi_remember_state\n"
    "  .cfi_adjust_cfa_offset -8\n"
    "  ret\n"
    "  .cfi_restore_state\n"
    LANDING_PAD
    "  mov %rax, %rdi\n"
    "  call lampyris_swallow\n"
    "  xor %eax, %eax\n"
    "  jmp 1b\n"
    END);
#elif defined(__aarch64__)
__asm__(
    BEGIN
    "  stp x29, x30, [sp, #-16]!\n"
    "  .cfi_def_cfa_offset 16\n"
    "  .cfi_offset x29, -16\n"
    "  .cfi_offset x30, -8\n"
    "  mov x3, x0\n"
    "  mov x0, x1\n"
    "  mov x1, x2\n"
    "  blr x3\n"
    "1: ldp x29, x30, [sp], #16\n"
    "  .cfi_remember_state\n"
    "  .cfi_def_cfa_offset 0\n"
    "  .cfi_restore x29\n"
    "  .cfi_restore x30\n"
    "  ret\n"
    "  .cfi_restore_state\n"
    LANDING_PAD
    "  bl lampyris_swallow\n"
    "  mov x0, xzr\n"
    "  b 1b\n"
    END);
#else
#error "lampyris_null_if_thrown is missing for this processor"
#endif

// Whether a return address is that of the call above.
int lampyris_is_null_if_thrown(const void *address)
{
    return (const char *)address > (const char *)(void *)lampyris_null_if_thrown && (const char *)address < lampyris_landing_pad;
}

void lampyris_swallow(void *exception)
{
    struct CxxRuntime cxx;
    if (!can_catch(&cxx)) return;       // it could a moment ago
    cxx.begin_catch(exception);
    cxx.end_catch();
}

// Does `lampyris_null_if_thrown` catch this? Everything but a thread's cancellation, which only passes.
_Unwind_Reason_Code lampyris_catch_all(int version, _Unwind_Action actions, _Unwind_Exception_Class language,
    struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
    (void)version, (void)language;
    struct CxxRuntime cxx;
    if (actions & _UA_FORCE_UNWIND || !can_catch(&cxx)) return _URC_CONTINUE_UNWIND;
    if (actions & _UA_SEARCH_PHASE) return _URC_HANDLER_FOUND;
    if (!(actions & _UA_HANDLER_FRAME)) return _URC_CONTINUE_UNWIND;
    cxx.set_register(context, __builtin_eh_return_data_regno(0), (_Unwind_Word)(uintptr_t)exception);
    cxx.set_address(context, (_Unwind_Ptr)(uintptr_t)lampyris_landing_pad);
    return _URC_INSTALL_CONTEXT;
}
