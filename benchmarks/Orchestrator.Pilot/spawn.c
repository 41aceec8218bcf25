/* The least that running N commands can cost: posix_spawn and waitpid, so many at once, output straight to files.
 *   spawn N PARALLEL packed|folders DIRECTORY PROGRAM
 * packed: a pair of files for each that runs at once, opened once. folders: a folder with stdout.txt and stderr.txt for each. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: spawn N PARALLEL packed|folders DIRECTORY PROGRAM\n");
        return 2;
    }
    int n = atoi(argv[1]), parallel = atoi(argv[2]), packed = strcmp(argv[3], "packed") == 0;
    const char *directory = argv[4], *program = argv[5];
    char *words[] = {(char *)program, NULL}, path[4096];
    int out[256], err[256], pids[256], running = 0, started = 0, ended = 0;
    if (parallel < 1 || parallel > 256) return 2;
    for (int slot = 0; slot < parallel; slot++) {
        pids[slot] = 0;
        if (!packed) continue;
        snprintf(path, sizeof path, "%s/%d.out", directory, slot);
        out[slot] = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        snprintf(path, sizeof path, "%s/%d.err", directory, slot);
        err[slot] = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    while (ended < n) {
        while (running < parallel && started < n) {
            int slot = 0;
            while (pids[slot]) slot++;
            posix_spawn_file_actions_t actions;
            posix_spawn_file_actions_init(&actions);
            if (packed) {
                posix_spawn_file_actions_adddup2(&actions, out[slot], 1);
                posix_spawn_file_actions_adddup2(&actions, err[slot], 2);
            } else {
                snprintf(path, sizeof path, "%s/t%d", directory, started);
                mkdir(path, 0755);
                posix_spawn_file_actions_addchdir_np(&actions, path);
                posix_spawn_file_actions_addopen(&actions, 1, "stdout.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
                posix_spawn_file_actions_addopen(&actions, 2, "stderr.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
            }
            if (posix_spawn(&pids[slot], program, &actions, NULL, words, environ) != 0) {
                perror(program);
                return 1;
            }
            posix_spawn_file_actions_destroy(&actions);
            running++;
            started++;
        }
        int status, pid = waitpid(-1, &status, 0);
        for (int slot = 0; slot < parallel; slot++)
            if (pids[slot] == pid) pids[slot] = 0;
        running--;
        ended++;
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.6f\n", (to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9);
    return 0;
}
