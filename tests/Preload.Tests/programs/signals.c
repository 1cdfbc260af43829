// Signals that interrupt malloc, and what a malloc must leave alone: masks, handlers, the choice of the thread.
#include "support/case.h"
#include "support/churn.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>

static long handled;

static void count_it(int signal)
{
    (void)signal;
    __atomic_fetch_add(&handled, 1, __ATOMIC_RELAXED);
}

static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    EXPECT(sigaction(signal, &action, NULL) == 0, "sigaction(%d): errno %d", signal, errno);
}

CASE(storm, "a storm of SIGUSR1 on five allocating threads and of SIGALRM on the process, without SA_RESTART, harms nothing")
{
    handle(SIGUSR1, count_it, 0);
    handle(SIGALRM, count_it, 0);
    pthread_t threads[5];
    churn_start(threads, 5);
    struct itimerval often = {{0, 500}, {0, 500}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    long end = now_ms() + 2500;
    for (int i = 0; now_ms() < end; i++)
    {
        pthread_kill(threads[i % 5], SIGUSR1);
        if (i % 16 == 0) usleep(50);
    }
    setitimer(ITIMER_REAL, &off, NULL);
    churn_stop(threads, 5);
    churn_clear();
    say("%ld signals handled in %ld steps", handled, churn_steps);
    EXPECT(handled > 1000 && churn_steps > 1000, "%ld signals handled in %ld steps", handled, churn_steps);
}

static int in_handler;

static void stay_a_while(int signal)
{
    (void)signal;
    int error = errno;
    __atomic_store_n(&in_handler, 1, __ATOMIC_RELEASE);
    sleep_ms(60);
    __atomic_store_n(&in_handler, 0, __ATOMIC_RELEASE);
    errno = error;
}

static void *small_blocks(void *steps)
{
    void *blocks[64] = {0};
    for (size_t i = 0; !__atomic_load_n(&churn_stops, __ATOMIC_RELAXED); i++)
    {
        free(blocks[i % 64]);
        blocks[i % 64] = malloc(16 + i * 7 % 500);
        __atomic_fetch_add((long *)steps, 1, __ATOMIC_RELAXED);
        if (i % 1024 == 0) usleep(100);
    }
    for (int i = 0; i < 64; i++) free(blocks[i]);
    return NULL;
}

CASE(a_thread_stays_in_a_handler, "while one thread stays in a signal handler that interrupted malloc, other threads' small blocks go on")
{
    // The victim is interrupted anywhere, in the rare paths too: it takes and frees blocks of all sizes.
    handle(SIGUSR1, stay_a_while, SA_RESTART);
    pthread_t victim, others[3];
    long steps[3] = {0};
    churn_start(&victim, 1);
    for (int i = 0; i < 3; i++) pthread_create(&others[i], NULL, small_blocks, &steps[i]);
    int stalls = 0;
    enum { times = 25 };
    for (int i = 0; i < times; i++)
    {
        pthread_kill(victim, SIGUSR1);
        while (!__atomic_load_n(&in_handler, __ATOMIC_ACQUIRE)) usleep(100);
        long before = __atomic_load_n(&steps[i % 3], __ATOMIC_RELAXED);
        usleep(25000);
        if (__atomic_load_n(&in_handler, __ATOMIC_ACQUIRE)) stalls += __atomic_load_n(&steps[i % 3], __ATOMIC_RELAXED) == before;
        while (__atomic_load_n(&in_handler, __ATOMIC_ACQUIRE)) usleep(500);
        usleep(1000);
    }
    churn_stop(&victim, 1);
    for (int i = 0; i < 3; i++) pthread_join(others[i], NULL);
    churn_clear();
    say("%d of %d times the others stood still", stalls, times);
    EXPECT(stalls <= times / 5, "%d of %d times the others stood still", stalls, times);
}

/// Uses the heap enough for everything it does in the background to begin.
static void work_it(void)
{
    enum { count = 200 };
    static char *blocks[count];
    pthread_t threads[3];
    churn_start(threads, 3);
    for (int i = 0; i < count; i++) memset(blocks[i] = malloc(MIB / 2), 1, MIB / 2);
    for (int i = 0; i < count; i++) free(blocks[i]);
    sleep_ms(900);
    churn_stop(threads, 3);
    churn_clear();
}

CASE(nothing_is_changed, "no signal handler is installed, and no thread's signal mask changes")
{
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigaddset(&mask, SIGWINCH);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    work_it();
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    EXPECT(memcmp(&mask, &before, 8) == 0, "the mask is %#lx, was %#lx", *(long *)&mask, *(long *)&before);
    for (int signal = 1; signal < 65; signal++)
    {
        struct sigaction action;
        if (sigaction(signal, NULL, &action) != 0) continue; // glibc's own two
        // The starter of this process may have chosen to ignore some; nobody may have installed a function.
        EXPECT(action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN, "signal %d has a handler", signal);
    }
}

static long handled_elsewhere;
static pid_t main_thread;

static void note_the_thread(int signal)
{
    (void)signal;
    handled++;
    if (gettid() != main_thread) handled_elsewhere++;
}

CASE(background_thread_takes_no_signals, "a thread of the heap's own blocks all signals, so that the program's handlers run on the program's threads, and has a name of its own")
{
    main_thread = getpid();
    work_it();
    handle(SIGUSR1, note_the_thread, SA_RESTART);
    for (int i = 0; i < 300; i++)
    {
        kill(getpid(), SIGUSR1);
        free(malloc(100000));
    }
    EXPECT(handled == 300 && handled_elsewhere == 0, "%ld of 300 handled, %ld of them on another thread", handled, handled_elsewhere);
    int tasks[64], count = numbers_in("/proc/self/task", tasks, 64);
    for (int i = 0; i < count; i++)
    {
        if (tasks[i] == main_thread) continue;
        char path[64], text[4096];
        snprintf(path, sizeof path, "/proc/self/task/%d/status", tasks[i]);
        int file = open(path, O_RDONLY);
        EXPECT(file >= 0, "open(%s): errno %d", path, errno);
        ssize_t length = read(file, text, sizeof text - 1);
        text[length > 0 ? length : 0] = 0;
        close(file);
        unsigned long blocked = strtoul(strstr(text, "SigBlk:\t") + 8, NULL, 16);
        unsigned long can_be = ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1));
        say("task %d blocks %#lx", tasks[i], blocked);
        EXPECT((blocked & can_be) == can_be, "task %d of this process blocks %#lx only", tasks[i], blocked);
        EXPECT(strncmp(text, "Name:\tlampyris-purge\n", 21) == 0, "task %d of this process is called %.30s", tasks[i], text);
    }
}

