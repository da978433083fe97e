/* attune-flood: strangers in great numbers, bounded in count and time. For loopback, against a
 * server of one's own.
 *
 * Happy path: so many are open at a time, each from the next of a few source addresses; what its
 * kind has to say is said; whoever is closed by the server is counted and followed by the next.
 * Failure: an address that cannot be bound or a server that does not listen ends it with 1; a
 * connection that is refused or reset is counted. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "proto/wire/must.h"

enum { USAGE = 2, EVENTS = 256, HELLO_MAX = 2048, OPEN_MAX = 16000, TICK_MS = 20, DRIP_MS = 1000 };

static const char usage[] =
    "attune-flood KIND --address 127.0.0.1:PORT [--from 127.0.1.1] [--addresses N]\n"
    "             [--count N] [--open N] [--seconds S]\n"
    "KIND: plain   speaks HTTP and no TLS\n"
    "      silent  says nothing\n"
    "      half    begins a handshake and goes no further\n"
    "      drip    the same, one byte a second\n"
    "Ends when --count were closed by the server, or after --seconds.\n";

enum kind { PLAIN, SILENT, HALF, DRIP };

struct stranger {
    int fd;
    int64_t since_ms, next_ms; /* Connected; the next byte. */
    size_t said;
    bool up;
};

struct flood {
    enum kind kind;
    struct sockaddr_in to, from;
    uint32_t addresses, count, open_max, seconds;
    uint8_t says[HELLO_MAX];
    size_t says_len;
    struct stranger *strangers;
    uint32_t made, open, closed, failed;
    int64_t held_ms_max;
    int epoll;
};

static int64_t now_ms(void)
{
    struct timespec now;
    int rc = clock_gettime(CLOCK_MONOTONIC, &now);
    must(rc == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A ClientHello as our own clients say it. */
static void make_hello(struct flood *f)
{
    static const unsigned char protocol[] = {8, 'a', 't', 't', 'u', 'n', 'e', '/', '1'};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    must(context != NULL && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_alpn_protos(context, protocol, sizeof protocol) == 0);
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    must(ssl != NULL && in != NULL && out != NULL);
    SSL_set_bio(ssl, in, out); /* Both are the session's now. */
    SSL_set_connect_state(ssl);
    (void)SSL_do_handshake(ssl); /* Waits for the answer: what it said is in `out`. */
    int len = BIO_read(out, f->says, sizeof f->says);
    must(len > 0);
    f->says_len = (size_t)len;
    SSL_free(ssl);
    SSL_CTX_free(context);
}

static void make_words(struct flood *f)
{
    static const char http[] = "GET / HTTP/1.1\r\nHost: attune\r\n\r\n";
    if (f->kind == PLAIN) {
        f->says_len = sizeof http - 1;
        memcpy(f->says, http, f->says_len);
    } else if (f->kind != SILENT) {
        make_hello(f);
    }
}

static void leave(struct flood *f, struct stranger *s, bool by_server)
{
    int64_t held = now_ms() - s->since_ms;
    if (s->up && held > f->held_ms_max) {
        f->held_ms_max = held;
    }
    (void)close(s->fd);
    s->fd = -1;
    f->open--;
    f->closed += by_server;
    f->failed += !by_server;
}

static void say(struct flood *f, struct stranger *s)
{
    size_t left = f->says_len - s->said;
    size_t len = f->kind == DRIP && left > 1 ? 1 : left;
    if (len == 0) {
        return;
    }
    ssize_t n = send(s->fd, f->says + s->said, len, MSG_NOSIGNAL);
    s->said += n > 0 ? (size_t)n : 0; /* An error is heard when it is read. */
    s->next_ms = now_ms() + DRIP_MS;
}

static void heard(struct flood *f, struct stranger *s, uint32_t events)
{
    uint8_t room[4096];
    if (!s->up && (events & EPOLLOUT) != 0) {
        int error = 0;
        socklen_t len = sizeof error;
        int rc = getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
        if (rc != 0 || error != 0) {
            leave(f, s, false);
            return;
        }
        struct epoll_event on = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = s};
        rc = epoll_ctl(f->epoll, EPOLL_CTL_MOD, s->fd, &on);
        must(rc == 0);
        s->up = true;
        s->since_ms = now_ms();
        say(f, s);
    }
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) {
        return;
    }
    ssize_t n = recv(s->fd, room, sizeof room, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        leave(f, s, s->up);
    }
}

/* False: the system lets no more be opened now. */
static bool come(struct flood *f, struct stranger *s)
{
    struct sockaddr_in from = f->from;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    from.sin_addr.s_addr = htonl(ntohl(from.sin_addr.s_addr) + f->made % f->addresses);
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    bool good = bind(fd, (struct sockaddr *)&from, sizeof from) == 0 &&
                (connect(fd, (struct sockaddr *)&f->to, sizeof f->to) == 0 || errno == EINPROGRESS);
    *s = (struct stranger){.fd = fd, .since_ms = now_ms()};
    struct epoll_event event = {.events = EPOLLOUT | EPOLLIN, .data.ptr = s};
    if (!good || epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        (void)close(fd);
        s->fd = -1;
        return false;
    }
    f->made++;
    f->open++;
    return true;
}

