// What the kernel says of this process, and waiting for children. No call here allocates.
#ifndef LAMPYRIS_TESTS_PROCESS_H
#define LAMPYRIS_TESTS_PROCESS_H

#include "expect.h"
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/// The figure in bytes behind a `NAME:   123 kB` row of a file under /proc/self; 0 when there is none.
__attribute__((unused)) static size_t proc_bytes(const char *path, const char *row)
{
    char text[4096];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    EXPECT(file >= 0, "open(%s): errno %d", path, errno);
    size_t length = 0;
    ssize_t part;
    while (length < sizeof text - 1 && (part = read(file, text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)part;
    close(file);
    text[length] = 0;
    const char *at = strstr(text, row);
    return at == NULL ? 0 : strtoul(at + strlen(row), NULL, 10) * KIB;
}

/// Resident memory, exact (VmRSS is counted in batches for each CPU; smaps_rollup walks the page tables).
__attribute__((unused)) static size_t resident_bytes(void) { return proc_bytes("/proc/self/smaps_rollup", "\nRss:"); }

__attribute__((unused)) static size_t peak_resident_bytes(void) { return proc_bytes("/proc/self/status", "\nVmHWM:"); }

/// The address space in use, as RLIMIT_AS counts it.
__attribute__((unused)) static size_t virtual_bytes(void) { return proc_bytes("/proc/self/status", "\nVmSize:"); }

/// The names in a directory of numbers: tasks or file descriptors (the one used for looking not among them).
__attribute__((unused)) static int numbers_in(const char *path, int *numbers, int room)
{
    char buffer[8192];
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    EXPECT(directory >= 0, "open(%s): errno %d", path, errno);
    int count = 0;
    long length;
    while ((length = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0)
        for (long at = 0; at < length;)
        {
            struct dirent64 *entry = (struct dirent64 *)(buffer + at);
            at += entry->d_reclen;
            if (entry->d_name[0] == '.' || atoi(entry->d_name) == directory) continue;
            if (count < room) numbers[count] = atoi(entry->d_name);
            count++;
        }
    close(directory);
    return count;
}

__attribute__((unused)) static int task_count(void) { return numbers_in("/proc/self/task", NULL, 0); }

__attribute__((unused)) static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Sleeps the whole time, however many signals arrive.
__attribute__((unused)) static void sleep_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

/// Waits until resident memory is at most `bytes`, for `ms` at most; the last figure seen.
__attribute__((unused)) static size_t resident_falls_to(size_t bytes, long ms)
{
    long end = now_ms() + ms;
    size_t seen = resident_bytes();
    while (seen > bytes && now_ms() < end)
    {
        sleep_ms(50);
        seen = resident_bytes();
    }
    return seen;
}

/// Waits for a child and expects that it ended with exit code 0. A child that hangs is left to the time limit of
/// the test, which then shows the stacks of parent and child.
__attribute__((unused)) static void expect_child_is_well(pid_t child, const char *what)
{
    int status = 0;
    EXPECT(child > 0, "%s: fork gave %d, errno %d", what, (int)child, errno);
    while (waitpid(child, &status, 0) < 0) EXPECT(errno == EINTR, "%s: waitpid: errno %d", what, errno);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: child %d ended by signal %d or with exit code %d", what,
           (int)child, WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

/// The file that `malloc` comes from; "" for a static program.
__attribute__((unused)) static const char *malloc_library(void)
{
    Dl_info info;
    void *address = dlsym(RTLD_DEFAULT, "malloc");
    return address != NULL && dladdr(address, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "";
}

__attribute__((unused)) static int runs_on_lampyris(void) { return strstr(malloc_library(), "lampyris") != NULL; }

#endif
