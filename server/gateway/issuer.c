/* Happy path: the question goes over a connection of its own, the answer comes, both handles close,
 * the caller hears it. Where the key is in this process the same call signs at once, and the caller
 * hears it from the loop all the same.
 * Failure: no connection, an answer that is none, or five seconds: ERR_ISSUER. */
#include "server/gateway/issuer.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/be.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/valid.h"

size_t issuer_question(const struct issuer_wish *wish, uint8_t *ret_bytes)
{
    size_t label_len = strlen(wish->label);
    must(label_len <= LIMIT_NAME_BYTES && wish->request_len <= LIMIT_REQUEST_BYTES);
    size_t len = ISSUER_QUESTION_HEAD + label_len + wish->request_len;
    (void)put_be(ret_bytes, 4, len);
    ret_bytes[4] = wish->role;
    (void)put_be(ret_bytes + 5, 8, (uint64_t)wish->practice_id);
    ret_bytes[13] = (uint8_t)label_len;
    memcpy(ret_bytes + 14, wish->label, label_len);
    memcpy(ret_bytes + 14 + label_len, wish->request, wish->request_len);
    return 4 + len;
}

int issuer_read_question(const uint8_t *bytes, size_t len, struct issuer_wish *ret_wish,
                         char label[LIMIT_NAME_BYTES + 1])
{
    size_t label_len = len >= ISSUER_QUESTION_HEAD ? bytes[9] : 0;
    if (label_len == 0 || label_len > LIMIT_NAME_BYTES || len <= ISSUER_QUESTION_HEAD + label_len ||
        len > ISSUER_QUESTION_HEAD + label_len + LIMIT_REQUEST_BYTES) {
        return ERR_MESSAGE;
    }
    memcpy(label, bytes + ISSUER_QUESTION_HEAD, label_len);
    label[label_len] = '\0';
    uint64_t practice = get_be(bytes + 1, 8);
    if (strlen(label) != label_len || valid_text(label, LIMIT_NAME_BYTES) != 0 || practice == 0 ||
        practice > INT64_MAX) {
        return ERR_MESSAGE;
    }
    *ret_wish = (struct issuer_wish){
        .role = bytes[0],
        .practice_id = (int64_t)practice,
        .label = label,
        .request = bytes + ISSUER_QUESTION_HEAD + label_len,
        .request_len = len - ISSUER_QUESTION_HEAD - label_len,
    };
    return 0;
}

/* ---- life ------------------------------------------------------------------------------------ */

int issuer_init(struct issuer *i, const char *socket, const char *folder, char why[CERTIFY_WHY])
{
    *i = (struct issuer){.local = folder[0] != '\0'};
    if (i->local && socket[0] != '\0') {
        (void)snprintf(why, CERTIFY_WHY, "issuer and issuing_authority: one of them at most");
        return ERR_CONFIG;
    }
    i->set_up = i->local || socket[0] != '\0';
    (void)snprintf(i->socket, sizeof i->socket, "%s", socket);
    return i->local ? certify_load(folder, &i->pair, why) : 0;
}

void issuer_fini(struct issuer *i)
{
    certify_pair_fini(&i->pair);
}

void issuer_take(struct issuer *i, struct issuer *fresh)
{
    issuer_fini(i);
    i->local = fresh->local;
    i->set_up = fresh->set_up;
    i->pair = fresh->pair;
    memcpy(i->socket, fresh->socket, sizeof i->socket);
    *fresh = (struct issuer){.local = false};
}

/* ---- a question ------------------------------------------------------------------------------ */

static void on_handle_closed(uv_handle_t *handle)
{
    struct issuer_call *c = handle->data;
    if (--c->handles > 0) {
        return;
    }
    c->issuer->under_way--;
    const uint8_t *der = c->answer + 4 + ISSUER_ANSWER_HEAD;
    issuer_cb cb = c->cb;
    if (c->rc == 0) {
        cb(c, 0, der, c->answer_len - 4 - ISSUER_ANSWER_HEAD);
    } else {
        cb(c, c->rc, NULL, 0);
    }
}

