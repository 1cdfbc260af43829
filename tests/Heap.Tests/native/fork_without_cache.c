// Goal: fork from a thread that never allocated. Its cache is the shared empty one, which is read-only.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *forks(void *unused)
{
    (void)unused;
    pid_t child = fork();
    if (child == 0) {
        void *block = malloc(100);
        free(block);
        _exit(block ? 42 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return (void *)(long)status;
}

int main(void)
{
    free(malloc(100));
    pthread_t thread;
    void *status;
    if (pthread_create(&thread, 0, forks, 0) != 0) return 2;
    pthread_join(thread, &status);
    int code = (int)(long)status;
    if (!WIFEXITED(code) || WEXITSTATUS(code) != 42) {
        fprintf(stderr, "child ended with status 0x%x\n", code);
        return 1;
    }
    return 0;
}
