// Runs one program under one allocator and prints what it cost, as one line of numbers:
//     wall ns, CPU us (user + system), peak resident KB, minor faults, exit status
//
//     launch PRELOAD OUTPUT DRIVER PROGRAM ARGUMENTS...
//
// PRELOAD is the program's LD_PRELOAD; OUTPUT receives its stdout. DRIVER is a shell command that runs beside the
// program and without the allocator, a load generator for instance, or "" if there is none; it must see to it that
// the program ends. The figures are the program's alone, with all children it waited for.
//
// Tiny on purpose: a child starts with the peak memory of the process that spawned it, so a large parent (a script,
// a .NET program) would hide the peak of a small child.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LimitSeconds = 600 }; // an allocator that hangs ends the run, by SIGKILL

static pid_t program;

static void end_program(int signal)
{
    (void)signal;
    kill(program, SIGKILL);
}

static void need(int error, const char *what)
{
    if (error == 0) return;
    fprintf(stderr, "launch: %s: %s\n", what, strerror(error));
    exit(125);
}

static pid_t start(char *const *command, char **environment, const char *output)
{
    posix_spawn_file_actions_t files;
    need(posix_spawn_file_actions_init(&files), "file actions");
    need(posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0), "stdin");
    need(posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0644), output);
    pid_t child;
    need(posix_spawnp(&child, command[0], &files, NULL, command, environment), command[0]);
    posix_spawn_file_actions_destroy(&files);
    return child;
}

static int exit_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 5)
    {
        fprintf(stderr, "usage: launch PRELOAD OUTPUT DRIVER PROGRAM ARGUMENTS...\n");
        return 2;
    }
    const char *preload = argv[1], *output = argv[2], *driver = argv[3];

    int count = 0;
    while (environ[count] != NULL) count++;
    char *environment[count + 2];
    memcpy(environment, environ, (size_t)count * sizeof *environment);
    environment[count + 1] = NULL;
    if (asprintf(&environment[count], "LD_PRELOAD=%s", preload) < 0) return 125;

    long long begin_ns = now_ns();
    program = start(argv + 4, environment, output);
    signal(SIGALRM, end_program);
    alarm(LimitSeconds);
    int driver_status = 0;
    if (driver[0] != 0)
    {
        char *const shell[] = { "/bin/sh", "-c", (char *)driver, NULL };
        waitpid(start(shell, environ, "/dev/null"), &driver_status, 0);
        if (driver_status != 0) kill(program, SIGKILL);
    }
    int status;
    struct rusage cost;
    wait4(program, &status, 0, &cost);
    long long wall_ns = now_ns() - begin_ns;

    long long cpu_us = (cost.ru_utime.tv_sec + cost.ru_stime.tv_sec) * 1000000LL + cost.ru_utime.tv_usec + cost.ru_stime.tv_usec;
    printf("%lld %lld %ld %ld %d\n", wall_ns, cpu_us, cost.ru_maxrss, cost.ru_minflt, exit_status(driver_status != 0 ? driver_status : status));
    return 0;
}
