/* Happy path: whole frames in the bytes given go to the callback where they lie; what is left over
 * is kept and completed by the next feed. Failure: a length of zero, or more than the limit. The
 * error sticks, so a caller that forgets to close cannot fall into step with garbage. */
#include "proto/wire/frame.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/be.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { HELD_FIRST = 256 };

/* The bytes of the frame that begins at `head`, prefix and body; 0 when the length is not allowed.
 */
static size_t frame_size(const struct frame_reader *r, const uint8_t *head)
{
    size_t len = get_be(head, FRAME_HEAD);
    return len > 0 && len <= r->body_max ? FRAME_HEAD + len : 0;
}

static int deliver(struct frame_reader *r, const uint8_t *frame, size_t size)
{
    r->in_cb = true;
    int rc = r->cb(r, frame + FRAME_HEAD, size - FRAME_HEAD);
    r->in_cb = false;
    return rc;
}

/* Room grows by doubling with what has come, whatever length is claimed, up to the limit. */
static void hold(struct frame_reader *r, const uint8_t *bytes, size_t len)
{
    size_t need = r->have + len;
    if (need > r->room) {
        size_t room = r->room == 0 ? HELD_FIRST : r->room;
        while (room < need) {
            room *= 2;
        }
        size_t room_max = FRAME_HEAD + (size_t)r->body_max; /* No allowed frame needs more. */
        room = room < room_max ? room : room_max;
        r->held = realloc(r->held, room);
        must(r->held != NULL);
        r->room = (uint32_t)room;
    }
    memcpy(r->held + r->have, bytes, len);
    r->have = (uint32_t)need;
}

/* Complete the frame that is held; returns the bytes taken. */
static size_t complete(struct frame_reader *r, const uint8_t *bytes, size_t len)
{
    size_t taken = 0;
    if (r->have < FRAME_HEAD) {
        taken = FRAME_HEAD - r->have < len ? FRAME_HEAD - r->have : len;
        hold(r, bytes, taken);
    }
    if (r->have < FRAME_HEAD) {
        return taken;
    }
    size_t size = frame_size(r, r->held);
    if (size == 0) {
        r->rc = ERR_FRAME_SIZE;
        return taken;
    }
    size_t rest = size - r->have < len - taken ? size - r->have : len - taken;
    hold(r, bytes + taken, rest);
    if (r->have == size) {
        uint8_t *frame = r->held;
        r->held = NULL;
        r->have = r->room = 0;
        r->rc = deliver(r, frame, size);
        free(frame);
    }
    return taken + rest;
}

void frame_reader_init(struct frame_reader *r, uint32_t body_max, frame_cb cb)
{
    must(body_max > 0 && cb != NULL);
    *r = (struct frame_reader){.body_max = body_max, .cb = cb};
}

void frame_reader_limit(struct frame_reader *r, uint32_t body_max)
{
    must(body_max >= r->body_max);
    r->body_max = body_max;
}

int frame_reader_feed(struct frame_reader *r, const uint8_t *bytes, size_t len)
{
    must(!r->in_cb);
    while (r->rc == 0 && len > 0) {
        size_t taken;
        if (r->have > 0 || len < FRAME_HEAD) {
            taken = complete(r, bytes, len);
        } else {
            taken = frame_size(r, bytes);
            if (taken == 0) {
                r->rc = ERR_FRAME_SIZE;
            } else if (taken > len) {
                taken = len;
                hold(r, bytes, len);
            } else {
                r->rc = deliver(r, bytes, taken);
            }
        }
        bytes += taken;
        len -= taken;
    }
    return r->rc;
}

bool frame_reader_inside(const struct frame_reader *r)
{
    return r->have > 0;
}

void frame_reader_fini(struct frame_reader *r)
{
    free(r->held);
    r->held = NULL;
    r->have = r->room = 0;
}

void frame_head(uint8_t head[FRAME_HEAD], size_t len)
{
    must(len > 0 && len <= UINT32_MAX);
    (void)put_be(head, FRAME_HEAD, len);
}
