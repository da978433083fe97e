/* Happy path: list the folder, sort the names, newest first, read each. Making: a pair, its file
 * written whole and synced under its name.
 * Failure: a file that others may read, that is not a key, or whose name is not its own id: refused
 * by name, and nothing is taken over. A key that is missed is found out when its first rating is.
 */
#include "server/gateway/sealing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum {
    STAMP = 19, /* 20261125T184356123Z */
    ID_HEX = 2 * SEAL_KEY_ID,
    SECRET_HEX = 2 * SEAL_SECRET,
    NAME_LEN = STAMP + 1 + ID_HEX + 4,
    NAME_ROOM = 96, /* What the compiler thinks that a date may take. */
};

__attribute__((format(printf, 2, 3))) static int wrong(char why[SEALING_WHY], const char *format,
                                                       ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, SEALING_WHY, format, arguments); /* Cut is fine. */
    va_end(arguments);
    return ERR_CONFIG;
}

static void put_hex(char *to, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = digits[bytes[i] >> 4];
        to[2 * i + 1] = digits[bytes[i] & 15];
    }
    to[2 * len] = '\0';
}

static bool get_hex(const char *from, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < 2 * len; i++) {
        const char *digits = "0123456789abcdef", *at = strchr(digits, from[i]);
        if (from[i] == '\0' || at == NULL) {
            return false;
        }
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | (at - digits));
    }
    return true;
}

/* ---- reading --------------------------------------------------------------------------------- */

struct names {
    char list[SEALING_KEYS_MAX][NAME_LEN + 1];
    size_t count;
};

static int newer_first(const void *left, const void *right)
{
    return strcmp(right, left);
}

static int list_names(const char *dir, DIR *listing, struct names *n, char why[SEALING_WHY])
{
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len < 4 || strcmp(entry->d_name + len - 4, ".key") != 0) {
            continue;
        }
        if (len != NAME_LEN || entry->d_name[STAMP] != '-') {
            return wrong(why, "%.150s: %.60s: not a sealing key's name", dir, entry->d_name);
        }
        if (n->count == SEALING_KEYS_MAX) {
            return wrong(why, "%.200s: more than %d keys", dir, SEALING_KEYS_MAX);
        }
        memcpy(n->list[n->count++], entry->d_name, NAME_LEN + 1);
    }
    qsort(n->list, n->count, sizeof n->list[0], newer_first);
    return 0;
}

static int read_key(const char *dir, int folder, const char *name, struct seal_pair *pair,
                    char why[SEALING_WHY])
{
    char text[SECRET_HEX + 2] = {0}, id[ID_HEX + 1];
    uint8_t secret[SEAL_SECRET] = {0};
    struct stat stat;
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 || fstat(file, &stat) != 0) {
        int rc = wrong(why, "%.150s/%s: %s", dir, name, strerror(errno));
        (void)(file >= 0 && close(file) != 0); /* It was only to be read. */
        return rc;
    }
    ssize_t len = read(file, text, sizeof text);
    (void)close(file); /* It was only read. */
    bool whole =
        len == SECRET_HEX + 1 && text[SECRET_HEX] == '\n' && get_hex(text, secret, sizeof secret);
    int rc = 0;
    if ((stat.st_mode & 077) != 0) {
        rc = wrong(why, "%.150s/%s: others may read it: chmod 600", dir, name);
    } else if (!whole) {
        rc = wrong(why, "%.150s/%s: not 64 hex digits and a newline", dir, name);
    } else {
        seal_pair_from(secret, pair);
        put_hex(id, pair->key.id, SEAL_KEY_ID);
        rc = memcmp(id, name + STAMP + 1, ID_HEX) == 0
                 ? 0
                 : wrong(why, "%.150s/%s: its key is %s", dir, name, id);
    }
    seal_wipe(text, sizeof text);
    seal_wipe(secret, sizeof secret);
    return rc;
}

