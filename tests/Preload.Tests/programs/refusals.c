// Memory refused by the system at any point: a supervisor (a seccomp listener in the parent) lets a child's calls for
// memory through, refuses a run of them with ENOMEM from the nth on, and then lets all through again. Whatever was
// refused, malloc gives NULL with ENOMEM or gets by, every block keeps its contents, and afterwards the heap is whole.
#include "support/case.h"
#include "support/churn.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

// The child says by this call, which does nothing, that from here on nothing is to be refused any more.
static void now_recover(void) { madvise(NULL, 0, 12345); }

/// In the child: all calls for memory go to the supervisor. The file descriptor for it to listen on.
static int supervise_me(void)
{
#define ASK(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ASK(SYS_mmap), ASK(SYS_munmap), ASK(SYS_mremap), ASK(SYS_mprotect), ASK(SYS_madvise), ASK(SYS_brk),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

struct plan
{
    long from, length;  // the calls to refuse, counted from 0
    int spare_loader;   // let the dynamic loader's own calls through: it is not made to meet refusals
    long seen, refused; // out: calls in all and refused
    int status;         // out: how the child ended
};

/// True when the instruction belongs to the dynamic loader of the child.
static int is_of_loader(pid_t child, uint64_t instruction)
{
    char path[64], line[600];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)child);
    FILE *maps = fopen(path, "r");
    int found = 0;
    unsigned long from, to;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%lx-%lx", &from, &to) == 2 && instruction >= from && instruction < to) found = strstr(line, "/ld-") != NULL;
    if (maps != NULL) fclose(maps);
    return found;
}

