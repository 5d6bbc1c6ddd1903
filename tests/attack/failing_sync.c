// Preloaded into a server under test: fsync and fdatasync fail with EIO on files whose path contains
// what the file named by TEST_SYNC_FAULT holds; while that file is absent nothing fails.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
    const char* const file = getenv("TEST_SYNC_FAULT");
    if (file == NULL) return 0;
    const int opened = open(file, O_RDONLY | O_CLOEXEC);
    if (opened < 0) return 0;
    char wanted[256];
    const ssize_t size = read(opened, wanted, sizeof wanted - 1);
    close(opened);
    if (size <= 0) return 0;
    wanted[size] = '\0';

    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = '\0';
    return strstr(path, wanted) != NULL;
}

static int sync_by(const char* name, int fd) {
    if (fails(fd)) {
        errno = EIO;
        return -1;
    }
    int (*real)(int);
    *(void**)&real = dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd) { return sync_by("fsync", fd); }

int fdatasync(int fd) { return sync_by("fdatasync", fd); }
