/* Happy path: FILE.part-XXXXXX is made, written, synced, renamed. Failure: it is taken away again,
 * and said. */
#include "server/aggregator/study/picture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/wire/exits.h"

static int failed(const char *command, const char *path, const char *why)
{
    fprintf(stderr, "attune-aggregator %s: --plot %s: %s\n", command, path, why);
    return EXIT_FAILURE;
}

int picture_file_check(const char *command, const char *path)
{
    char folder[PATH_MAX];
    struct stat seen;
    if (picture_kind_of(path) == PICTURE_NONE) {
        fprintf(stderr,
                "attune-aggregator %s: --plot writes an SVG or a PNG: \"%s\" ends in neither .svg "
                "nor .png\n",
                command, path);
        return EXITS_USAGE;
    }
    const char *name = strrchr(path, '/');
    int length = name == NULL ? 1 : name == path ? 1 : (int)(name - path);
    if (strlen(path) >= sizeof folder - sizeof ".part-XXXXXX") {
        return failed(command, path, strerror(ENAMETOOLONG));
    }
    (void)snprintf(folder, sizeof folder, "%.*s", length, name == NULL ? "." : path);
    if (access(folder, W_OK | X_OK) != 0) {
        return failed(command, path, strerror(errno));
    }
    if (stat(path, &seen) == 0 && !S_ISREG(seen.st_mode)) {
        return failed(command, path, "is there and is no file");
    }
    return 0;
}

static bool write_all(int fd, const struct picture_bytes *b)
{
    for (size_t at = 0; at < b->count;) {
        ssize_t count = write(fd, b->bytes + at, b->count - at);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        at += count < 0 ? 0 : (size_t)count;
    }
    return fsync(fd) == 0;
}

static int save(const char *command, const char *path, const struct picture_bytes *b)
{
    char part[PATH_MAX];
    (void)snprintf(part, sizeof part, "%s.part-XXXXXX", path);
    int fd = mkstemp(part);
    if (fd < 0) {
        return failed(command, path, strerror(errno));
    }
    mode_t mask = umask(0);
    (void)umask(mask);
    bool good = write_all(fd, b) && fchmod(fd, 0666 & ~mask) == 0; /* As any other new file. */
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
        (void)unlink(part); /* What is wrong is said below. */
        return failed(command, path, strerror(why));
    }
    return 0;
}

int picture_file_write(const char *command, const char *path, struct picture *p)
{
    struct picture_bytes b;
    picture_render(p, picture_kind_of(path), &b);
    int code = save(command, path, &b);
    picture_bytes_fini(&b);
    return code;
}