/// In the parent: answers the child's calls until it has ended.
static void supervise(pid_t child, int listener, struct plan *plan)
{
    int recovered = 0;
    int child_handle = (int)syscall(SYS_pidfd_open, child, 0);
    for (;;)
    {
        struct pollfd watched[] = {{listener, POLLIN, 0}, {child_handle, POLLIN, 0}};
        if (poll(watched, 2, -1) < 0) continue;
        if (watched[1].revents != 0) break;
        if (!(watched[0].revents & POLLIN)) continue;
        struct seccomp_notif call = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) continue; // the caller was interrupted or killed
        struct seccomp_notif_resp answer = {.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        if (call.data.nr == SYS_madvise && call.data.args[2] == 12345) recovered = 1;
        int refuse = !recovered && plan->seen >= plan->from && plan->seen < plan->from + plan->length;
        if (call.data.nr == SYS_brk && call.data.args[0] == 0) refuse = 0;
        if (plan->spare_loader && is_of_loader(child, call.data.instruction_pointer)) refuse = 0;
        if (refuse)
        {
            answer.flags = 0;
            // A brk that fails gives an address below the one asked for, not an error; 0 makes glibc ask anew later.
            answer.error = call.data.nr == SYS_brk ? 0 : -ENOMEM;
            plan->refused++;
        }
        if (!recovered) plan->seen++;
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    waitpid(child, &plan->status, 0);
    close(listener);
    close(child_handle);
}

/// Runs `body` in a child under the plan. False when this kernel or container does not let us.
static int run_under(struct plan *plan, void (*body)(void))
{
    int ends[2], goes[2], theirs = -1;
    EXPECT(pipe(ends) == 0 && pipe(goes) == 0, "pipe: errno %d", errno);
    pid_t child = fork();
    if (child == 0)
    {
        close(ends[0]);
        int listener = supervise_me();
        ssize_t written = write(ends[1], &listener, sizeof listener);
        (void)written;
        if (listener < 0) _exit(0);
        // The listener closes at exec: the parent must have it before.
        written = read(goes[0], &listener, 1);
        body();
        _exit(0);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &theirs, sizeof theirs);
    close(ends[0]);
    if (got != sizeof theirs || theirs < 0)
    {
        close(goes[0]);
        close(goes[1]);
        waitpid(child, NULL, 0);
        return 0;
    }
    int child_handle = (int)syscall(SYS_pidfd_open, child, 0);
    int listener = (int)syscall(SYS_pidfd_getfd, child_handle, theirs, 0);
    EXPECT(listener >= 0, "pidfd_getfd: errno %d", errno);
    EXPECT(write(goes[1], "", 1) == 1, "write: errno %d", errno);
    close(goes[0]);
    close(goes[1]);
    close(child_handle);
    plan->seen = plan->refused = 0;
    supervise(child, listener, plan);
    return 1;
}

static void expect_well(const struct plan *plan, const char *what)
{
    EXPECT(WIFEXITED(plan->status) && WEXITSTATUS(plan->status) == 0, "%s, %ld calls refused from number %ld on: the child ended by signal %d or with exit code %d",
           what, plan->refused, plan->from, WIFSIGNALED(plan->status) ? WTERMSIG(plan->status) : 0,
           WIFEXITED(plan->status) ? WEXITSTATUS(plan->status) : -1);
}

static void *short_churn(void *seed)
{
    uint64_t state = (uint64_t)(uintptr_t)seed;
    for (int i = 0; i < 500; i++) churn_step(&state, 300 * KIB);
    return NULL;
}

/// A bit of everything: small and large blocks, growth, alignment, threads, trims. Tolerates NULL, checks contents.
static void mixed_work(void)
{
    uint64_t state = 17;
    static char *large[16];
    for (int round = 0; round < 4; round++)
    {
        for (int i = 0; i < 400; i++) churn_step(&state, 300 * KIB);
        pthread_t threads[3];
        int started = 0;
        while (started < 3 && pthread_create(&threads[started], NULL, short_churn, (void *)(uintptr_t)(round * 3 + started + 1)) == 0) started++;
        for (int i = 0; i < 16; i++)
        {
            size_t next = MIB / 2 + next_random(&state) % (6 * MIB);
            char *block = i % 3 == 0 ? realloc(large[i], next) : i % 3 == 1 ? memalign(MIB, next) : calloc(next, 1);
            if (block == NULL)
            {
                EXPECT(errno == ENOMEM, "NULL and errno %d", errno);
                if (large[i] != NULL) EXPECT_PATTERN(large[i], (size_t)64, (uint64_t)i, "a large block that could not be replaced");
                continue;
            }
            if (i % 3 != 0) free(large[i]);
            else if (large[i] != NULL) EXPECT_PATTERN(block, (size_t)64, (uint64_t)i, "a large block after realloc");
            if (i % 3 == 2) EXPECT(first_nonzero_byte(block, next) == next, "calloc of %zu bytes is not zero", next);
            large[i] = block;
            fill(block, 64, (uint64_t)i);
            block[next - 1] = 1;
        }
        for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
        if (round == 1) malloc_trim(0);
        for (int i = round % 2; i < 16; i += 2)
        {
            if (large[i] == NULL) continue;
            EXPECT_PATTERN(large[i], (size_t)64, (uint64_t)i, "a large block");
            free(large[i]);
            large[i] = NULL;
        }
        if (round % 2) churn_clear();
    }
    EXPECT_WHOLE_HEAP();
    now_recover();
    // Nothing is refused any more: now everything must be had.
    static char *after[600];
    for (int i = 0; i < 600; i++)
    {
        size_t size = i < 500 ? (size_t)i * 37 + 1 : (size_t)(i - 499) * 100 * KIB;
        after[i] = malloc(size);
        EXPECT(after[i] != NULL, "no block of %zu bytes after the refusals had ended, errno %d", size, errno);
        fill(after[i], size < 5000 ? size : 5000, (uint64_t)i);
    }
    for (int i = 0; i < 600; i++)
    {
        size_t size = i < 500 ? (size_t)i * 37 + 1 : (size_t)(i - 499) * 100 * KIB;
        EXPECT_PATTERN(after[i], size < 5000 ? size : 5000, (uint64_t)i, "a block made after the refusals");
        free(after[i]);
    }
    for (int i = 0; i < 16; i++) free(large[i]);
    churn_clear();
    short_churn((void *)5);
    churn_clear();
    EXPECT_WHOLE_HEAP();
}

CASE(refused_at_any_point, "calls for memory refused one, five or all from the nth on, for 45 places n: NULL with ENOMEM, and the heap stays whole", SECONDS(120))
{
    struct plan plan = {0};
    if (!run_under(&plan, mixed_work))
    {
        say("seccomp listeners are not permitted here");
        return;
    }
    expect_well(&plan, "nothing refused");
    long calls = plan.seen, refused = 0;
    say("%ld calls for memory in the work", calls);
    for (int i = 0; i < 45; i++)
    {
        plan = (struct plan){.from = calls * i / 45, .length = i % 3 == 0 ? 1 : i % 3 == 1 ? 5 : 1000000};
        run_under(&plan, mixed_work);
        expect_well(&plan, "mixed work");
        refused += plan.refused;
    }
    say("%ld refused", refused);
    EXPECT(refused > 60, "%ld refused", refused);
}

CASE(small_program, "what is started below with memory refused works without that")
{
    char *blocks[100] = {0};
    for (int i = 0; i < 100; i++)
        if ((blocks[i] = malloc((size_t)(i * i * 10 + 1))) == NULL && errno == ENOMEM) _exit(42);
    for (int i = 0; i < 100; i++)
    {
        memset(blocks[i], i, (size_t)(i * i * 10 + 1));
        free(blocks[i]);
    }
}

static void start_small_program(void)
{
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    dup2(null, 2); // the loader's own complaints
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    execl("/proc/self/exe", "refusals", "small_program", NULL);
    _exit(41);
}

CASE(refused_at_start, "memory refused at the nth call of a program's start: it runs, or sees ENOMEM, or the loader gives up; it never crashes", SECONDS(120))
{
    struct plan plan = {0};
    if (!run_under(&plan, start_small_program))
    {
        say("seccomp listeners are not permitted here");
        return;
    }
    expect_well(&plan, "nothing refused at start");
    int ran = 0, out_of_memory = 0, gave_up = 0;
    long calls = plan.seen;
    for (long from = 0; from < calls; from++)
        for (int once = 0; once < 2; once++)
        {
            plan = (struct plan){.from = from, .length = once ? 1 : 1000000, .spare_loader = 1};
            run_under(&plan, start_small_program);
            int code = WIFEXITED(plan.status) ? WEXITSTATUS(plan.status) : -1;
            EXPECT(code == 0 || code == 42 || code == 127, "%ld calls refused from number %ld of %ld: ended by signal %d or with exit code %d",
                   plan.refused, from, calls, WIFSIGNALED(plan.status) ? WTERMSIG(plan.status) : 0, code);
            ran += code == 0;
            out_of_memory += code == 42;
            gave_up += code == 127;
        }
    say("%ld calls: ran %d times, saw ENOMEM %d times, the loader gave up %d times", calls, ran, out_of_memory, gave_up);
}

CASE(no_more_threads, "where the system refuses new threads, freeing 200 MiB neither crashes nor hangs")
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    {
        say("seccomp filters are not permitted here");
        return;
    }
    EXPECT(fork() < 0 && errno == EAGAIN, "fork went well, errno %d", errno);
    enum { count = 200000 };
    static char *blocks[count];
    for (int round = 0; round < 3; round++)
    {
        for (int i = 0; i < count; i++) memset(blocks[i] = malloc(1000), 1, 1000);
        for (int i = 0; i < count; i++) free(blocks[i]);
        sleep_ms(round == 1 ? 700 : 10);
    }
}