static void fill_up(struct flood *f)
{
    for (uint32_t i = 0; i < f->open_max && f->open < f->open_max && f->made < f->count; i++) {
        if (f->strangers[i].fd < 0 && !come(f, &f->strangers[i])) {
            return; /* In the next turn. */
        }
    }
}

static void drip(struct flood *f)
{
    int64_t now = now_ms();
    for (uint32_t i = 0; i < f->open_max; i++) {
        struct stranger *s = &f->strangers[i];
        if (s->fd >= 0 && s->up && s->next_ms <= now) {
            say(f, s);
        }
    }
}

static void run(struct flood *f)
{
    struct epoll_event events[EVENTS];
    int64_t end = now_ms() + (int64_t)f->seconds * 1000;
    while (now_ms() < end && f->closed + f->failed < f->count) {
        fill_up(f);
        int n = epoll_wait(f->epoll, events, EVENTS, TICK_MS);
        for (int i = 0; i < n; i++) {
            heard(f, events[i].data.ptr, events[i].events);
        }
        if (f->kind == DRIP) {
            drip(f);
        }
    }
    uint32_t open = f->open;
    for (uint32_t i = 0; i < f->open_max; i++) {
        if (f->strangers[i].fd >= 0) {
            leave(f, &f->strangers[i], true);
            f->closed--;
        }
    }
    printf("flood made=%u closed=%u failed=%u open=%u held_ms_max=%lld\n", (unsigned)f->made,
           (unsigned)f->closed, (unsigned)f->failed, (unsigned)open, (long long)f->held_ms_max);
}

static uint32_t number_of(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value == 0 || value > 1000000) {
        fprintf(stderr, "attune-flood: %s: not a number from 1 to 1000000\n", text);
        exit(USAGE);
    }
    return (uint32_t)value;
}

/* Loopback alone: this is no tool against others. */
static void address_of(const char *text, struct sockaddr_in *ret)
{
    char host[64];
    const char *port = strchr(text, ':');
    size_t len = port != NULL ? (size_t)(port - text) : strlen(text);
    ret->sin_family = AF_INET;
    bool good = len < sizeof host;
    memcpy(host, text, good ? len : 0);
    host[good ? len : 0] = '\0';
    if (!good || inet_pton(AF_INET, host, &ret->sin_addr) != 1 ||
        ntohl(ret->sin_addr.s_addr) >> 24 != 127) {
        fprintf(stderr, "attune-flood: %s: an address of 127.0.0.0/8 is wanted\n", text);
        exit(USAGE);
    }
    ret->sin_port = htons(port != NULL ? (uint16_t)number_of(port + 1) : 0);
}

static void parse(struct flood *f, int count, char **words)
{
    static const struct option options[] = {
        {"address", required_argument, NULL, 'a'},
        {"from", required_argument, NULL, 'f'},
        {"addresses", required_argument, NULL, 'n'},
        {"count", required_argument, NULL, 'c'},
        {"open", required_argument, NULL, 'o'},
        {"seconds", required_argument, NULL, 's'},
        {0},
    };
    int code;
    while ((code = getopt_long(count, words, "", options, NULL)) != -1) {
        uint32_t *const number = code == 'n'   ? &f->addresses
                                 : code == 'c' ? &f->count
                                 : code == 'o' ? &f->open_max
                                 : code == 's' ? &f->seconds
                                               : NULL;
        if (number != NULL) {
            *number = number_of(optarg);
        } else if (code == 'a' || code == 'f') {
            address_of(optarg, code == 'a' ? &f->to : &f->from);
        } else {
            fputs(usage, stderr);
            exit(USAGE);
        }
    }
}

int main(int argc, char **argv)
{
    static const char *const kinds[] = {"plain", "silent", "half", "drip"};
    struct flood f = {.addresses = 1, .count = 1000, .open_max = 1000, .seconds = 10};
    size_t kind = 0;
    while (argc > 1 && kind < 4 && strcmp(argv[1], kinds[kind]) != 0) {
        kind++;
    }
    if (argc < 2 || kind == 4) {
        fputs(usage, stderr);
        return USAGE;
    }
    f.kind = (enum kind)kind;
    address_of("127.0.1.1", &f.from);
    parse(&f, argc - 1, argv + 1);
    struct rlimit files;
    if (f.to.sin_port == 0 || f.open_max > OPEN_MAX || getrlimit(RLIMIT_NOFILE, &files) != 0) {
        fputs(usage, stderr);
        return USAGE;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* Fewer are open otherwise. */
    make_words(&f);
    f.strangers = calloc(f.open_max, sizeof *f.strangers);
    f.epoll = epoll_create1(EPOLL_CLOEXEC);
    must(f.strangers != NULL && f.epoll >= 0);
    for (uint32_t i = 0; i < f.open_max; i++) {
        f.strangers[i].fd = -1;
    }
    run(&f);
    (void)close(f.epoll);
    free(f.strangers);
    return f.made > 0 ? 0 : 1;
}
