/* Happy path: accept, ask the kernel who it is, read one question, sign, answer, close.
 * Failure: a stranger is closed on without a word; whoever is slow has two seconds; whatever is
 * wrong with a question is a code. Blocking throughout: it has one asker, and nothing else to do.
 */
#include "server/gateway/issuer_command.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "proto/wire/be.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/log.h"
#include "server/base/process.h"
#include "server/gateway/issuer.h"

enum { SLOW_S = 2, BACKLOG = 64 };

struct signer {
    struct certify_pair pair;
    uid_t uid;
    uint32_t per_minute, signed_now;
    time_t minute;
};

static volatile sig_atomic_t stopping;

static void on_term(int number)
{
    (void)number;
    stopping = 1;
}

static bool read_all(int fd, uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t n = recv(fd, at, len, 0);
        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool may_ask(const struct signer *s, int fd)
{
    struct ucred peer = {0};
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == s->uid;
}

/* At most so many in each minute of the clock that never goes back. */
static bool within_rate(struct signer *s)
{
    struct timespec now;
    int rc = clock_gettime(CLOCK_MONOTONIC, &now);
    must(rc == 0);
    if (now.tv_sec / 60 != s->minute) {
        s->minute = now.tv_sec / 60;
        s->signed_now = 0;
    }
    return s->signed_now++ < s->per_minute;
}

static int sign(struct signer *s, const uint8_t *question, size_t len, uint8_t *der,
                size_t *ret_len)
{
    struct issuer_wish wish;
    char label[LIMIT_NAME_BYTES + 1];
    int rc = issuer_read_question(question, len, &wish, label);
    if (rc == 0 && !within_rate(s)) {
        log_line(LOG_LEVEL_WARNING, "issuer", "more than %u in a minute: refused",
                 (unsigned)s->per_minute);
        return ERR_BUSY;
    }
    rc = rc == 0 ? certify_sign(&s->pair, wish.request, wish.request_len, wish.practice_id, label,
                                der, ret_len)
                 : rc;
    if (rc == 0) {
        log_line(LOG_LEVEL_NOTICE, "issuer", "signed: practice %lld, role %u",
                 (long long)wish.practice_id, (unsigned)wish.role);
    } else {
        log_line(LOG_LEVEL_WARNING, "issuer", "a request was refused");
    }
    return rc;
}

static void answer(struct signer *s, int fd)
{
    uint8_t question[ISSUER_QUESTION_MAX], reply[ISSUER_ANSWER_MAX];
    size_t der_len = 0;
    if (!read_all(fd, question, 4)) {
        return;
    }
    size_t len = get_be(question, 4);
    if (len > sizeof question - 4 || !read_all(fd, question, len)) {
        return;
    }
    int rc = sign(s, question, len, reply + 4 + ISSUER_ANSWER_HEAD, &der_len);
    size_t size = ISSUER_ANSWER_HEAD + (rc == 0 ? der_len : 0);
    (void)put_be(put_be(reply, 4, size), 2, (uint64_t)-rc);
    (void)send(fd, reply, 4 + size, MSG_NOSIGNAL); /* Who has gone asks again. */
}

static void serve(struct signer *s, int listener)
{
    struct timeval slow = {.tv_sec = SLOW_S};
    struct pollfd wait = {.fd = listener, .events = POLLIN};
    while (!stopping) {
        if (poll(&wait, 1, -1) <= 0) {
            continue; /* A signal. */
        }
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        if (!may_ask(s, fd)) {
            log_line(LOG_LEVEL_WARNING, "issuer", "somebody else asked: refused");
        } else if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slow, sizeof slow) == 0 &&
                   setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &slow, sizeof slow) == 0) {
            answer(s, fd);
        }
        (void)close(fd); /* Whatever was said is with the kernel. */
    }
}

static int failed(const char *path)
{
    log_line(LOG_LEVEL_ERROR, "issuer", "%s: %s", path, strerror(errno));
    return ERR_DISK;
}

static int listen_on(const char *path, int *ret_fd)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof where.sun_path) {
        errno = ENAMETOOLONG;
        return failed(path);
    }
    memcpy(where.sun_path, path, strlen(path));
    (void)unlink(path); /* One that a killed issuer left. */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Anyone may knock: who may ask is the kernel's word, not the file's mode. */
    if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof where) != 0 ||
        chmod(path, 0666) != 0 || listen(fd, BACKLOG) != 0) {
        int rc = failed(path);
        if (fd >= 0) {
            (void)close(fd); /* Nothing was said on it. */
        }
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

static int user_of(const char *name, uid_t *ret_uid)
{
    errno = 0;
    const struct passwd *entry = name != NULL ? getpwnam(name) : NULL;
    if (name != NULL && entry == NULL) {
        log_line(LOG_LEVEL_ERROR, "issuer", "no such user: %s", name);
        return ERR_CONFIG;
    }
    *ret_uid = entry != NULL ? entry->pw_uid : geteuid();
    return 0;
}

static void catch_term(void)
{
    struct sigaction action = {.sa_handler = on_term};
    int rc = sigaction(SIGTERM, &action, NULL) | sigaction(SIGINT, &action, NULL);
    must(rc == 0);
}

int issuer_command(const struct issuer_command *wanted)
{
    char why[CERTIFY_WHY];
    struct signer s = {.per_minute = wanted->per_minute};
    int fd = -1;
    int rc = user_of(wanted->user, &s.uid);
    if (rc == 0) {
        rc = certify_load(wanted->folder, &s.pair, why);
        if (rc != 0) {
            log_line(LOG_LEVEL_ERROR, "issuer", "%s", why);
        }
    }
    rc = rc == 0 ? listen_on(wanted->socket, &fd) : rc;
    if (rc == 0) {
        catch_term();
        log_line(LOG_LEVEL_NOTICE, "issuer", "ready on %s", wanted->socket);
        process_notify("READY=1");
        serve(&s, fd);
        (void)close(fd); /* Nobody is on it. */
        (void)unlink(wanted->socket);
    }
    certify_pair_fini(&s.pair);
    return rc;
}