static int read_keys(const char *dir, DIR *listing, struct sealing *s, char why[SEALING_WHY])
{
    struct names names = {.count = 0};
    int rc = list_names(dir, listing, &names, why);
    if (rc == 0 && names.count == 0) {
        return wrong(why, "%.150s: no key here: run `attune-server pki sealing-key` first", dir);
    }
    for (size_t i = 0; rc == 0 && i < names.count; i++) {
        rc = read_key(dir, dirfd(listing), names.list[i], &s->pairs[i], why);
        s->count = i + 1;
    }
    return rc;
}

int sealing_load(const char *dir, struct sealing *s, char why[SEALING_WHY])
{
    struct sealing fresh = {.count = 0};
    DIR *listing = opendir(dir);
    if (listing == NULL) {
        return wrong(why, "%.200s: %s", dir, strerror(errno));
    }
    int rc = read_keys(dir, listing, &fresh, why);
    (void)closedir(listing); /* It was only read. */
    if (rc == 0) {
        *s = fresh;
    }
    sealing_wipe(&fresh);
    return rc;
}

void sealing_wipe(struct sealing *s)
{
    seal_wipe(s, sizeof *s);
}

/* ---- making ---------------------------------------------------------------------------------- */

static int complain(int rc, const char *path, const char *what)
{
    fprintf(stderr, "attune-server pki: %s: %s\n", path, what);
    return rc;
}

static void fill_name(char name[NAME_ROOM], const struct seal_key *key)
{
    char id[ID_HEX + 1];
    struct timespec now;
    struct tm utc;
    must(clock_gettime(CLOCK_REALTIME, &now) == 0 && gmtime_r(&now.tv_sec, &utc) != NULL);
    put_hex(id, key->id, SEAL_KEY_ID);
    (void)snprintf(name, NAME_ROOM, "%04d%02d%02dT%02d%02d%02d%03dZ-%s.key", utc.tm_year + 1900,
                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                   (int)(now.tv_nsec / 1000000), id);
}

/* Whole under its name, or not there: read only after its folder's sync. */
static int write_key(const char *dir, int folder, const char *name, const uint8_t *secret)
{
    char text[SECRET_HEX + 2];
    struct stat stat;
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return complain(errno == EEXIST ? ERR_CONFIG : ERR_DISK, dir, strerror(errno));
    }
    put_hex(text, secret, SEAL_SECRET);
    memcpy(text + SECRET_HEX, "\n", 2);
    bool good = write(file, text, SECRET_HEX + 1) == SECRET_HEX + 1;
    seal_wipe(text, sizeof text);
    good = good && fstat(folder, &stat) == 0 &&
           (geteuid() != 0 || fchown(file, stat.st_uid, stat.st_gid) == 0) && fsync(file) == 0;
    good = close(file) == 0 && good && fsync(folder) == 0;
    if (!good) {
        (void)unlinkat(folder, name, 0); /* Half a key opens nothing. */
        return complain(ERR_DISK, dir, "could not be written");
    }
    return 0;
}

int sealing_make(const char *dir)
{
    char name[NAME_ROOM];
    struct seal_pair pair;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return complain(ERR_DISK, dir, strerror(errno));
    }
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return complain(ERR_DISK, dir, strerror(errno));
    }
    seal_pair_make(&pair);
    fill_name(name, &pair.key);
    int rc = write_key(dir, folder, name, pair.secret);
    seal_wipe(&pair, sizeof pair);
    (void)close(folder); /* Nothing unwritten. */
    if (rc == 0) {
        printf("sealing key %.*s\n", ID_HEX, name + STAMP + 1);
    }
    return rc;
}

int sealing_make_first(const char *dir)
{
    struct names names = {.count = 0};
    char why[SEALING_WHY];
    DIR *listing = opendir(dir);
    int rc = listing == NULL ? 0 : list_names(dir, listing, &names, why);
    if (listing != NULL) {
        (void)closedir(listing); /* It was only read. */
    }
    if (rc != 0) {
        return complain(rc, dir, why);
    }
    return names.count > 0 ? 0 : sealing_make(dir);
}
