/* The failing system counts calls in one static place: spool_system has no object, on purpose,
 * since the real one has none. */
#include "spool_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"

static struct {
    int calls, fail_at;
    bool interrupted;
    char log[64];
} the_disk;

static bool fails(char what)
{
    if (the_disk.calls < (int)sizeof the_disk.log - 1) {
        the_disk.log[the_disk.calls] = what;
    }
    the_disk.calls++;
    errno = EIO;
    return the_disk.calls == the_disk.fail_at;
}

static ssize_t failing_write(int file, const void *bytes, size_t len)
{
    the_disk.interrupted = !the_disk.interrupted;
    if (the_disk.interrupted) {
        errno = EINTR;
        return -1;
    }
    return fails('w') ? -1 : write(file, bytes, len < 7 ? len : 7);
}

static int failing_sync(int file)
{
    the_disk.interrupted = !the_disk.interrupted;
    if (the_disk.interrupted) {
        errno = EINTR;
        return -1;
    }
    struct stat stat;
    must(fstat(file, &stat) == 0);
    return fails(S_ISDIR(stat.st_mode) ? 'd' : 'f') ? -1 : fsync(file);
}

static int failing_rename(int from_directory, const char *from, int to_directory, const char *to)
{
    return fails('r') ? -1 : renameat(from_directory, from, to_directory, to);
}

const struct spool_system *disk_failing(int n)
{
    static const struct spool_system failing = {failing_write, failing_sync, failing_rename};
    the_disk.calls = 0;
    memset(the_disk.log, 0, sizeof the_disk.log);
    the_disk.fail_at = n;
    the_disk.interrupted = false;
    return &failing;
}

int disk_calls(void)
{
    return the_disk.calls;
}

const char *disk_log(void)
{
    return the_disk.log;
}

void disk_init(struct disk *d)
{
    memset(d, 0, sizeof *d);
    const char *temporary = getenv("TMPDIR");
    if (temporary == NULL || strlen(temporary) > 30) {
        temporary = "/tmp";
    }
    (void)snprintf(d->parent, sizeof d->parent, "%s/attune-spool-XXXXXX", temporary);
    must(mkdtemp(d->parent) != NULL);
    (void)snprintf(d->folder, sizeof d->folder, "%s/spool", d->parent);
    spool_init(&d->spool, NULL);
}

static int remove_one(const char *path, const struct stat *stat, int flag, struct FTW *ftw)
{
    (void)stat;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void disk_fini(struct disk *d)
{
    spool_fini(&d->spool);
    must(nftw(d->parent, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

static void on_entry(struct spool *s, const struct spool_entry *entry)
{
    struct disk *d = container_of(s, struct disk, spool);
    must(d->seen_count < DISK_SEEN_MAX);
    d->seen[d->seen_count++] = *entry;
}

int disk_open(struct disk *d, const struct spool_system *system)
{
    spool_fini(&d->spool);
    spool_init(&d->spool, system);
    d->seen_count = 0;
    return spool_open(&d->spool, d->folder, on_entry, &d->bad);
}

size_t disk_sent(const struct disk *d)
{
    size_t count = 0;
    for (size_t at = 0; at < d->seen_count; at++) {
        count += d->seen[at].sent ? 1 : 0;
    }
    return count;
}

size_t disk_unsent(const struct disk *d)
{
    return d->seen_count - disk_sent(d);
}

const char *disk_path(const struct disk *d, const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", d->folder, name);
    return path;
}

void disk_put(const struct disk *d, const char *name, const void *bytes, size_t len)
{
    int file = open(disk_path(d, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    must(file >= 0);
    must(write(file, bytes, len) == (ssize_t)len);
    must(close(file) == 0);
}

size_t disk_files(const struct disk *d, const char *folder)
{
    DIR *listing = opendir(disk_path(d, folder));
    const struct dirent *entry;
    size_t count = 0;
    must(listing != NULL);
    while ((entry = readdir(listing)) != NULL) {
        count += entry->d_name[0] != '.' ? 1 : 0;
    }
    must(closedir(listing) == 0);
    return count;
}
