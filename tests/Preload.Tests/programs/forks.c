// fork from a program with many threads: parent and child both go on, whatever the other threads were doing.
#include "support/case.h"
#include "support/churn.h"
#include <signal.h>
#include <spawn.h>
#include <sys/time.h>

/// What a forked child does: it frees the parent's blocks, whose makers do not exist here, allocates, starts threads.
static void live_as_a_child(uint64_t seed, int threads)
{
    uint64_t state = seed * 31 + 7;
    churn_clear();
    for (int i = 0; i < 300; i++) churn_step(&state, 100 * KIB);
    pthread_t started[4];
    churn_start(started, threads);
    for (int i = 0; i < 100; i++) churn_step(&state, 100 * KIB);
    churn_stop(started, threads);
    churn_clear();
    // No walk over the heap here: what the parent's threads were in the middle of stays half done in this child.
}

CASE(child_goes_on, "60 children forked among 6 allocating threads free the parent's blocks, allocate, start threads and exit")
{
    pthread_t threads[6];
    churn_start(threads, 6);
    for (uint64_t i = 0; i < 60; i++)
    {
        pid_t child = fork();
        if (child == 0)
        {
            live_as_a_child(i, i % 3 == 0 ? 2 : 0);
            if (i % 2) exit(0);
            _exit(0);
        }
        expect_child_is_well(child, "forked among threads");
    }
    churn_stop(threads, 6);
    churn_clear();
}

CASE(nested_forks, "children fork children, eight deep, each with threads that allocate")
{
    pthread_t threads[3];
    for (uint64_t depth = 0; depth < 8; depth++)
    {
        churn_start(threads, 3);
        sleep_ms(3);
        pid_t child = fork();
        if (child == 0)
        {
            live_as_a_child(depth, 1);
            if (depth == 7) _exit(0);
            continue; // this child is the parent of the next
        }
        expect_child_is_well(child, "nested");
        churn_stop(threads, 3);
        churn_clear();
        if (depth > 0) _exit(0);
        return;
    }
}

static void *fork_first_of_all(void *unused)
{
    pid_t child = fork();
    if (child == 0)
    {
        live_as_a_child(1, 1);
        EXPECT_WHOLE_HEAP();
        _exit(0);
    }
    expect_child_is_well(child, "forked by a thread that has never allocated");
    return unused;
}

CASE(fork_before_any_allocation, "a process and a thread that have never allocated fork, and parent and child can allocate afterwards")
{
    fork_first_of_all(NULL);
    free(malloc(100));
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, fork_first_of_all, NULL) == 0, "pthread_create failed");
    pthread_join(thread, NULL);
    churn_clear();
}

static void *fork_thread(void *seed)
{
    for (uint64_t i = 0; i < 15; i++)
    {
        pid_t child = fork();
        if (child == 0)
        {
            live_as_a_child(i * 10 + (uint64_t)(uintptr_t)seed, 0);
            _exit(0);
        }
        expect_child_is_well(child, "forked by one of several threads");
    }
    return NULL;
}

CASE(forks_at_once, "four threads fork at the same time while others allocate")
{
    pthread_t threads[3], forkers[4];
    churn_start(threads, 3);
    for (uintptr_t i = 0; i < 4; i++) pthread_create(&forkers[i], NULL, fork_thread, (void *)i);
    for (int i = 0; i < 4; i++) pthread_join(forkers[i], NULL);
    churn_stop(threads, 3);
}

static FILE *shared_file;

static void *stdio_thread(void *kind)
{
    char *line = NULL;
    size_t room = 0;
    while (!__atomic_load_n(&churn_stops, __ATOMIC_RELAXED))
        switch ((int)(uintptr_t)kind)
        {
        case 0: // getline holds the FILE's lock while it calls malloc
        {
            FILE *file = fopen("/proc/self/maps", "r");
            free(line);
            line = NULL;
            room = 0;
            while (getline(&line, &room, file) > 0) continue;
            fclose(file);
            break;
        }
        case 1: // the list of all files is locked, then each of them
            fflush(NULL);
            break;
        case 2:
        {
            char *text = NULL;
            size_t length = 0;
            FILE *stream = open_memstream(&text, &length);
            for (int i = 0; i < 200; i++) fprintf(stream, "line %d of a stream in memory\n", i);
            fclose(stream);
            free(text);
            break;
        }
        default:
            rewind(shared_file);
            while (getline(&line, &room, shared_file) > 0) continue;
        }
    free(line);
    return NULL;
}

