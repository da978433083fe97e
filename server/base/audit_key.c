/* Happy path: 64 hex digits are a seed, the seed is a key. Making: random bytes, written whole and
 * synced before anybody is told.
 * Failure: a file that others may read, or that holds anything else, is refused. */
#include "server/base/audit_key.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { SEED_HEX = 2 * CHAIN_KEY, PATH_ROOM = 4096 };

static int wrong(char why[AUDIT_KEY_WHY], const char *path, const char *what)
{
    (void)snprintf(why, AUDIT_KEY_WHY, "%.180s: %.70s", path, what); /* Cut is fine. */
    return ERR_CONFIG;
}

static bool seed_of(const char *text, uint8_t seed[CHAIN_KEY])
{
    size_t len;
    return sodium_hex2bin(seed, CHAIN_KEY, text, SEED_HEX, NULL, &len, NULL) == 0 &&
           len == CHAIN_KEY;
}

int audit_key_load(const char *path, struct chain_key *ret_key, char why[AUDIT_KEY_WHY])
{
    char text[SEED_HEX + 2] = {0};
    uint8_t seed[CHAIN_KEY];
    struct stat stat;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 || fstat(file, &stat) != 0) {
        int rc = wrong(why, path, strerror(errno));
        (void)(file >= 0 && close(file) != 0); /* It was only to be read. */
        return rc;
    }
    ssize_t len = read(file, text, sizeof text);
    (void)close(file); /* It was only read. */
    int rc = 0;
    if ((stat.st_mode & 077) != 0) {
        rc = wrong(why, path, "others may read it: chmod 600");
    } else if (len != SEED_HEX + 1 || text[SEED_HEX] != '\n' || !seed_of(text, seed)) {
        rc = wrong(why, path, "not 64 hex digits and a newline");
    } else {
        chain_key_from(seed, ret_key);
    }
    sodium_memzero(text, sizeof text);
    sodium_memzero(seed, sizeof seed);
    return rc;
}

static int complain(int rc, const char *path)
{
    fprintf(stderr, "attune-server: %s: %s\n", path, strerror(errno));
    return rc;
}

/* As its folder's: root makes it, the server reads it. */
static bool give_away(int file, const char *path)
{
    char copy[PATH_ROOM];
    struct stat folder;
    if (geteuid() != 0) {
        return true;
    }
    (void)snprintf(copy, sizeof copy, "%s", path); /* A longer one could not be opened. */
    return stat(dirname(copy), &folder) == 0 && fchown(file, folder.st_uid, folder.st_gid) == 0;
}

static int write_seed(const char *path, const uint8_t seed[CHAIN_KEY])
{
    char text[SEED_HEX + 2];
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return complain(errno == EEXIST ? ERR_CONFIG : ERR_DISK, path);
    }
    (void)sodium_bin2hex(text, sizeof text, seed, CHAIN_KEY);
    memcpy(text + SEED_HEX, "\n", 2);
    bool good = write(file, text, SEED_HEX + 1) == SEED_HEX + 1;
    sodium_memzero(text, sizeof text);
    good = good && give_away(file, path) && fsync(file) == 0;
    good = close(file) == 0 && good;
    if (!good) {
        int rc = complain(ERR_DISK, path);
        (void)unlink(path); /* Half a key signs nothing. */
        return rc;
    }
    return 0;
}

int audit_key_make(const char *path)
{
    uint8_t seed[CHAIN_KEY];
    char hex[SEED_HEX + 1];
    struct chain_key key;
    must(sodium_init() >= 0);
    randombytes_buf(seed, sizeof seed);
    chain_key_from(seed, &key);
    int rc = write_seed(path, seed);
    if (rc == 0) {
        printf("audit key %s\n", sodium_bin2hex(hex, sizeof hex, key.public_half, CHAIN_KEY));
    }
    sodium_memzero(seed, sizeof seed);
    chain_key_wipe(&key);
    return rc;
}

int audit_key_make_first(const char *path)
{
    return access(path, F_OK) == 0 ? 0 : audit_key_make(path);
}
