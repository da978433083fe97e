/* Goal: the promises of link.h. Method: a real link and a fake server in one loop, over real TLS on
 * loopback; the loop runs until a condition holds. Waits between connections are cut short by hand,
 * so that no test waits for a clock.
 *
 * Above 500 lines: the promises of one header, which all need the same two ends. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/link/link.h"
#include "fake_server.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "tests/support/test_pki.h"

enum { TURNS_MAX = 20 * 1000 };

struct asker {
    struct link_request request;
    int count, rc;
    Attune__Response__BodyCase body;
    uint32_t retry_after_ms;
};

struct fixture {
    struct test_pki pki;
    SSL_CTX *server_context, *client_context;
    struct fake_server server;
    struct link link;
    struct asker askers[LIMIT_OPEN_REQUESTS + 1];
    int pushes, ups, waits, stops;
    bool closed, close_in_answer, ask_in_up;
};

static struct fixture the;

/* Run the loop until it is so. Each turn waits for something to happen: a hang is the time-out of
 * ctest. */
#define RUN_UNTIL(condition)                                                                       \
    do {                                                                                           \
        for (int turn = 0; !(condition) && turn < TURNS_MAX; turn++) {                             \
            g_main_context_iteration(NULL, TRUE);                                                  \
        }                                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

static void on_closed(struct link *l)
{
    container_of(l, struct fixture, link)->closed = true;
}

static void on_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct asker *a = container_of(r, struct asker, request);
    a->count++;
    a->rc = rc;
    if (response != NULL) {
        a->body = response->body_case;
        a->retry_after_ms = rc != 0 ? response->error->retry_after_ms : 0;
    }
    if (the.close_in_answer) {
        the.close_in_answer = false;
        link_close(&the.link, on_closed);
    }
}

static int ask_for(struct asker *a, uint32_t timeout_ms)
{
    Attune__Watch body;
    Attune__Request request;
    attune__watch__init(&body);
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_WATCH;
    request.watch = &body;
    return link_ask(&the.link, &a->request, &request, timeout_ms, on_answer);
}

static int ask(struct asker *a)
{
    return ask_for(a, 0);
}

static void on_state(struct link *l, enum link_state state)
{
    struct fixture *f = container_of(l, struct fixture, link);
    f->ups += state == LINK_UP ? 1 : 0;
    f->waits += state == LINK_WAITING ? 1 : 0;
    f->stops += state == LINK_STOPPED ? 1 : 0;
    if (state == LINK_UP && f->ask_in_up) {
        assert_int_equal(ask(&f->askers[0]), 0);
    }
}

static void on_push(struct link *l, const Attune__Push *push)
{
    (void)push;
    container_of(l, struct fixture, link)->pushes++;
}

static int set_up(void **state)
{
    memset(&the, 0, sizeof the);
    *state = &the;
    test_pki_init(&the.pki);
    test_pki_issue_usual(&the.pki);
    the.server_context = test_pki_context(&the.pki, TLS_SERVER, "server", "ca");
    the.client_context = test_pki_context(&the.pki, TLS_CLIENT, "device", "ca");
    fake_server_init(&the.server, the.server_context);
    return 0;
}

static void start(void)
{
    const struct link_options options = {the.server.address, "link-test", "en", the.client_context,
                                         NULL};
    assert_int_equal(link_init(&the.link, &options, on_state, on_push), 0);
    link_start(&the.link);
}

static void come_up(void)
{
    start();
    RUN_UNTIL(the.link.state == LINK_UP);
}

/* The next try is now. */
static void hurry(void)
{
    the.link.pace.due_ms = 0;
    g_source_set_ready_time(the.link.clock, 0);
}

static int tear_down(void **state)
{
    (void)state;
    if (the.link.started && !the.closed) {
        if (!the.link.closing) {
            link_close(&the.link, on_closed);
        }
        RUN_UNTIL(the.closed);
    }
    fake_server_fini(&the.server);
    SSL_CTX_free(the.server_context);
    SSL_CTX_free(the.client_context);
    test_pki_fini(&the.pki);
    return 0;
}