static void end(struct issuer_call *c, int rc)
{
    if (c->ending) {
        return;
    }
    c->ending = true;
    c->rc = rc;
    uv_close((uv_handle_t *)&c->timer, on_handle_closed);
    uv_close((uv_handle_t *)&c->pipe, on_handle_closed);
}

static void on_late(uv_timer_t *timer)
{
    struct issuer_call *c = timer->data;
    end(c, c->issuer->local ? c->rc : ERR_ISSUER);
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
    (void)hint;
    struct issuer_call *c = handle->data;
    *buf = uv_buf_init((char *)c->answer + c->answer_len,
                       (unsigned)(sizeof c->answer - c->answer_len));
}

/* The issuer closes behind its answer; whole is whole. */
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    struct issuer_call *c = stream->data;
    if (n < 0) {
        end(c, ERR_ISSUER);
        return;
    }
    c->answer_len += (size_t)n;
    if (c->answer_len < 4) {
        return;
    }
    uint64_t len = get_be(c->answer, 4);
    if (len < ISSUER_ANSWER_HEAD || len > ISSUER_ANSWER_MAX - 4) {
        end(c, ERR_ISSUER);
    } else if (c->answer_len == 4 + len) {
        unsigned code = (unsigned)get_be(c->answer + 4, 2);
        bool good = code == 0 && len > ISSUER_ANSWER_HEAD;
        bool known = -(int)code == ERR_REQUEST || -(int)code == ERR_BUSY;
        end(c, good ? 0 : known ? -(int)code : ERR_ISSUER);
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct issuer_call *c = container_of(write, struct issuer_call, write);
    if (status < 0) {
        end(c, ERR_ISSUER);
    }
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct issuer_call *c = container_of(connect, struct issuer_call, connect);
    uv_buf_t buf = uv_buf_init((char *)c->question, (unsigned)c->question_len);
    if (c->ending) {
        return;
    }
    if (status < 0 || uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read) != 0 ||
        uv_write(&c->write, (uv_stream_t *)&c->pipe, &buf, 1, on_written) != 0) {
        end(c, ERR_ISSUER);
    }
}

static void sign_here(struct issuer_call *c, const struct issuer_wish *wish)
{
    size_t len = 0;
    uint8_t *der = c->answer + 4 + ISSUER_ANSWER_HEAD;
    c->rc = certify_sign(&c->issuer->pair, wish->request, wish->request_len, wish->practice_id,
                         wish->label, der, &len);
    c->answer_len = 4 + ISSUER_ANSWER_HEAD + len;
}

int issuer_ask(struct issuer *i, struct issuer_call *c, const struct issuer_wish *wish,
               issuer_cb cb)
{
    if (!i->set_up) {
        return ERR_ENROL_OFF;
    }
    if (strlen(wish->label) > LIMIT_NAME_BYTES) {
        return ERR_FIELD;
    }
    if (i->under_way >= ISSUER_CALLS_MAX) {
        return ERR_BUSY;
    }
    memset(c, 0, offsetof(struct issuer_call, question));
    c->issuer = i;
    c->cb = cb;
    i->under_way++;
    int rc = uv_timer_init(i->loop, &c->timer);
    must(rc == 0);
    rc = uv_pipe_init(i->loop, &c->pipe, 0);
    must(rc == 0);
    c->timer.data = c->pipe.data = c;
    c->handles = 2;
    if (i->local) {
        sign_here(c, wish);
    } else {
        c->question_len = issuer_question(wish, c->question);
        uv_pipe_connect(&c->connect, &c->pipe, i->socket, on_connected);
    }
    rc = uv_timer_start(&c->timer, on_late, i->local ? 0 : ISSUER_MS_MAX, 0);
    must(rc == 0);
    return 0;
}