CASE(all_signals_blocked, "a program that blocks every signal allocates as any other")
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    work_it();
}

// A pointer that no malloc gave is a bug of the program. glibc aborts with a line for these; an allocator that finds a
// block's page by its address may fault on an address that is not mapped. Going on is what neither may do.
CASE(foreign_pointers_end_the_process, "free or realloc of a pointer that no malloc gave ends the process: it is neither served nor passed over in silence")
{
    static char of_the_program[256] __attribute__((aligned(64)));
    char of_the_stack[256] __attribute__((aligned(64))) = "";
    char *mapped = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *pointers[] = {of_the_program + 64, of_the_stack + 64, mapped + 4096, mapped + 5 * MIB};
    for (int which = 0; which < 8; which++)
    {
        int status;
        pid_t child = fork();
        if (child == 0)
        {
            setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
            int null = open("/dev/null", O_WRONLY);
            dup2(null, 2);
            if (which < 4) free(pointers[which]);
            else free(realloc(pointers[which - 4], 1000));
            _exit(0);
        }
        waitpid(child, &status, 0);
        EXPECT(WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV), "%s of pointer number %d: status %x",
               which < 4 ? "free" : "realloc", which % 4, status);
        say("%s of pointer number %d: %s", which < 4 ? "free" : "realloc", which % 4, WTERMSIG(status) == SIGABRT ? "abort" : "fault");
    }
}