/* In a process of its own, which the alarm ends where the promise is not held. */
static void a_request_is_not_asked_twice_at_once(void **state)
{
    int how = 0;
    (void)state;
    come_up();
    assert_int_equal(ask(&the.askers[0]), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(20);
        (void)signal(SIGABRT, SIG_DFL);
        (void)close(STDERR_FILENO); /* Its last word is expected. */
        (void)ask(&the.askers[0]);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(WTERMSIG(how), SIGABRT);
}

static const Attune__Request *last_request(void)
{
    return the.server.requests[the.server.request_count - 1];
}

static void it_says_hello_first_and_is_up_at_welcome(void **state)
{
    (void)state;
    the.server.unasked = true;
    start();
    assert_int_equal(the.link.state, LINK_IDLE); /* Nothing from inside the call. */
    RUN_UNTIL(the.server.request_count == 1);
    const Attune__Request *hello = last_request();
    assert_int_equal(hello->body_case, ATTUNE__REQUEST__BODY_HELLO);
    assert_int_equal(hello->seq, 1);
    assert_string_equal(hello->hello->software, "link-test");
    assert_int_equal(the.link.state, LINK_CONNECTING);
    assert_int_equal(ask(&the.askers[0]), ERR_CLOSED); /* Connected means Welcome. */
    fake_server_welcome(&the.server, 1);
    RUN_UNTIL(the.ups == 1);
    assert_string_equal(the.link.welcome->practice, "Test");
}

static void each_answer_finds_its_request_in_any_order(void **state)
{
    (void)state;
    come_up();
    for (int at = 0; at < 3; at++) {
        assert_int_equal(ask(&the.askers[at]), 0);
        assert_int_equal(the.askers[at].count, 0);
    }
    RUN_UNTIL(the.server.request_count == 4);
    assert_int_equal(last_request()->seq, 4); /* Counted up from Hello's 1. */
    fake_server_error(&the.server, 3, ERR_BUSY, 250);
    fake_server_done(&the.server, 4);
    RUN_UNTIL(the.askers[2].count == 1);
    assert_int_equal(the.askers[0].count, 0);
    assert_int_equal(the.askers[1].rc, ERR_BUSY);
    assert_int_equal(the.askers[1].retry_after_ms, 250);
    assert_int_equal(the.askers[2].rc, 0);
    assert_int_equal(the.askers[2].body, ATTUNE__RESPONSE__BODY_DONE);
    fake_server_done(&the.server, 2);
    RUN_UNTIL(the.askers[0].count == 1);
}

static void one_place_is_kept_for_the_ping(void **state)
{
    (void)state;
    the.server.open_max = 4;
    come_up();
    for (int at = 0; at < 3; at++) {
        assert_int_equal(ask(&the.askers[at]), 0);
    }
    assert_int_equal(ask(&the.askers[3]), ERR_BUSY);
    RUN_UNTIL(the.server.request_count == 4);
    fake_server_done(&the.server, 2);
    RUN_UNTIL(the.askers[0].count == 1);
    assert_int_equal(ask(&the.askers[3]), 0);
}

static void a_push_goes_to_the_owner(void **state)
{
    (void)state;
    come_up();
    Attune__RoomState room;
    Attune__Push push;
    attune__room_state__init(&room);
    attune__push__init(&push);
    push.body_case = ATTUNE__PUSH__BODY_ROOM_STATE;
    push.room_state = &room;
    fake_server_push(&the.server, &push);
    RUN_UNTIL(the.pushes == 1);
}

static void a_lost_connection_answers_all_and_comes_back(void **state)
{
    (void)state;
    for (int politely = 0; politely < 2; politely++) {
        if (!the.link.started) {
            come_up();
        }
        struct asker *a = &the.askers[politely];
        size_t heard = the.server.request_count;
        assert_int_equal(ask(a), 0);
        RUN_UNTIL(the.server.request_count == heard + 1);
        fake_server_hang_up(&the.server, politely == 1);
        RUN_UNTIL(the.link.state == LINK_WAITING);
        assert_int_equal(a->count, 1);
        assert_int_equal(a->rc, ERR_CLOSED);
        assert_int_equal(the.link.reason, ERR_CLOSED);
        assert_true(link_retry_ms(&the.link) > 0);
        assert_int_equal(ask(a), ERR_CLOSED);
        hurry();
        RUN_UNTIL(the.link.state == LINK_UP);
        assert_int_equal(last_request()->seq, 1); /* Counted from 1 on each connection. */
    }
    assert_int_equal(the.server.accepted, 3);
    assert_int_equal(the.waits, 2);
}

static void an_answer_that_does_not_come_is_a_timeout_and_its_late_one_is_ignored(void **state)
{
    (void)state;
    come_up();
    assert_int_equal(ask_for(&the.askers[0], 1), 0);
    RUN_UNTIL(the.askers[0].count == 1);
    assert_int_equal(the.askers[0].rc, ERR_TIMEOUT);
    RUN_UNTIL(the.server.request_count == 2);
    fake_server_done(&the.server, 2);
    assert_int_equal(ask(&the.askers[1]), 0);
    RUN_UNTIL(the.server.request_count == 3);
    fake_server_done(&the.server, 3);
    RUN_UNTIL(the.askers[1].count == 1);
    assert_int_equal(the.askers[0].count, 1);
    assert_int_equal(the.link.state, LINK_UP);
}

static void when_nothing_is_answered_any_more_the_connection_is_given_up(void **state)
{
    (void)state;
    the.server.open_max = 3;
    come_up();
    assert_int_equal(ask_for(&the.askers[0], 1), 0);
    assert_int_equal(ask_for(&the.askers[1], 1), 0);
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_TIMEOUT);
    assert_int_equal(the.askers[1].rc, ERR_TIMEOUT);
}