CASE(forks_among_stdio, "fork while other threads are inside getline, fflush(NULL), fopen and fclose, all of which lock and allocate")
{
    shared_file = tmpfile();
    for (int i = 0; i < 300; i++) fprintf(shared_file, "%0*d\n", i, i);
    pthread_t threads[6];
    churn_stops = 0;
    for (uintptr_t i = 0; i < 6; i++) pthread_create(&threads[i], NULL, stdio_thread, (void *)(i < 4 ? i : i - 4));
    for (uint64_t i = 0; i < 80; i++)
    {
        pid_t child = fork();
        if (child == 0)
        {
            char *line = NULL;
            size_t room = 0;
            FILE *file = fopen("/proc/self/status", "r");
            while (getline(&line, &room, file) > 0) free(malloc(room * 3));
            fclose(file);
            free(line);
            live_as_a_child(i, 0);
            fflush(NULL);
            _exit(0);
        }
        expect_child_is_well(child, "forked among stdio");
    }
    churn_stop(threads, 6);
}

enum { handler_forks = 120, at_once = 3 };
static pid_t children[handler_forks];
static volatile sig_atomic_t children_count, ended_count;
static volatile sig_atomic_t is_child;
static int child_goes_on_after_handler, among_threads;

static void fork_in_handler(int signal)
{
    (void)signal;
    int error = errno;
    if (!is_child && children_count < handler_forks && children_count - ended_count < at_once)
    {
        pid_t child = fork();
        if (child == 0)
        {
            if (!child_goes_on_after_handler) _exit(0);
            is_child = 1;
        }
        else children[children_count++] = child;
    }
    errno = error;
}

/// Allocates until so many signals were handled, each of which interrupts this at some point and forks.
static void fork_from_handlers(void)
{
    struct sigaction action = {.sa_handler = fork_in_handler, .sa_flags = SA_RESTART};
    sigaddset(&action.sa_mask, SIGALRM);
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 1500}, {0, 1500}}, off = {{0, 0}, {0, 0}};
    children_count = ended_count = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    uint64_t state = 99;
    for (long childs_own_steps = 0; childs_own_steps < 300 && ended_count < handler_forks;)
    {
        for (int i = 0; i < 20; i++) churn_step(&state, MIB);
        if (is_child) childs_own_steps += 20;
        if (is_child || ended_count == children_count) continue;
        sigprocmask(SIG_BLOCK, &action.sa_mask, NULL);
        // A child that returned from the handler since it was asked must not wait for the parent's children.
        if (!is_child) expect_child_is_well(children[ended_count++], "forked in a handler");
        sigprocmask(SIG_UNBLOCK, &action.sa_mask, NULL);
    }
    if (is_child)
    {
        churn_clear();
        if (!among_threads) EXPECT_WHOLE_HEAP();
        _exit(0);
    }
    setitimer(ITIMER_REAL, &off, NULL);
    churn_clear();
}

CASE(fork_in_handler_exits, "fork in a signal handler that interrupted malloc: the child ends at once, the parent goes on")
{
    fork_from_handlers();
}

CASE(fork_in_handler_returns, "fork in a signal handler that interrupted malloc: the child returns from the handler and goes on allocating")
{
    child_goes_on_after_handler = 1;
    fork_from_handlers();
}

// glibc itself deadlocks here: its fork takes the arena locks, one of which this very thread may hold.
CASE(fork_in_handler_with_threads, "fork in a signal handler that interrupted malloc, while other threads allocate", ONLY_LAMPYRIS)
{
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
    pthread_t threads[3];
    among_threads = 1;
    churn_start(threads, 3);
    pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
    fork_from_handlers();
    child_goes_on_after_handler = 1;
    fork_from_handlers();
    churn_stop(threads, 3);
}

static int handlers_run;
static void *before_fork;
static void prepare(void)
{
    before_fork = malloc(50000);
    free(calloc(10, 100));
    handlers_run++;
}
static void after_fork(void)
{
    free(before_fork);
    free(realloc(malloc(10), 3 * MIB));
    handlers_run++;
}

