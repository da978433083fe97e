/* Happy path: written whole under its name, read back. Failure: a file that others may read, or of
 * another length, is none. */
#include "client/cli/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

#include "proto/wire/err.h"

static char *path_of(const char *identity_folder)
{
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");
    if (runtime == NULL || runtime[0] != '/') {
        return g_build_filename(identity_folder, "log-on.token", NULL);
    }
    char *real = realpath(identity_folder, NULL);
    char *hash =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, real != NULL ? real : identity_folder, -1);
    char *name = g_strdup_printf("%.32s.token", hash);
    char *path = g_build_filename(runtime, "attune", name, NULL);
    free(real);
    g_free(hash);
    g_free(name);
    return path;
}

bool token_read(const char *identity_folder, uint8_t ret_token[LIMIT_TOKEN_SIZE])
{
    char *path = path_of(identity_folder);
    uint8_t bytes[LIMIT_TOKEN_SIZE + 1];
    struct stat stat;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    g_free(path);
    if (file < 0) {
        return false;
    }
    bool good = fstat(file, &stat) == 0 && (stat.st_mode & 077) == 0 &&
                read(file, bytes, sizeof bytes) == LIMIT_TOKEN_SIZE;
    (void)close(file); /* Only read. */
    for (size_t i = 0; good && i < LIMIT_TOKEN_SIZE; i++) {
        ret_token[i] = bytes[i];
    }
    return good;
}

int token_write(const char *identity_folder, const uint8_t token[LIMIT_TOKEN_SIZE])
{
    char *path = path_of(identity_folder), *folder = g_path_get_dirname(path);
    char *fresh = g_strdup_printf("%s.new", path);
    (void)g_mkdir_with_parents(folder, 0700); /* If not, the file tells. */
    (void)unlink(fresh);                      /* Of a command that was killed. */
    int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = file >= 0 && write(file, token, LIMIT_TOKEN_SIZE) == LIMIT_TOKEN_SIZE;
    good = file >= 0 && close(file) == 0 && good;
    good = good && rename(fresh, path) == 0;
    g_free(path);
    g_free(folder);
    g_free(fresh);
    return good ? 0 : ERR_DISK;
}

void token_remove(const char *identity_folder)
{
    char *path = path_of(identity_folder);
    (void)unlink(path); /* Not there is as good. */
    g_free(path);
}