static void an_answer_that_nobody_asked_for_ends_the_connection(void **state)
{
    (void)state;
    static const uint64_t seqs[] = {9, 1}; /* Not asked yet, answered already. */
    for (size_t at = 0; at < G_N_ELEMENTS(seqs); at++) {
        if (!the.link.started) {
            come_up();
        }
        if (seqs[at] == 9) {
            assert_int_equal(ask(&the.askers[at]), 0);
            RUN_UNTIL(last_request()->seq == 2);
        }
        fake_server_done(&the.server, seqs[at]);
        RUN_UNTIL(the.link.state == LINK_WAITING);
        assert_int_equal(the.link.reason, ERR_MESSAGE);
        hurry();
        RUN_UNTIL(the.link.state == LINK_UP);
    }
}

static void garbage_ends_the_connection_with_its_reason(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[8];
        int rc;
    } cases[] = {{{0, 0, 0, 0}, ERR_FRAME_SIZE},
                 {{0xff, 0xff, 0xff, 0xff}, ERR_FRAME_SIZE},
                 {{0, 0, 0, 2, 0xff, 0xff}, ERR_MESSAGE}};
    for (size_t at = 0; at < G_N_ELEMENTS(cases); at++) {
        if (!the.link.started) {
            come_up();
        }
        fake_server_bytes(&the.server, cases[at].bytes, 6);
        RUN_UNTIL(the.link.state == LINK_WAITING);
        assert_int_equal(the.link.reason, cases[at].rc);
        hurry();
        RUN_UNTIL(the.link.state == LINK_UP);
    }
}

static void who_was_replaced_does_not_come_back(void **state)
{
    (void)state;
    come_up();
    fake_server_error(&the.server, 0, ERR_REPLACED, 0);
    fake_server_hang_up(&the.server, true);
    RUN_UNTIL(the.link.state == LINK_STOPPED);
    assert_int_equal(the.link.reason, ERR_REPLACED);
    assert_string_equal(the.link.why, "the server's own sentence");
    assert_int_equal(g_source_get_ready_time(the.link.clock), -1);
}

static void a_draining_server_is_left_for_as_long_as_it_says(void **state)
{
    (void)state;
    come_up();
    Attune__Draining draining;
    Attune__Push push;
    attune__draining__init(&draining);
    attune__push__init(&push);
    draining.reconnect_after_ms = 59999;
    push.body_case = ATTUNE__PUSH__BODY_DRAINING;
    push.draining = &draining;
    fake_server_push(&the.server, &push);
    fake_server_hang_up(&the.server, true);
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_true(link_retry_ms(&the.link) > 50000);
    assert_int_equal(the.pushes, 0);
}

