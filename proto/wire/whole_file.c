/* Happy path: FILE.part-XXXXXX is made, written, synced, renamed. Failure: it is taken away again,
 * and errno says why. */
#include "proto/wire/whole_file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/wire/err.h"

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t count = write(fd, bytes + at, len - at);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        at += count < 0 ? 0 : (size_t)count;
    }
    return fsync(fd) == 0;
}

/* The umask is read by setting it. */
static bool allow(int fd, mode_t mode)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    return fchmod(fd, mode & ~mask) == 0;
}

int whole_file_write(const char *path, const uint8_t *bytes, size_t len, mode_t mode)
{
    char part[PATH_MAX];
    int length = snprintf(part, sizeof part, "%s.part-XXXXXX", path);
    if (length < 0 || (size_t)length >= sizeof part) {
        errno = ENAMETOOLONG;
        return ERR_DISK;
    }
    int fd = mkstemp(part); /* Mode 0600. */
    if (fd < 0) {
        return ERR_DISK;
    }
    bool good = write_all(fd, bytes, len) && allow(fd, mode);
    int why = errno;
    if (close(fd) != 0 && good) {
        good = false;
        why = errno;
    }
    if (good && rename(part, path) != 0) {
        good = false;
        why = errno;
    }
    if (!good) {
        (void)unlink(part); /* What is wrong is told below. */
        errno = why;
    }
    return good ? 0 : ERR_DISK;
}
