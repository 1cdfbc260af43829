// What a process gets from us that it did not ask for: no thread, no open file, no signal handler, little memory.
#include "support/case.h"
#include "support/process.h"

/// Starts this case again without the file descriptors that the process inherited; true in the process so started.
static int started_clean(const char *name)
{
    if (case_arguments[0] != NULL) return 1;
    syscall(SYS_close_range, 3, ~0u, 0);
    execl("/proc/self/exe", "start", name, "again", NULL);
    EXPECT(0, "exec: errno %d", errno);
}

static void expect_no_open_files(void)
{
    int files[16], count = numbers_in("/proc/self/fd", files, 16);
    for (int i = 0; i < count && i < 16; i++) EXPECT(files[i] < 3, "file descriptor %d is open", files[i]);
}

CASE(no_open_files, "a program has no file open at its start beyond the three it was given")
{
    if (started_clean("no_open_files")) expect_no_open_files();
}

CASE(no_thread_at_start, "a program has one thread at its start")
{
    EXPECT(task_count() == 1, "%d threads", task_count());
}

CASE(no_thread_for_little, "a program that never has more than 2 MiB, taken and freed for 2 s, gets no background thread and opens no file")
{
    started_clean("no_thread_for_little");
    char *blocks[1000] = {0};
    long end = now_ms() + 2000;
    for (size_t i = 0; now_ms() < end; i++)
    {
        free(blocks[i % 1000]);
        size_t bytes = 16 + i * 7 % 2000;
        memset(blocks[i % 1000] = malloc(bytes), 1, bytes);
        if (i % 5000 == 0) EXPECT(task_count() == 1, "%d threads after %zu blocks", task_count(), i);
        if (i % 20000 == 0) sleep_ms(100);
    }
    for (int i = 0; i < 1000; i++) free(blocks[i]);
    sleep_ms(800);
    EXPECT(task_count() == 1, "%d threads in the end", task_count());
    expect_no_open_files();
}

CASE(no_files_kept_after_work, "no file stays open after 100 MiB were taken and given back")
{
    started_clean("no_files_kept_after_work");
    for (int i = 0; i < 100; i++) free(memset(malloc(MIB), 1, MIB));
    char *blocks[1000];
    for (int i = 0; i < 1000; i++) memset(blocks[i] = malloc(100 * KIB), 1, 100 * KIB);
    for (int i = 0; i < 1000; i++) free(blocks[i]);
    sleep_ms(800);
    expect_no_open_files();
}

CASE(little_memory_at_start, "a small program has at most 3 MiB resident, and its heap takes at most 600 KiB of that")
{
    size_t before = resident_bytes();
    char *blocks[100];
    for (size_t i = 0; i < 100; i++) memset(blocks[i] = malloc(i * 10 + 1), 1, i * 10 + 1);
    size_t after = resident_bytes();
    say("resident %zu KiB at start, %zu KiB with 50 KB in blocks of 100 sizes", before / KIB, after / KIB);
    EXPECT(before < 3 * MIB && after < before + 600 * KIB, "resident %zu KiB at start, %zu KiB with 50 KB of blocks", before / KIB, after / KIB);
    for (int i = 0; i < 100; i++) free(blocks[i]);
}
