/* Happy path: three signal handles; each tells its callback from the loop.
 * Failure: none of these can fail but for lack of memory or files, which is said at the start. */
#include "server/base/process.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/log.h"

void process_harden(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none); /* Lowering a limit is always allowed. */
    (void)prctl(PR_SET_DUMPABLE, 0);     /* Nor for a handler that takes cores from a pipe. */
    (void)signal(SIGPIPE, SIG_IGN);      /* Cannot fail for a valid signal. */
}

int process_need_files(uint64_t wanted)
{
    struct rlimit limit;
    int rc = getrlimit(RLIMIT_NOFILE, &limit);
    must(rc == 0);
    if (limit.rlim_cur >= wanted) {
        return 0;
    }
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted) {
        log_line(LOG_LEVEL_ERROR, "process",
                 "%" PRIu64 " open files are needed and %" PRIu64
                 " allowed: raise LimitNOFILE or lower connections_max",
                 wanted, (uint64_t)limit.rlim_max);
        return ERR_CONFIG;
    }
    return 0;
}

static void on_signal(uv_signal_t *handle, int signum)
{
    struct process *p = handle->data;
    if (signum == SIGHUP) {
        p->reload_cb(p);
        return;
    }
    bool again = p->stopping;
    p->stopping = true;
    p->stop_cb(p, again);
}

void process_init(struct process *p, process_stop_cb stop_cb, process_reload_cb reload_cb)
{
    *p = (struct process){.stop_cb = stop_cb, .reload_cb = reload_cb};
}

static void start_one(struct process *p, uv_loop_t *loop, uv_signal_t *handle, int signum)
{
    int rc = uv_signal_init(loop, handle);
    must(rc == 0);
    handle->data = p;
    rc = uv_signal_start(handle, on_signal, signum);
    must(rc == 0);
    p->open++;
}

void process_start(struct process *p, uv_loop_t *loop)
{
    start_one(p, loop, &p->term, SIGTERM);
    start_one(p, loop, &p->interrupt, SIGINT);
    start_one(p, loop, &p->hangup, SIGHUP);
}

static void on_closed(uv_handle_t *handle)
{
    struct process *p = handle->data;
    if (--p->open == 0) {
        p->close_cb(p);
    }
}

void process_close(struct process *p, process_close_cb cb)
{
    must(p->open == 3);
    p->close_cb = cb;
    uv_close((uv_handle_t *)&p->term, on_closed);
    uv_close((uv_handle_t *)&p->interrupt, on_closed);
    uv_close((uv_handle_t *)&p->hangup, on_closed);
}

void process_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    if (path == NULL || strlen(path) < 2 || strlen(path) >= sizeof where.sun_path) {
        return;
    }
    size_t path_len = strlen(path);
    memcpy(where.sun_path, path, path_len);
    if (where.sun_path[0] == '@') {
        where.sun_path[0] = '\0'; /* The abstract name space. */
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_len);
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&where, len);
    (void)sent; /* Without a listener there is nobody to tell. */
    (void)close(fd);
}

int process_write_ports(const char *path, uint16_t listen_port, uint16_t health_port)
{
    char part[4096];
    int n = snprintf(part, sizeof part, "%s.part", path);
    FILE *file = n > 0 && (size_t)n < sizeof part ? fopen(part, "we") : NULL;
    if (file == NULL) {
        log_line(LOG_LEVEL_ERROR, "process", "cannot write the port file: %s", strerror(errno));
        return ERR_DISK;
    }
    bool good = listen_port == 0 || fprintf(file, "listen %u\n", (unsigned)listen_port) > 0;
    good = good && fprintf(file, "health %u\n", (unsigned)health_port) > 0;
    good = fclose(file) == 0 && good;
    if (!good || rename(part, path) != 0) {
        log_line(LOG_LEVEL_ERROR, "process", "cannot write the port file: %s", strerror(errno));
        return ERR_DISK;
    }
    return 0;
}
