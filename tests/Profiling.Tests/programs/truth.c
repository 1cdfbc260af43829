// Programs whose allocations are known: each allocates so many bytes at so many functions, named in ProfileTests.cs.
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SITE(name) \
    __attribute__((noinline, noclone)) void *name(size_t bytes) { void *block = malloc(bytes); __asm__ volatile("" : "+r"(block)); return block; }

SITE(site_live) SITE(site_peak) SITE(site_passing) SITE(site_parent) SITE(site_child) SITE(site_thread) SITE(site_handler) SITE(site_main)

static void *s_blocks[100000];

__attribute__((noinline)) static void known(void)
{
    for (int i = 0; i < 100; i++) s_blocks[i] = site_live(1000);
    for (int i = 0; i < 300; i++) s_blocks[100 + i] = site_peak(5000);
    for (int i = 0; i < 300; i++) free(s_blocks[100 + i]);
    for (int i = 0; i < 5000; i++) free(site_passing(200));
    for (int i = 50; i < 100; i++) free(s_blocks[i]);
}

static void killed(void)
{
    known();
    kill(getpid(), SIGKILL);
}

static void forks(void)
{
    for (int i = 0; i < 10; i++) s_blocks[i] = site_parent(10000);
    pid_t child = fork();
    if (child == 0) {
        free(s_blocks[0]);
        for (int i = 0; i < 7; i++) s_blocks[i] = site_child(20000);
        exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    printf("%d\n", (int)child);
    for (int i = 0; i < 3; i++) s_blocks[10 + i] = site_parent(10000);
}

static void *thread(void *name)
{
    prctl(PR_SET_NAME, name);
    for (int i = 0; i < 50; i++) s_blocks[i] = site_thread(3000);
    return 0;
}

static void threads(void)
{
    static char names[4][16] = { "oak", "elm", "ash", "oak" };
    pthread_t ids[4];
    for (int i = 0; i < 4; i++) pthread_create(&ids[i], 0, thread, names[i]);
    for (int i = 0; i < 4; i++) pthread_join(ids[i], 0);
}

static void refused(void)
{
    for (int i = 0; i < 10; i++) s_blocks[i] = site_live(1000000);
    void *volatile none = malloc((size_t)1 << 50);
    if (none) abort();
    for (int i = 0; i < 10; i++) free(s_blocks[i]);
}

static void grows(void)
{
    for (int i = 0; i < 50; i++) s_blocks[i] = site_live(1 << 20);
    for (int i = 0; i < 50; i++) free(s_blocks[i]);
}

static void much(void)
{
    s_blocks[0] = site_live(777);
    for (int i = 0; i < 4000000; i++) free(site_passing(200));
    s_blocks[1] = site_live(777);
}

static void handler(int signal)
{
    (void)signal;
    // Not allowed by POSIX, done all the same; the interrupted code is never inside malloc here, but may be inside the recorder.
    free(site_handler(100));
}

static void *spin(void *unused)
{
    (void)unused;
    for (int i = 0; i < 300000; i++) free(site_thread(100 + i % 1000));
    return 0;
}

// Signals at a thread that computes, while others allocate.
static void signals(void)
{
    pthread_t ids[3];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPROF);
    pthread_sigmask(SIG_BLOCK, &set, 0);
    for (int i = 0; i < 3; i++) pthread_create(&ids[i], 0, spin, 0);
    pthread_sigmask(SIG_UNBLOCK, &set, 0);
    struct sigaction action = { .sa_handler = handler };
    sigaction(SIGPROF, &action, 0);
    struct itimerval often = { { 0, 500 }, { 0, 500 } };
    setitimer(ITIMER_PROF, &often, 0);
    for (volatile long i = 0; i < 400000000; i++) { }
    often = (struct itimerval){ { 0, 0 }, { 0, 0 } };
    setitimer(ITIMER_PROF, &often, 0);
    for (int i = 0; i < 3; i++) pthread_join(ids[i], 0);
}

// Forks, and clones that no hook sees, from among threads that allocate.
static void fork_storm(void)
{
    pthread_t ids[3];
    for (int i = 0; i < 3; i++) pthread_create(&ids[i], 0, spin, 0);
    for (int i = 0; i < 100; i++) {
        pid_t child = i % 2 ? fork() : (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        if (child == 0) {
            if (i % 2) for (int k = 0; k < 100; k++) site_child(500);
            _exit(0);
        }
        int status;
        if (waitpid(child, &status, 0) != child || status) abort();
    }
    for (int i = 0; i < 3; i++) pthread_join(ids[i], 0);
}

static void waits(void)
{
    char line[16];
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        for (int i = 0; i < 1000; i++) s_blocks[i] = site_live(2000);
        for (int i = 500; i < 1000; i++) free(s_blocks[i]);
        puts("done");
        fflush(stdout);
    }
}

int main(int count, char **words)
{
    const char *mode = count > 1 ? words[1] : "";
    if (!strcmp(mode, "known")) known();
    else if (!strcmp(mode, "killed")) killed();
    else if (!strcmp(mode, "forks")) forks();
    else if (!strcmp(mode, "threads")) threads();
    else if (!strcmp(mode, "refused")) refused();
    else if (!strcmp(mode, "grows")) grows();
    else if (!strcmp(mode, "much")) much();
    else if (!strcmp(mode, "signals")) signals();
    else if (!strcmp(mode, "fork_storm")) fork_storm();
    else if (!strcmp(mode, "waits")) waits();
    else if (!strcmp(mode, "executes")) {
        known();
        execl("/proc/self/exe", words[0], "known", (char *)0);
    }
    else return 2;
    return 0;
}
