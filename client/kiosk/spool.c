/* Happy path: write to a temporary name, sync the file, rename it, sync the directory: saved. Once
 * the server has it, its time is set, it is renamed to .sent and the directory synced; a day later
 * it is removed. Failure: whatever fails before the last sync is ERR_DISK, and what was begun is
 * taken away again. If even that fails, the record may be sent later although its writer was told
 * that it was not saved: better twice asked than once lost. A file that is not whole is moved to
 * bad/, and stays there. */
#include "client/kiosk/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"

enum { NAME_SIZE = SPOOL_NAME_SIZE, FILE_SIZE = SPOOL_FILE_SIZE, BAD_TRIES = 1000 };

static const struct spool_system the_system = {
    .write = write,
    .sync = fsync,
    .rename = renameat,
};

__attribute__((format(printf, 2, 3))) static int fail(struct spool *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(s->why, sizeof s->why, format, arguments); /* Cut is fine. */
    va_end(arguments);
    return ERR_DISK;
}

static int fail_errno(struct spool *s, const char *what)
{
    char text[128];
    return fail(s, "%s: %s", what, strerror_r(errno, text, sizeof text));
}

static int sync_file(struct spool *s, int file)
{
    int rc;
    do {
        rc = s->system->sync(file);
    } while (rc != 0 && errno == EINTR);
    return rc;
}

static int write_all(struct spool *s, int file, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = s->system->write(file, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno; /* A write that takes nothing would go on for ever. */
            return -1;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

/* A file's bytes, at most one more than a whole one has, so that a longer one is seen to be bad. */
static int read_all(int directory, const char *name, uint8_t room[FILE_SIZE + 1], size_t *ret_size,
                    struct stat *ret_stat)
{
    int file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) {
        return -1;
    }
    ssize_t n = fstat(file, ret_stat);
    size_t size = 0;
    while (n >= 0 && size < FILE_SIZE + 1) {
        n = read(file, room + size, FILE_SIZE + 1 - size);
        if (n == 0) {
            break;
        }
        size += n > 0 ? (size_t)n : 0;
        n = n < 0 && errno == EINTR ? 0 : n;
    }
    int failed_errno = errno;
    (void)close(file); /* Nothing was written. */
    errno = failed_errno;
    *ret_size = size;
    return n < 0 ? -1 : 0;
}

/* A name in bad/ that nothing has yet: a second torn file must not push out the first. */
static int set_aside(struct spool *s, const char *name)
{
    char target[NAME_MAX + 1];
    for (unsigned n = 0; n < BAD_TRIES; n++) {
        if (n == 0) {
            (void)snprintf(target, sizeof target, "%s", name);
        } else {
            (void)snprintf(target, sizeof target, "%.200s.%u", name, n);
        }
        if (faccessat(s->bad, target, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
            continue;
        }
        return s->system->rename(s->directory, name, s->bad, target) == 0
                   ? 0
                   : fail_errno(s, "set a torn file aside");
    }
    return fail(s, "bad/ is full of files named %.100s", name);
}

static const uint8_t key_id[LIMIT_ID_SIZE]; /* All zero: no rating's. */

struct found {
    struct spool_entry *entries;
    size_t count, room;
    int64_t now_ms;
    uint32_t bad;
};

static void keep(struct found *f, const uint8_t *id, bool sent, const struct stat *stat)
{
    if (f->count == f->room) {
        f->room = f->room == 0 ? 64 : f->room * 2;
        f->entries = realloc(f->entries, f->room * sizeof *f->entries);
        must(f->entries != NULL);
    }
    struct spool_entry *e = &f->entries[f->count++];
    e->sent = sent;
    e->age_ms = f->now_ms - (int64_t)stat->st_mtim.tv_sec * 1000 - stat->st_mtim.tv_nsec / 1000000;
    memcpy(e->id, id, LIMIT_ID_SIZE);
}

/* One name of the folder: take it, remove it, or set it aside. */
static int look_at(struct spool *s, struct found *f, const char *name)
{
    uint8_t id[LIMIT_ID_SIZE], file[FILE_SIZE + 1];
    size_t size = 0;
    struct stat stat;
    const char *ending = spool_file_id(name, id);

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "bad") == 0 ||
        strcmp(name, "refused") == 0) {
        return 0;
    }
    if (ending != NULL && strcmp(ending, "tmp") == 0) {
        /* Never promised to anybody. */
        return unlinkat(s->directory, name, 0) == 0 ? 0 : set_aside(s, name);
    }
    if (ending != NULL && strcmp(ending, "key") == 0 && memcmp(id, key_id, sizeof id) == 0) {
        return 0; /* Judged by spool_read_key. */
    }
    bool sent = ending != NULL && strcmp(ending, "sent") == 0;
    bool ours = sent || (ending != NULL && strcmp(ending, "rating") == 0);
    if (ours && read_all(s->directory, name, file, &size, &stat) != 0 && errno != ELOOP &&
        errno != EISDIR) {
        return fail_errno(s, "read the spool");
    }
    if (!ours || !spool_file_whole(file, size, id)) {
        f->bad++;
        return set_aside(s, name);
    }
    keep(f, id, sent, &stat);
    return 0;
}