static void a_refused_hello_says_why_in_the_servers_words(void **state)
{
    (void)state;
    the.server.unasked = true;
    start();
    RUN_UNTIL(the.server.request_count == 1);
    fake_server_error(&the.server, 1, ERR_DEVICE_UNKNOWN, 0);
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_DEVICE_UNKNOWN);
    assert_string_equal(the.link.why, "the server's own sentence");
    assert_true(link_retry_ms(&the.link) > 20 * 1000); /* A person must mend it. */
    assert_int_equal(the.ups, 0);
}

/* Goal: in TLS 1.3 the client's handshake is over before its certificate is judged. */
static void a_refused_certificate_is_told_apart_from_a_broken_line(void **state)
{
    (void)state;
    SSL_CTX_free(the.client_context);
    struct test_pki_wish wish = {
        .usage = TEST_PKI_CLIENT, .issuer = "other", .organisation = "7", .name = "stranger"};
    test_pki_issue(&the.pki, "stranger", &wish);
    the.client_context = test_pki_context(&the.pki, TLS_CLIENT, "device", "ca");
    test_pki_show(&the.pki, the.client_context, "stranger");
    start();
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_CERTIFICATE);
    assert_true(link_retry_ms(&the.link) > 20 * 1000);
}

static void a_server_of_another_authority_is_not_believed(void **state)
{
    (void)state;
    struct test_pki_wish wish = {
        .issuer = "other", .name = "impostor", .alternative = "DNS:localhost,IP:127.0.0.1"};
    test_pki_issue(&the.pki, "impostor", &wish);
    test_pki_show(&the.pki, the.server_context, "impostor");
    start();
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_CERTIFICATE);
    RUN_UNTIL(the.server.ended != 0);
    assert_int_equal(the.server.ended, ERR_CERTIFICATE); /* It was told why. */
    assert_int_equal(the.server.request_count, 0);
}

static void a_server_with_another_name_is_not_believed(void **state)
{
    (void)state;
    struct test_pki_wish wish = {.name = "elsewhere", .alternative = "DNS:elsewhere.example"};
    test_pki_issue(&the.pki, "elsewhere", &wish);
    test_pki_show(&the.pki, the.server_context, "elsewhere");
    start();
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_CERTIFICATE);
}

/* A port that is taken and at which nobody listens, for as long as the socket lives. */
static GSocket *deaf_port(char address[64])
{
    GInetAddress *loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    GSocketAddress *wish = g_inet_socket_address_new(loopback, 0);
    GSocket *socket =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
    assert_true(g_socket_bind(socket, wish, FALSE, NULL));
    GSocketAddress *got = g_socket_get_local_address(socket, NULL);
    g_snprintf(address, 64, "127.0.0.1:%u",
               (unsigned)g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(got)));
    g_object_unref(got);
    g_object_unref(wish);
    g_object_unref(loopback);
    return socket;
}

static void nobody_there_is_unreachable_and_tried_again(void **state)
{
    (void)state;
    char address[64];
    GSocket *deaf = deaf_port(address);
    const struct link_options options = {address, "link-test", "en", the.client_context, NULL};
    assert_int_equal(link_init(&the.link, &options, on_state, on_push), 0);
    link_start(&the.link);
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_UNREACHABLE);
    hurry();
    RUN_UNTIL(the.waits == 2);
    link_close(&the.link, on_closed);
    RUN_UNTIL(the.closed); /* `address` ends here. */
    g_object_unref(deaf);
}

static void a_greeting_that_never_ends_is_given_up(void **state)
{
    (void)state;
    the.server.silent = true;
    start();
    RUN_UNTIL(the.server.accepted == 1);
    hurry(); /* The greeting's time is up. */
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_TIMEOUT);
}

