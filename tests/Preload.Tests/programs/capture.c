// The stack that the profiler sees from inside malloc. Runs on the capturing variant of the library; compiled without frame pointers,
// and once more with them (tool_capture_with_frame_pointers.c).
// flags: -O2 -fomit-frame-pointer -fno-optimize-sibling-calls -rdynamic
#include "support/case.h"
#include "support/capture.h"
#include <alloca.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

#define FRAME __attribute__((noinline, noclone))

/// Keeps a call from being the last thing that a function does, and its frame alive.
#define KEEP() __asm__ volatile("" ::: "memory")

FRAME void allocate(void)
{
    capture_next();
    char *block = malloc(100);
    take_capture();
    free(block);
    KEEP();
}

FRAME void inner(void)
{
    allocate();
    KEEP();
}

FRAME void middle(void)
{
    inner();
    KEEP();
}

FRAME void outer(void (*function)(void))
{
    function();
    KEEP();
}

CASE(callers, "the walk gives the callers of malloc from its own caller up to _start")
{
    outer(middle);
    EXPECT_FRAMES("allocate", "inner", "middle", "outer", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

FRAME int recurse(int depth)
{
    volatile char room[200];
    room[depth % 200] = 1;
    if (depth == 0) allocate();
    else recurse(depth - 1);
    return room[depth % 200];
}

CASE(deep_recursion, "a recursion of 400 calls is cut at 256 frames, and says so")
{
    recurse(400);
    EXPECT(captured.count == 256 && !captured.complete, "%d frames, complete: %d", captured.count, captured.complete);
    for (int i = 1; i < 256; i++) EXPECT(strcmp(frame_name(i), "recurse") == 0, "frame %d is %s", i, frame_name(i));
    recurse(200);
    EXPECT_FRAMES("allocate", "recurse", "...", "main", "...", "_start");
    EXPECT(captured.count > 204, "%d frames", captured.count);
    EXPECT_COMPLETE();
}

FRAME int big_frames(int depth)
{
    volatile char room[65536];
    room[depth] = 1;
    if (depth == 0) allocate();
    else big_frames(depth - 1);
    return room[depth];
}

CASE(growing_stack, "the main thread's stack is walked however far it has grown since it was looked at first")
{
    for (int depth = 0; depth < 100; depth += 7)
    {
        big_frames(depth);
        EXPECT_COMPLETE();
        EXPECT(captured.count > depth + 4, "%d frames at depth %d", captured.count, depth);
    }
}

FRAME int compare(const void *a, const void *b)
{
    allocate();
    return *(const int *)a - *(const int *)b;
}

CASE(callbacks, "the walk passes through libc's qsort and bsearch")
{
    int numbers[] = {3, 1, 2}, key = 2;
    qsort(numbers, 3, sizeof *numbers, compare);
    EXPECT_FRAMES("allocate", "compare", "...", "qsort_r", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
    EXPECT(bsearch(&key, numbers, 3, sizeof *numbers, compare) != NULL, "not found");
    EXPECT_FRAMES("allocate", "compare", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

CASE(libc_allocates, "where libc allocates for the program, the walk begins in libc and goes on in the program")
{
    capture_next();
    char *copy = strdup("a text");
    take_capture();
    free(copy);
    EXPECT_FRAMES("__strdup", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

FRAME void realigned(int bytes)
{
    alignas(128) volatile char room[256];
    volatile char *more = alloca((size_t)bytes);
    more[0] = room[0] = 1;
    room[1] = room[0];
    allocate();
    KEEP();
}

CASE(realigned_frames, "frames that align their stack and that grow at run time are walked")
{
    realigned(1000);
    EXPECT_FRAMES("allocate", "realigned", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

// ---- signals

void handler(int signal)
{
    (void)signal;
    allocate();
    KEEP();
}

FRAME void interrupted(void)
{
    raise(SIGUSR1);
    KEEP();
}

static void on_signal(int number, int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    EXPECT(sigaction(number, &action, NULL) == 0, "sigaction: errno %d", errno);
}

static void on_other_stack(void)
{
    static char room[65536];
    stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
    EXPECT(sigaltstack(&stack, NULL) == 0, "sigaltstack: errno %d", errno);
}

CASE(signal_handler, "from a signal handler the walk goes on in what was interrupted")
{
    on_signal(SIGUSR1, 0);
    outer(interrupted);
    EXPECT_FRAMES("allocate", "handler", "...", "interrupted", "outer", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

CASE(signal_handler_on_another_stack, "from a signal handler on a stack of its own the walk goes back to the thread's stack")
{
    on_other_stack();
    on_signal(SIGUSR1, SA_ONSTACK);
    for (int i = 0; i < 3; i++)
    {
        outer(interrupted);
        EXPECT_FRAMES("allocate", "handler", "...", "interrupted", "outer", "...", "main", "...", "_start");
        EXPECT_COMPLETE();
        inner();
        EXPECT_FRAMES("allocate", "inner", "...", "main", "...", "_start");
        EXPECT_COMPLETE();
    }
}

#if defined(__x86_64__)
// A fault in the very first instruction: the address minus 1 would be in another function.
void faults_at_once(void);
__asm__(".text\n.globl faults_at_once\n.type faults_at_once,@function\nnop\nfaults_at_once:\n.cfi_startproc\nud2\nret\n.cfi_endproc\n.size faults_at_once,.-faults_at_once\n");

void skip_it(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    allocate();
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

CASE(interrupted_instruction, "the interrupted function is known also when it was interrupted in its first instruction")
{
    struct sigaction action = {.sa_sigaction = skip_it, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &action, NULL);
    outer(faults_at_once);
    EXPECT_FRAMES("allocate", "skip_it", "...", "faults_at_once", "outer", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

// ---- code without unwind information

void with_frame_pointer_only(void (*function)(void));
__asm__(".text\n.globl with_frame_pointer_only\n.type with_frame_pointer_only,@function\nwith_frame_pointer_only:\n"
        "push %rbp\nmov %rsp, %rbp\nsub $32, %rsp\ncall *%rdi\nleave\nret\n"
        ".globl with_frame_pointer_only_end\nwith_frame_pointer_only_end:\n.size with_frame_pointer_only,.-with_frame_pointer_only\n");
extern const char with_frame_pointer_only_end[];

CASE(assembly, "hand-written code that has no unwind information but keeps a frame pointer is walked")
{
    with_frame_pointer_only(inner);
    EXPECT_FRAMES("allocate", "inner", "with_frame_pointer_only", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
}

CASE(made_code, "code that the program made while it runs and that keeps a frame pointer is walked, its place reused or not")
{
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int shift = 0; shift < 8; shift++)
    {
        char *code = page + 16 * shift;
        memcpy(code, (void *)with_frame_pointer_only, (size_t)(with_frame_pointer_only_end - (char *)with_frame_pointer_only));
        ((void (*)(void (*)(void)))code)(middle);
        EXPECT_FRAMES("allocate", "inner", "middle", "...", "main", "...", "_start");
        EXPECT(captured.addresses[3] > (uintptr_t)code && captured.addresses[3] < (uintptr_t)code + 32, "frame 3 is %#lx", captured.addresses[3]);
        EXPECT_COMPLETE();
    }
}

// ---- stacks that are not in order

FRAME void with_return_address(uintptr_t address, uintptr_t frame_pointer)
{
    uintptr_t *frame = __builtin_frame_address(0);
    uintptr_t before_address = frame[1], before_pointer = frame[0];
    frame[0] = frame_pointer;
    frame[1] = address;
    KEEP();
    allocate();
    KEEP();
    frame[0] = before_pointer;
    frame[1] = before_address;
    KEEP();
}

CASE(trashed_stack, "garbage for a return address or a frame pointer ends the walk, and does no harm")
{
    char *block = malloc(64), local[64] = "", *gone = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uintptr_t garbage[] = {0, 1, 7, 4095, 4096, 0x4141414141414141, (uintptr_t)block, (uintptr_t)local, (uintptr_t)local + 1, (uintptr_t)gone, (uintptr_t)gone + 65535,
                           (uintptr_t)-1, (uintptr_t)-8, (uintptr_t)1 << 47, ((uintptr_t)1 << 47) - 1, ((uintptr_t)1 << 47) - 8, (uintptr_t)1 << 63,
                           (uintptr_t)malloc, (uintptr_t)malloc + 1, (uintptr_t)main, (uintptr_t)main + 5, (uintptr_t)with_frame_pointer_only + 3, (uintptr_t)&captured, (uintptr_t)environ};
    int count = sizeof garbage / sizeof *garbage, complete = 0;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
        {
            with_return_address(garbage[i], garbage[j]);
            EXPECT(captured.count >= 1, "no frame for %#lx and %#lx", garbage[i], garbage[j]);
            EXPECT(strcmp(frame_name(0), "allocate") == 0 && strcmp(frame_name(1), "with_return_address") == 0, "%s, %s", frame_name(0), frame_name(1));
            complete += captured.complete;
        }
    say("%d of %d looked complete", complete, count * count);
    outer(inner);
    EXPECT_FRAMES("allocate", "inner", "outer", "...", "main", "...", "_start");
    EXPECT_COMPLETE();
    free(block);
}

CASE(random_stack, "a stack of random words in reach of the walk does no harm")
{
    unsigned seed = (unsigned)time(NULL);
    say("seed %u", seed);
    srandom(seed);
    uintptr_t bases[] = {(uintptr_t)main, (uintptr_t)malloc, (uintptr_t)strdup, (uintptr_t)&seed, (uintptr_t)&captured};
    for (int i = 0; i < 20000; i++)
    {
        uintptr_t spread = (uintptr_t)random() % 65536, pointer = (uintptr_t)&seed + (uintptr_t)(random() % 4096 - 2048);
        with_return_address(bases[random() % 5] + spread - 32768, random() % 2 ? pointer & ~7ul : (uintptr_t)random() << 20);
        EXPECT(captured.count >= 2, "%d frames", captured.count);
    }
}
#endif

// ---- other stacks

static ucontext_t main_context, coroutine_context;

void coroutine(void)
{
    for (int i = 0; i < 3; i++)
    {
        outer(middle);
        swapcontext(&coroutine_context, &main_context);
    }
}

CASE(coroutines, "on a coroutine's stack the walk goes up to the coroutine's start")
{
    char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    getcontext(&coroutine_context);
    coroutine_context.uc_stack = (stack_t){.ss_sp = stack, .ss_size = 65536};
    makecontext(&coroutine_context, coroutine, 0);
    for (int i = 0; i < 3; i++)
    {
        swapcontext(&main_context, &coroutine_context);
        EXPECT_FRAMES("allocate", "inner", "middle", "outer", "coroutine");
        EXPECT_COMPLETE();
        inner();
        EXPECT_FRAMES("allocate", "inner", "...", "main", "...", "_start");
        EXPECT_COMPLETE();
    }
}

CASE(no_process_vm_readv, "where the system call that reads memory safely is forbidden, as in some containers, other stacks are walked all the same")
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = 4, .filter = code};
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0, "seccomp: errno %d", errno);
    case_coroutines();
    case_made_code();
}

void *thread_body(void *argument)
{
    outer(argument);
    return NULL;
}

static void run_thread(pthread_attr_t *attributes, void (*function)(void))
{
    pthread_t thread;
    EXPECT(pthread_create(&thread, attributes, thread_body, function) == 0, "pthread_create failed");
    pthread_join(thread, NULL);
}

CASE(threads, "on another thread the walk goes up to the thread's start, on a stack of libc's or of the program's")
{
    run_thread(NULL, middle);
    EXPECT_FRAMES("allocate", "inner", "middle", "outer", "thread_body");
    EXPECT_COMPLETE();

    size_t bytes = 1 << 20;
    char *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, bytes);
    run_thread(&attributes, middle);
    EXPECT_FRAMES("allocate", "inner", "middle", "outer", "thread_body");
    EXPECT_COMPLETE();
}

void fork_here(void)
{
    pid_t child = fork();
    if (child == 0)
    {
        middle();
        EXPECT_FRAMES("allocate", "inner", "middle", "fork_here", "outer", "thread_body");
        EXPECT_COMPLETE();
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    EXPECT(status == 0, "the child ended with %#x", status);
}

CASE(forked_thread, "in the child of a thread that forked the walk goes up to that thread's start")
{
    run_thread(NULL, fork_here);
}

// ---- before main

static struct capture before_main;

__attribute__((constructor)) void constructor(void)
{
    if (!capture_next) return;
    inner();
    before_main = captured;
}

CASE(constructors, "in a constructor, before main, the walk goes up to _start")
{
    captured = before_main;
    EXPECT_FRAMES("allocate", "inner", "constructor", "...", "_start");
    EXPECT_COMPLETE();
}

// ---- speed

FRAME double walk_cost_ns(void)
{
    enum { times = 20000 };
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < times; i++)
    {
        capture_next();
        char *volatile block = malloc(100);
        free(block);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    take_capture();
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / times;
}

FRAME double walk_cost_at(int depth)
{
    double cost = depth == 0 ? walk_cost_ns() : walk_cost_at(depth - 1);
    KEEP();
    return cost;
}

CASE(cost, "a walk of 30 frames that were met before takes a few microseconds at most")
{
    double best = 1e9;
    for (int i = 0; i < 20; i++)
    {
        double cost = walk_cost_at(23);
        if (cost < best) best = cost;
    }
    say("%d frames in %.0f ns, %.0f ns each", captured.count, best, best / captured.count);
    EXPECT(captured.count >= 28 && captured.complete, "%d frames", captured.count);
    EXPECT(best < 5000, "%.0f ns", best);
}