static int older_first(const void *left, const void *right)
{
    const struct spool_entry *l = left, *r = right;
    if (l->age_ms != r->age_ms) {
        return l->age_ms > r->age_ms ? -1 : 1;
    }
    return memcmp(l->id, r->id, LIMIT_ID_SIZE);
}

static int look_through(struct spool *s, struct found *f)
{
    int copy = openat(s->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = copy < 0 ? NULL : fdopendir(copy);
    if (listing == NULL) {
        int rc = fail_errno(s, "list the spool");
        if (copy >= 0) {
            (void)close(copy);
        }
        return rc;
    }
    int rc = 0;
    const struct dirent *entry;
    errno = 0;
    while (rc == 0 && (entry = readdir(listing)) != NULL) {
        rc = look_at(s, f, entry->d_name);
        errno = 0;
    }
    if (rc == 0 && errno != 0) {
        rc = fail_errno(s, "list the spool");
    }
    (void)closedir(listing);
    return rc;
}

static int load(struct spool *s, spool_entry_cb cb, uint32_t *ret_bad)
{
    struct timespec now;
    must(clock_gettime(CLOCK_REALTIME, &now) == 0);
    struct found f = {.now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
    int rc = look_through(s, &f);
    if (rc == 0) {
        if (f.count > 0) {
            qsort(f.entries, f.count, sizeof *f.entries, older_first);
        }
        for (size_t at = 0; at < f.count; at++) {
            s->unsent += f.entries[at].sent ? 0 : 1;
            cb(s, &f.entries[at]);
        }
        *ret_bad = f.bad;
    }
    free(f.entries);
    return rc;
}

/* 0 and the open folder, or -1 with errno. */
static int folder(int parent, const char *name, int *ret_folder)
{
    if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST) {
        return -1;
    }
    *ret_folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_folder < 0 ? -1 : 0;
}

/* A folder that its parent forgets in a crash takes all that is saved with it. */
static int sync_folders(struct spool *s)
{
    int parent = openat(s->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) {
        return -1;
    }
    int rc = sync_file(s, parent);
    (void)close(parent); /* A folder: nothing unwritten. */
    return rc != 0 ? rc : sync_file(s, s->directory);
}

void spool_init(struct spool *s, const struct spool_system *system)
{
    *s = (struct spool){
        .system = system != NULL ? system : &the_system, .directory = -1, .refused = -1, .bad = -1};
}

int spool_open(struct spool *s, const char *directory, spool_entry_cb cb, uint32_t *ret_bad)
{
    must(s->directory < 0);
    if (folder(AT_FDCWD, directory, &s->directory) != 0) {
        return fail_errno(s, directory);
    }
    if (flock(s->directory, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? fail(s, "%.150s: another program holds this spool", directory)
                                    : fail_errno(s, directory);
    }
    if (folder(s->directory, "refused", &s->refused) != 0 ||
        folder(s->directory, "bad", &s->bad) != 0 || sync_folders(s) != 0) {
        return fail_errno(s, directory);
    }
    return load(s, cb, ret_bad);
}

void spool_fini(struct spool *s)
{
    int *folders[] = {&s->bad, &s->refused, &s->directory};
    for (size_t at = 0; at < sizeof folders / sizeof *folders; at++) {
        if (*folders[at] >= 0) {
            (void)close(*folders[at]); /* Folders only: nothing unwritten. */
            *folders[at] = -1;
        }
    }
}

static int write_temporary(struct spool *s, const char *temporary, const uint8_t *bytes, size_t len,
                           bool record)
{
    int file = openat(s->directory, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return fail_errno(s, "make a record");
    }
    int rc = 0;
    if (write_all(s, file, bytes, len) != 0) {
        rc = fail_errno(s, "write a record");
    } else if (record && failpoint(FAILPOINT_kiosk_before_sync) != 0) {
        rc = fail(s, "write a record: failpoint");
    } else if (sync_file(s, file) != 0) {
        rc = fail_errno(s, "sync a record");
    }
    if (close(file) != 0 && rc == 0) {
        rc = fail_errno(s, "close a record");
    }
    return rc;
}

static int put_in_place(struct spool *s, const char *temporary, const char *name)
{
    if (s->system->rename(s->directory, temporary, s->directory, name) != 0) {
        return fail_errno(s, "rename a record");
    }
    if (sync_file(s, s->directory) != 0) {
        return fail_errno(s, "sync the spool");
    }
    return 0;
}

static bool exists(const struct spool *s, const uint8_t *id, const char *ending)
{
    char name[NAME_SIZE];
    spool_file_name(name, id, ending);
    return faccessat(s->directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int spool_save(struct spool *s, const uint8_t id[LIMIT_ID_SIZE], const uint8_t *record, size_t len)
{
    must(len > 0 && len <= SPOOL_RECORD_SIZE);
    if (s->unsent >= SPOOL_RECORDS_MAX) {
        return fail(s, "%d records wait for the server already", SPOOL_RECORDS_MAX);
    }
    if (exists(s, id, "rating") || exists(s, id, "sent")) {
        (void)fail(s, "this rating is in the spool already");
        return ERR_CONFLICT;
    }
    if (failpoint(FAILPOINT_kiosk_before_write) != 0) {
        return fail(s, "make a record: failpoint");
    }
    char temporary[NAME_SIZE], name[NAME_SIZE];
    uint8_t file[FILE_SIZE];
    spool_file_name(temporary, id, "tmp");
    spool_file_name(name, id, "rating");
    size_t size = spool_file_put(file, id, record, len);

    int rc = write_temporary(s, temporary, file, size, true);
    rc = rc == 0 ? put_in_place(s, temporary, name) : rc;
    if (rc == 0 && failpoint(FAILPOINT_kiosk_after_sync) != 0) {
        rc = fail(s, "sync the spool: failpoint");
    }
    if (rc != 0) {
        (void)unlinkat(s->directory, temporary, 0); /* As well as can be: see above. */
        (void)unlinkat(s->directory, name, 0);
        return rc;
    }
    s->unsent++;
    return 0;
}

static void one_less(struct spool *s)
{
    s->unsent -= s->unsent > 0 ? 1 : 0;
}

int spool_read(struct spool *s, const uint8_t id[LIMIT_ID_SIZE], uint8_t *room, size_t *ret_len)
{
    char name[NAME_SIZE];
    uint8_t file[FILE_SIZE + 1];
    size_t size;
    struct stat stat;

    spool_file_name(name, id, "rating");
    if (read_all(s->directory, name, file, &size, &stat) != 0) {
        int rc = fail_errno(s, "read a record");
        if (errno != ENOENT) {
            return rc;
        }
        one_less(s);
        return ERR_FIELD;
    }
    if (!spool_file_whole(file, size, id)) {
        one_less(s);
        if (set_aside(s, name) == 0) {
            (void)fail(s, "a record was torn or changed: it lies in bad/");
        }
        return ERR_FIELD;
    }
    memcpy(room, file + SPOOL_HEAD, size - SPOOL_HEAD);
    *ret_len = size - SPOOL_HEAD;
    return 0;
}

/* The old file stays until the new one is whole in its place. */
static int replace(struct spool *s, const uint8_t *id, const char *ending, const uint8_t *bytes,
                   size_t len)
{
    char temporary[NAME_SIZE], name[NAME_SIZE];
    uint8_t file[FILE_SIZE];
    spool_file_name(temporary, id, "tmp");
    spool_file_name(name, id, ending);
    size_t size = spool_file_put(file, id, bytes, len);
    int rc = write_temporary(s, temporary, file, size, false);
    rc = rc == 0 ? put_in_place(s, temporary, name) : rc;
    if (rc != 0) {
        (void)unlinkat(s->directory, temporary, 0); /* As well as can be: see above. */
    }
    return rc;
}

int spool_replace(struct spool *s, const uint8_t id[LIMIT_ID_SIZE], const uint8_t *record,
                  size_t len)
{
    return replace(s, id, "rating", record, len);
}

int spool_mark_sent(struct spool *s, const uint8_t id[LIMIT_ID_SIZE])
{
    char from[NAME_SIZE], to[NAME_SIZE];
    spool_file_name(from, id, "rating");
    spool_file_name(to, id, "sent");
    /* Time first: a crash between the two must not make a fresh mark look old. */
    if (utimensat(s->directory, from, NULL, AT_SYMLINK_NOFOLLOW) != 0 ||
        s->system->rename(s->directory, from, s->directory, to) != 0) {
        return fail_errno(s, "mark a record as sent");
    }
    one_less(s);
    return sync_file(s, s->directory) == 0 ? 0 : fail_errno(s, "sync the spool");
}

int spool_mark_unsent(struct spool *s, const uint8_t id[LIMIT_ID_SIZE])
{
    char from[NAME_SIZE], to[NAME_SIZE];
    spool_file_name(from, id, "sent");
    spool_file_name(to, id, "rating");
    if (s->system->rename(s->directory, from, s->directory, to) != 0) {
        return fail_errno(s, "mark a record as unsent");
    }
    s->unsent++;
    return sync_file(s, s->directory) == 0 ? 0 : fail_errno(s, "sync the spool");
}

int spool_refuse(struct spool *s, const uint8_t id[LIMIT_ID_SIZE], int rc)
{
    char from[NAME_SIZE], to[NAME_SIZE];
    spool_file_name(from, id, "rating");
    spool_file_name(to, id, err_name(rc));
    if (s->system->rename(s->directory, from, s->refused, to) != 0) {
        return fail_errno(s, "set a refused record aside");
    }
    one_less(s);
    /* Where it is now, before where it was: a crash may show it twice, never not at all. */
    if (sync_file(s, s->refused) != 0 || sync_file(s, s->directory) != 0) {
        return fail_errno(s, "sync the spool");
    }
    return 0;
}

int spool_remove(struct spool *s, const uint8_t id[LIMIT_ID_SIZE])
{
    char name[NAME_SIZE];
    spool_file_name(name, id, "sent");
    /* Not synced: one that comes back after a crash is removed at the next start. */
    if (unlinkat(s->directory, name, 0) != 0 && errno != ENOENT) {
        return fail_errno(s, "remove a sent record");
    }
    return 0;
}

int spool_keep_key(struct spool *s, const uint8_t *key, size_t len)
{
    return replace(s, key_id, "key", key, len);
}

int spool_read_key(struct spool *s, uint8_t room[SPOOL_RECORD_SIZE], size_t *ret_len)
{
    char name[NAME_SIZE];
    uint8_t file[FILE_SIZE + 1];
    size_t size = 0;
    struct stat stat;
    spool_file_name(name, key_id, "key");
    if (read_all(s->directory, name, file, &size, &stat) != 0) {
        return ERR_FIELD;
    }
    if (!spool_file_whole(file, size, key_id)) {
        if (set_aside(s, name) == 0) {
            (void)fail(s, "the practice's key was torn or changed: it lies in bad/");
        }
        return ERR_FIELD;
    }
    memcpy(room, file + SPOOL_HEAD, size - SPOOL_HEAD);
    *ret_len = size - SPOOL_HEAD;
    return 0;
}
