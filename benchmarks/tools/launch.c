// Runs one program under one allocator and prints what it cost, as one line of numbers:
//     wall ns, CPU us (user + system), peak resident KB, minor faults, exit status
//
//     launch PRELOAD OUTPUT SAMPLE_MS DRIVER PROGRAM ARGUMENTS...
//
// PRELOAD is the program's LD_PRELOAD; OUTPUT receives its stdout. DRIVER is a shell command that runs beside the
// program and without the allocator, a load generator for instance, or "" if there is none; it must see to it that
// the program ends. The figures are the program's alone, with all processes that come from it: one whose parent has
// ended becomes our child (we are its subreaper), and one that outlives the program is an error.
//
// With SAMPLE_MS 0, the peak is the kernel's exact figure for the largest process. Otherwise it is the largest sum over
// all processes of the program, looked at so often: each OS page that n processes share counts as 1/n for each (PSS). Of two
// looks in a row the smaller one counts: while processes end, one look takes some of their pages for shared and others for not.
//
// Tiny on purpose: a child starts with the peak memory of the process that spawned it, so a large parent (a script,
// a .NET program) would hide the peak of a small child.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum
{
    LimitSeconds = 600,  // an allocator that hangs ends the run, by SIGKILL
    OutliveSeconds = 5,  // what a process may take to end after the program
    PidLimit = 1 << 22,  // the kernel's
};

// 0 once it has ended.
static pid_t program, driver;
static int program_status, driver_status;
static struct rusage cost; // of what has ended: sums, and the largest process
static long long end_ns;   // when the last of program and driver ended

static void need(int error, const char *what)
{
    if (error == 0) return;
    fprintf(stderr, "launch: %s: %s\n", what, strerror(error));
    exit(125);
}

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static pid_t start(char *const *command, char **environment, const char *output, const sigset_t *signals)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    need(posix_spawn_file_actions_init(&files), "file actions");
    need(posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0), "stdin");
    need(posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0644), output);
    need(posix_spawnattr_init(&attributes), "attributes");
    need(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK), "flags");
    need(posix_spawnattr_setsigmask(&attributes, signals), "signals");
    pid_t child;
    need(posix_spawnp(&child, command[0], &files, &attributes, command, environment), command[0]);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return child;
}

// ---- What has ended

static int exit_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

static void add_cost(const struct rusage *usage)
{
    timeradd(&cost.ru_utime, &usage->ru_utime, &cost.ru_utime);
    timeradd(&cost.ru_stime, &usage->ru_stime, &cost.ru_stime);
    if (usage->ru_maxrss > cost.ru_maxrss) cost.ru_maxrss = usage->ru_maxrss;
    cost.ru_minflt += usage->ru_minflt;
}

// Notes each process that has ended; false when none is left.
static bool reap(void)
{
    for (;;)
    {
        int status;
        struct rusage usage;
        pid_t ended = wait4(-1, &status, WNOHANG, &usage);
        if (ended == 0) return true;
        if (ended < 0) return false;
        if (ended != driver) add_cost(&usage);
        if (ended != driver && ended != program) continue;
        end_ns = now_ns();
        if (ended == program) program = 0, program_status = exit_status(status);
        else driver = 0, driver_status = exit_status(status);
    }
}

// ---- The tree of processes

static pid_t parent_of[PidLimit]; // of what lives; all but a few of its OS pages are never touched

static pid_t parent_from_stat(pid_t pid)
{
    char path[32], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0; // it has ended
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0;
    text[length] = 0;
    char *after_name = strrchr(text, ')'); // a name may have spaces and parentheses
    pid_t parent;
    return after_name != NULL && sscanf(after_name, ") %*c %d", &parent) == 1 ? parent : 0;
}

static bool is_of_program(pid_t pid)
{
    pid_t self = getpid();
    while (pid > 1 && parent_of[pid] != self) pid = parent_of[pid];
    return pid > 1 && pid != driver;
}

