/* issuer.h - whoever signs devices' certificates: a process of its own behind a unix socket, or, in
 * a small practice, this process with the authority's folder.
 *
 * Between the two: one question a connection. Both directions a length (4 bytes, big-endian), then
 * so many bytes. Question: role (1), practice (8, big-endian), length of the label (1), label,
 * certificate request. Answer: code (2, big-endian, 0 is good), certificate. Requests and
 * certificates are DER. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "proto/wire/config.h"
#include "proto/wire/limits.h"
#include "server/gateway/certify.h"

enum {
    ISSUER_QUESTION_HEAD = 10,
    ISSUER_QUESTION_MAX = 4 + ISSUER_QUESTION_HEAD + LIMIT_NAME_BYTES + LIMIT_REQUEST_BYTES,
    ISSUER_ANSWER_HEAD = 2,
    ISSUER_ANSWER_MAX = 4 + ISSUER_ANSWER_HEAD + CERTIFY_DER_MAX,
    ISSUER_CALLS_MAX = 64, /* Under way at a time. */
    ISSUER_MS_MAX = 5000,
};

/* What is to be certified; borrowed for the call. */
struct issuer_wish {
    uint8_t role;
    int64_t practice_id;
    const char *label;
    const uint8_t *request;
    size_t request_len;
};

/* Bytes with their length before them. `ret_bytes` has ISSUER_QUESTION_MAX. */
size_t issuer_question(const struct issuer_wish *wish, uint8_t *ret_bytes);
/* The way back, behind the length: `label` is filled, the request is borrowed. Returns 0 or
 * ERR_MESSAGE. */
int issuer_read_question(const uint8_t *bytes, size_t len, struct issuer_wish *ret_wish,
                         char label[LIMIT_NAME_BYTES + 1]);

/* ---- the server's side ----------------------------------------------------------------------- */

struct issuer {
    uv_loop_t *loop;
    bool local, set_up;
    struct certify_pair pair; /* Where it is this process. */
    char socket[CONFIG_TEXT_MAX];
    unsigned under_way;
};

/* `socket` or `folder` ("": not that); both empty: not set up. Returns 0 or ERR_CONFIG with a
 * sentence in `why`. issuer_fini is owed after 0. */
int issuer_init(struct issuer *i, const char *socket, const char *folder, char why[CERTIFY_WHY]);
void issuer_fini(struct issuer *i);
/* A reload: `fresh` takes the place. Questions under way are answered by the old one. */
void issuer_take(struct issuer *i, struct issuer *fresh);

struct issuer_call;
/* From the loop, exactly once. `der` is borrowed. rc: 0, ERR_REQUEST, ERR_BUSY (more than the
 * issuer signs in a minute), ERR_ISSUER (it is away, or slow). In there the memory is the caller's
 * again.
 */
typedef void (*issuer_cb)(struct issuer_call *c, int rc, const uint8_t *der, size_t len);

struct issuer_call {
    struct issuer *issuer;
    issuer_cb cb;
    uv_pipe_t pipe;
    uv_timer_t timer;
    uv_connect_t connect;
    uv_write_t write;
    size_t question_len, answer_len;
    unsigned handles;
    int rc;
    bool ending;
    uint8_t question[ISSUER_QUESTION_MAX], answer[ISSUER_ANSWER_MAX];
};

/* Returns 0, ERR_ENROL_OFF, ERR_BUSY or, the label being too long, ERR_FIELD (then no callback
 * comes). */
int issuer_ask(struct issuer *i, struct issuer_call *c, const struct issuer_wish *wish,
               issuer_cb cb);
