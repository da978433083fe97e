/* Happy path: the picture's bytes are made, and written whole. Failure: why is said. */
#include "server/aggregator/study/picture_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/wire/exits.h"
#include "proto/wire/whole_file.h"

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

int picture_file_write(const char *command, const char *path, struct picture *p)
{
    struct picture_bytes b;
    picture_render(p, picture_kind_of(path), &b);
    int rc = whole_file_write(path, b.bytes, b.count, 0666); /* As any other new file. */
    int code = rc == 0 ? 0 : failed(command, path, strerror(errno));
    picture_bytes_fini(&b);
    return code;
}