static void a_silent_server_is_pinged_and_then_given_up(void **state)
{
    (void)state;
    come_up();
    the.link.pace.said_ms -= LIMIT_PING_S * 1000;
    g_source_set_ready_time(the.link.clock, 0);
    RUN_UNTIL(the.server.request_count == 2);
    assert_int_equal(last_request()->body_case, ATTUNE__REQUEST__BODY_PING);
    fake_server_done(&the.server, 2);
    RUN_UNTIL(!the.link.pinging);
    the.link.pace.heard_ms -= LIMIT_SILENCE_S * 1000;
    g_source_set_ready_time(the.link.clock, 0);
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_SILENT);
}

static void it_may_be_asked_in_its_own_callbacks(void **state)
{
    (void)state;
    the.ask_in_up = true;
    come_up();
    RUN_UNTIL(the.server.request_count == 2);
    fake_server_done(&the.server, 2);
    RUN_UNTIL(the.askers[0].count == 1);
}

static void it_may_be_closed_in_its_own_callbacks(void **state)
{
    (void)state;
    come_up();
    assert_int_equal(ask(&the.askers[0]), 0);
    assert_int_equal(ask(&the.askers[1]), 0);
    RUN_UNTIL(the.server.request_count == 3);
    the.close_in_answer = true;
    fake_server_done(&the.server, 2);
    fake_server_done(&the.server, 3);
    RUN_UNTIL(the.closed);
    assert_int_equal(the.askers[0].rc, 0);
    assert_int_equal(the.askers[1].count, 1);
    assert_int_equal(the.askers[1].rc, ERR_CANCELED);
}

static void closing_cancels_what_is_open_and_says_goodbye(void **state)
{
    (void)state;
    come_up();
    assert_int_equal(ask(&the.askers[0]), 0);
    RUN_UNTIL(the.server.request_count == 2);
    link_close(&the.link, on_closed);
    assert_int_equal(the.askers[0].count, 0);
    assert_false(the.closed);
    RUN_UNTIL(the.closed);
    assert_int_equal(the.askers[0].rc, ERR_CANCELED);
    RUN_UNTIL(the.server.connection == NULL);
    assert_int_equal(the.server.ended, ERR_CLOSED); /* close_notify, not a cut line. */
}

static void it_can_be_closed_at_every_step(void **state)
{
    (void)state;
    /* As many turns of the loop as a connection takes, and some. */
    for (int turns = 0; turns < 12; turns++) {
        memset(&the.link, 0, sizeof the.link);
        the.closed = false;
        start();
        for (int turn = 0; turn < turns; turn++) {
            g_main_context_iteration(NULL, FALSE);
        }
        link_close(&the.link, on_closed);
        RUN_UNTIL(the.closed);
    }
}

/* Goal: a try to connect that hangs is called off and not waited for. Method: a port whose queue of
 * connections is full drops what knocks, as a dead network does. */
static void a_try_that_hangs_is_called_off(void **state)
{
    (void)state;
    enum { KNOCKERS = 4 };
    char address[64];
    GSocket *deaf = deaf_port(address), *knockers[KNOCKERS];
    GSocketAddress *there = g_socket_get_local_address(deaf, NULL);
    g_socket_set_listen_backlog(deaf, 0);
    assert_true(g_socket_listen(deaf, NULL));
    for (size_t at = 0; at < KNOCKERS; at++) {
        knockers[at] =
            g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
        g_socket_set_blocking(knockers[at], FALSE);
        (void)g_socket_connect(knockers[at], there, NULL, NULL); /* Pending: that is the point. */
    }
    const struct link_options options = {address, "link-test", "en", the.client_context, NULL};
    assert_int_equal(link_init(&the.link, &options, on_state, on_push), 0);
    link_start(&the.link);
    RUN_UNTIL(the.link.stream.connecting);
    hurry(); /* The greeting's time is up. */
    RUN_UNTIL(the.link.state == LINK_WAITING);
    assert_int_equal(the.link.reason, ERR_TIMEOUT);
    hurry();
    RUN_UNTIL(the.link.stream.connecting);
    link_close(&the.link, on_closed);
    RUN_UNTIL(the.closed);
    for (size_t at = 0; at < KNOCKERS; at++) {
        g_object_unref(knockers[at]);
    }
    g_object_unref(there);
    g_object_unref(deaf);
}