CASE(programs_fork_handlers_allocate, "a program's own pthread_atfork handlers may allocate, before and after the fork")
{
    pthread_atfork(prepare, after_fork, after_fork);
    pthread_t threads[4];
    churn_start(threads, 4);
    for (uint64_t i = 0; i < 50; i++)
    {
        handlers_run = 0;
        pid_t child = fork();
        if (child == 0)
        {
            EXPECT(handlers_run == 2, "%d handlers run in the child", handlers_run);
            live_as_a_child(i, 0);
            _exit(0);
        }
        EXPECT(handlers_run == 2, "%d handlers run in the parent", handlers_run);
        expect_child_is_well(child, "with handlers that allocate");
    }
    churn_stop(threads, 4);
}

CASE(spawned_programs, "system, popen, posix_spawn and vfork start programs from among allocating threads")
{
    extern char **environ;
    pthread_t threads[4];
    churn_start(threads, 4);
    for (int i = 0; i < 25; i++)
    {
        EXPECT(system("exit 7") == 7 << 8, "system gave another code than 7");
        char text[20] = "";
        FILE *pipe = popen("echo $((6*7))", "r");
        EXPECT(fgets(text, sizeof text, pipe) != NULL && strcmp(text, "42\n") == 0, "popen read %s", text);
        pclose(pipe);
        pid_t child;
        EXPECT(posix_spawn(&child, "/bin/true", NULL, NULL, (char *[]){"true", NULL}, environ) == 0, "posix_spawn failed");
        expect_child_is_well(child, "posix_spawn");
        child = vfork();
        if (child == 0)
        {
            execl("/bin/true", "true", NULL);
            _exit(1);
        }
        expect_child_is_well(child, "vfork");
    }
    churn_stop(threads, 4);
}

enum { sleepers = 8, each = 1500, generations = 14 };
static char *left_behind[sleepers][each];
static int asleep, wake_up;

static void *sleeper(void *number)
{
    static char *cached[sleepers][each];
    size_t me = (size_t)(uintptr_t)number;
    for (int i = 0; i < each; i++)
    {
        memset(left_behind[me][i] = malloc(1000), 1, 1000);
        memset(cached[me][i] = malloc(700), 2, 700);
    }
    for (int i = 0; i < each; i++) free(cached[me][i]);
    __atomic_fetch_add(&asleep, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&wake_up, __ATOMIC_ACQUIRE)) sleep_ms(20);
    return NULL;
}

// Each generation: 8 threads fill caches and go to sleep, the process forks, and in the child, where they do not
// exist, their blocks are freed. What a child can't take over of them adds up over the generations: 20 MB in each.
CASE(no_caches_leak_in_children, "a child takes over the memory of the parent's threads: 14 generations of forks do not grow", SECONDS(240))
{
    size_t second = 0;
    for (int generation = 1;; generation++)
    {
        asleep = 0;
        pthread_t threads[sleepers];
        for (uintptr_t i = 0; i < sleepers; i++)
            EXPECT(pthread_create(&threads[i], NULL, sleeper, (void *)i) == 0, "no thread in generation %d", generation);
        while (__atomic_load_n(&asleep, __ATOMIC_ACQUIRE) < sleepers) sleep_ms(1);
        pid_t child = fork();
        if (child != 0)
        {
            expect_child_is_well(child, "a generation");
            __atomic_store_n(&wake_up, 1, __ATOMIC_RELEASE);
            for (int i = 0; i < sleepers; i++) pthread_join(threads[i], NULL);
            if (generation > 1) _exit(0);
            return;
        }
        for (int i = 0; i < sleepers; i++)
            for (int j = 0; j < each; j++)
            {
                EXPECT(left_behind[i][j][0] == 1 && left_behind[i][j][999] == 1, "block %d of thread %d changed", j, i);
                free(left_behind[i][j]);
            }
        EXPECT_WHOLE_HEAP();
        size_t resident = resident_bytes();
        if (generation == 2) second = resident;
        if (generation < generations) continue;
        say("resident %zu KiB in generation 2, %zu KiB in generation %d", second / KIB, resident / KIB, generation);
        EXPECT(resident < second + 30 * MIB, "resident %zu KiB in generation 2, %zu KiB in generation %d", second / KIB,
               resident / KIB, generation);
        _exit(0);
    }
}
