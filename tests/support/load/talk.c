/* Happy path: fill the message, pack it where it goes out. A rating is the one that is said a
 * hundred thousand times a second: its bytes are laid around the spooled record by hand. */
#include "tests/support/load/talk.h"

#include <string.h>

#include "proto/wire/must.h"
#include "tests/support/load/field.h"

enum { VARINT_MAX = 10, TAG_SEQ = 1 << 3, TAG_SUBMIT = 10 << 3 | 2 };

static void say(struct line *l, Attune__Request *request)
{
    size_t size = codec_frame_size(&request->base);
    codec_frame_pack(&request->base, line_room(l, size));
}

void talk_hello(struct line *l, uint64_t seq, const char *software)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    Attune__Hello hello = ATTUNE__HELLO__INIT;
    hello.software = (char *)(uintptr_t)software; /* Only read. */
    hello.version = (char *)(uintptr_t)ATTUNE_VERSION;
    hello.language = (char *)(uintptr_t) "en";
    hello.clock_ms = field_clock_ms();
    request.seq = seq;
    request.body_case = ATTUNE__REQUEST__BODY_HELLO;
    request.hello = &hello;
    say(l, &request);
}

void talk_ping(struct line *l, uint64_t seq)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    Attune__Ping ping = ATTUNE__PING__INIT;
    request.seq = seq;
    request.body_case = ATTUNE__REQUEST__BODY_PING;
    request.ping = &ping;
    say(l, &request);
}

void talk_watch(struct line *l, uint64_t seq)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    Attune__Watch watch = ATTUNE__WATCH__INIT;
    request.seq = seq;
    request.body_case = ATTUNE__REQUEST__BODY_WATCH;
    request.watch = &watch;
    say(l, &request);
}

static size_t put_varint(uint8_t *to, uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7) {
        to[n++] = (uint8_t)(value | 0x80);
    }
    to[n++] = (uint8_t)value;
    return n;
}

void talk_submit(struct line *l, uint64_t seq, const uint8_t *submit, size_t len)
{
    uint8_t start[2 + 2 * VARINT_MAX];
    uint8_t head[FRAME_HEAD];
    size_t n = 0;
    must(len <= LIMIT_FRAME_BODY - sizeof start);
    start[n++] = TAG_SEQ;
    n += put_varint(start + n, seq);
    start[n++] = TAG_SUBMIT;
    n += put_varint(start + n, len);
    frame_head(head, n + len);
    uint8_t *room = line_room(l, sizeof head + n + len);
    memcpy(room, head, sizeof head);
    memcpy(room + sizeof head, start, n);
    memcpy(room + sizeof head + n, submit, len);
}

void talk_received(struct line *l, uint64_t seq, uint8_t (*ids)[LIMIT_ID_SIZE], uint32_t count)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    Attune__ReceiveAlerts receive = ATTUNE__RECEIVE_ALERTS__INIT;
    ProtobufCBinaryData list[LIMIT_ALERTS_OPEN];
    must(count <= LIMIT_ALERTS_OPEN);
    for (uint32_t i = 0; i < count; i++) {
        list[i] = (ProtobufCBinaryData){LIMIT_ID_SIZE, ids[i]};
    }
    receive.n_alert_id = count;
    receive.alert_id = list;
    request.seq = seq;
    request.body_case = ATTUNE__REQUEST__BODY_RECEIVE_ALERTS;
    request.receive_alerts = &receive;
    say(l, &request);
}