static void an_address_without_a_port_is_refused(void **state)
{
    (void)state;
    static const char *const addresses[] = {
        "", "localhost", "localhost:", "localhost:x", "localhost:0", "[::1]", "localhost:99999"};
    for (size_t at = 0; at < G_N_ELEMENTS(addresses); at++) {
        const struct link_options options = {addresses[at], "x", "en", the.client_context, NULL};
        struct link l;
        assert_int_equal(link_init(&l, &options, NULL, NULL), ERR_CONFIG);
        assert_non_null(strstr(l.why, "host:port"));
    }
}

/* A link that has a token, up to the request that says it. */
static uint64_t say_token(void)
{
    static const uint8_t token[LIMIT_TOKEN_SIZE] = {7};
    start();
    link_token(&the.link, token);
    RUN_UNTIL(the.server.request_count == 2);
    const Attune__Request *said = the.server.requests[1];
    assert_int_equal(said->body_case, ATTUNE__REQUEST__BODY_RESUME_LOG_ON);
    assert_memory_equal(said->resume_log_on->token.data, token, sizeof token);
    assert_int_equal(the.link.state,
                     LINK_CONNECTING); /* Nobody asks before who they are is known. */
    return said->seq;
}

static void a_token_is_said_before_the_link_is_up(void **state)
{
    (void)state;
    fake_server_done(&the.server, say_token());
    RUN_UNTIL(the.link.state == LINK_UP);
    assert_int_equal(the.link.person, LINK_RESUMED);
    assert_true(the.link.has_token);
}

static void a_token_that_is_good_no_more_is_forgotten(void **state)
{
    (void)state;
    fake_server_error(&the.server, say_token(), ERR_LOG_ON_FIRST, 0);
    RUN_UNTIL(the.link.state == LINK_UP);
    assert_int_equal(the.link.person, LINK_REFUSED);
    assert_false(the.link.has_token);
    for (size_t i = 0; i < sizeof the.link.token; i++) {
        assert_int_equal(the.link.token[i], 0);
    }
}

static void a_token_is_said_again_when_the_server_was_busy(void **state)
{
    (void)state;
    fake_server_error(&the.server, say_token(), ERR_BUSY, 1000);
    RUN_UNTIL(the.waits == 1);
    assert_int_equal(the.ups, 0);
    assert_true(the.link.has_token);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(it_says_hello_first_and_is_up_at_welcome),
        EACH(each_answer_finds_its_request_in_any_order),
        EACH(a_request_is_not_asked_twice_at_once),
        EACH(one_place_is_kept_for_the_ping),
        EACH(a_push_goes_to_the_owner),
        EACH(a_lost_connection_answers_all_and_comes_back),
        EACH(an_answer_that_does_not_come_is_a_timeout_and_its_late_one_is_ignored),
        EACH(when_nothing_is_answered_any_more_the_connection_is_given_up),
        EACH(an_answer_that_nobody_asked_for_ends_the_connection),
        EACH(garbage_ends_the_connection_with_its_reason),
        EACH(who_was_replaced_does_not_come_back),
        EACH(a_draining_server_is_left_for_as_long_as_it_says),
        EACH(a_refused_hello_says_why_in_the_servers_words),
        EACH(a_refused_certificate_is_told_apart_from_a_broken_line),
        EACH(a_server_of_another_authority_is_not_believed),
        EACH(a_server_with_another_name_is_not_believed),
        EACH(nobody_there_is_unreachable_and_tried_again),
        EACH(a_greeting_that_never_ends_is_given_up),
        EACH(a_silent_server_is_pinged_and_then_given_up),
        EACH(it_may_be_asked_in_its_own_callbacks),
        EACH(it_may_be_closed_in_its_own_callbacks),
        EACH(closing_cancels_what_is_open_and_says_goodbye),
        EACH(it_can_be_closed_at_every_step),
        EACH(a_try_that_hangs_is_called_off),
        EACH(an_address_without_a_port_is_refused),
        EACH(a_token_is_said_before_the_link_is_up),
        EACH(a_token_that_is_good_no_more_is_forgotten),
        EACH(a_token_is_said_again_when_the_server_was_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
