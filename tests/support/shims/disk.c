/* disk.c - preloaded by a test: the ATTUNE_FAIL_AT-th call that writes to a file, syncs or renames
 * fails, and each after it: a disk that has gone. What goes to a terminal, pipe or socket is left
 * alone. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fails(void)
{
    static long calls;
    const char *text = getenv("ATTUNE_FAIL_AT");
    if (text == NULL || ++calls < strtol(text, NULL, 10)) {
        return false;
    }
    errno = EIO;
    return true;
}

static bool is_file(int file)
{
    struct stat found;
    return fstat(file, &found) == 0 && S_ISREG(found.st_mode);
}

ssize_t write(int file, const void *bytes, size_t len)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    }
    return is_file(file) && fails() ? -1 : real(file, bytes, len);
}

int fsync(int file)
{
    static int (*real)(int);
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    }
    return fails() ? -1 : real(file);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
    static int (*real)(int, const char *, int, const char *);
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "renameat");
    }
    return fails() ? -1 : real(from_directory, from, to_directory, to);
}