// Calls `visit` with each living process of the program; returns the sum of what it says.
static long over_processes(long (*visit)(pid_t))
{
    static pid_t living[PidLimit];
    int count = 0;
    DIR *proc = opendir("/proc");
    need(proc == NULL ? errno : 0, "/proc");
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;)
    {
        pid_t pid = atoi(entry->d_name);
        if (pid <= 0) continue;
        parent_of[pid] = parent_from_stat(pid);
        living[count++] = pid;
    }
    closedir(proc);

    long sum = 0;
    for (int i = 0; i < count; i++)
        if (is_of_program(living[i])) sum += visit(living[i]);
    return sum;
}

static long end_process(pid_t pid) { return kill(pid, SIGKILL) == 0; }

static long shared_out_kb(pid_t pid)
{
    char path[40], text[1024];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0; // a zombie
    text[length] = 0;
    char *line = strstr(text, "\nPss:");
    return line == NULL ? 0 : atol(line + 5);
}

// ---- The run

// Returns the largest sum of the samples, in KB, or 0 without any.
static long run_to_end(long sample_ms, const sigset_t *child_ended)
{
    long long limit_ns = now_ns() + LimitSeconds * 1000000000LL;
    long peak_kb = 0, before_kb = 0;
    while (reap())
    {
        long long now = now_ns();
        bool is_over = program == 0 && driver == 0;
        if (is_over && now > end_ns + OutliveSeconds * 1000000000LL)
        {
            fprintf(stderr, "launch: %ld process(es) outlived the program\n", over_processes(end_process));
            exit(125);
        }
        if (now > limit_ns && driver != 0) kill(driver, SIGKILL);
        if (now > limit_ns || driver_status != 0) over_processes(end_process);
        if (sample_ms > 0)
        {
            long now_kb = over_processes(shared_out_kb);
            long lasting_kb = now_kb < before_kb ? now_kb : before_kb;
            if (lasting_kb > peak_kb) peak_kb = lasting_kb;
            before_kb = now_kb;
        }
        long wait_ms = sample_ms > 0 ? sample_ms : 1000;
        sigtimedwait(child_ended, NULL, &(struct timespec) { wait_ms / 1000, wait_ms % 1000 * 1000000 });
    }
    return peak_kb;
}

int main(int argc, char **argv)
{
    if (argc < 6)
    {
        fprintf(stderr, "usage: launch PRELOAD OUTPUT SAMPLE_MS DRIVER PROGRAM ARGUMENTS...\n");
        return 2;
    }
    const char *preload = argv[1], *output = argv[2], *driver_command = argv[4];
    long sample_ms = atol(argv[3]);

    int count = 0;
    while (environ[count] != NULL) count++;
    char *environment[count + 2];
    memcpy(environment, environ, (size_t)count * sizeof *environment);
    environment[count + 1] = NULL;
    if (asprintf(&environment[count], "LD_PRELOAD=%s", preload) < 0) return 125;

    // Blocked, it waits for `sigtimedwait`, so that none is missed between a look and the wait.
    sigset_t child_ended, before;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, &before);
    need(prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) == 0 ? 0 : errno, "subreaper");

    long long begin_ns = now_ns();
    program = start(argv + 5, environment, output, &before);
    if (driver_command[0] != 0)
    {
        char *const shell[] = { "/bin/sh", "-c", (char *)driver_command, NULL };
        driver = start(shell, environ, "/dev/null", &before);
    }
    long peak_kb = run_to_end(sample_ms, &child_ended);
    if (sample_ms == 0) peak_kb = cost.ru_maxrss;
    need(peak_kb == 0 ? ETIME : 0, "too short a run for two looks at its memory");

    long long cpu_us = (cost.ru_utime.tv_sec + cost.ru_stime.tv_sec) * 1000000LL + cost.ru_utime.tv_usec + cost.ru_stime.tv_usec;
    printf("%lld %lld %ld %ld %d\n", end_ns - begin_ns, cpu_us, peak_kb, cost.ru_minflt, driver_status != 0 ? driver_status : program_status);
    return 0;
}
