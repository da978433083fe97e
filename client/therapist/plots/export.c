/* Happy path: FILE.part-XXXXXX is made, written, synced, renamed. Failure: it is taken away again,
 * and errno says why. */
#include "client/therapist/plots/export.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/wire/err.h"

static bool write_all(int fd, const struct plot_bytes *b)
{
    for (size_t at = 0; at < b->count;) {
        ssize_t count = write(fd, b->at + at, b->count - at);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        at += count < 0 ? 0 : (size_t)count;
    }
    return fsync(fd) == 0;
}

int plot_export_bytes(const char *path, const struct plot_bytes *bytes)
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
    bool good = write_all(fd, bytes);
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

int plot_export_page(const char *path, const struct plot_page *page)
{
    struct plot_bytes bytes;
    enum plot_file kind = plot_file_kind(path);
    if (kind == PLOT_FILE_NONE) {
        return ERR_FIELD;
    }
    plot_page_render(page, kind, &bytes);
    int rc = plot_export_bytes(path, &bytes);
    int why = errno;
    plot_bytes_fini(&bytes);
    errno = why;
    return rc;
}
