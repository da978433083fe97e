/* frame.h - cut a byte stream into frames.
 *
 * A frame is a 4-byte big-endian length N, 1 <= N <= the limit, then N bytes. Pure:
 * no socket, no loop, no clock: bytes come in pieces of any size, whole frames go
 * out in order. Server, clients and fuzzer run this same code. The format is
 * specified in proto/PROTOCOL.md, section "Frames".
 *
 * A frame that arrives whole is handed over where it lies. Only the part of a
 * frame is kept, in memory that grows with the bytes received and never by the
 * length claimed; between frames a reader holds no memory at all, so that an idle
 * connection costs none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_HEAD = 4 };

struct frame_reader;

/* One whole frame. `body` is borrowed: valid until this returns. Return 0 to go
 * on or an err code to stop. Must not feed or free the reader. */
typedef int (*frame_cb)(struct frame_reader *r, const uint8_t *body, size_t len);

struct frame_reader {
    uint8_t *held;     /* The part of a frame that has arrived, prefix first; NULL when none. */
    uint32_t have;     /* Bytes in `held`. */
    uint32_t room;     /* Bytes that `held` can take. */
    uint32_t body_max; /* The limit; see frame_reader_limit. */
    int rc;            /* Sticky: after an error the stream has lost its place. */
    bool in_cb;
    frame_cb cb;
};

/* Start at a frame boundary. Cannot fail. */
void frame_reader_init(struct frame_reader *r, uint32_t body_max, frame_cb cb);

/* A higher limit from the next frame on: after Welcome. May be called in the callback. */
void frame_reader_limit(struct frame_reader *r, uint32_t body_max);

/* Returns 0, ERR_FRAME_SIZE, or what the callback returned. Not 0: close the peer. */
int frame_reader_feed(struct frame_reader *r, const uint8_t *bytes, size_t len);

/* A frame has begun and is not whole: the peer owes bytes. */
bool frame_reader_inside(const struct frame_reader *r);

/* Free what is held. NULL-safe fields; may be called twice. */
void frame_reader_fini(struct frame_reader *r);

/* Write the prefix for a body of `len` bytes, 1 <= len <= 2^32-1, to head[0..3]. */
void frame_head(uint8_t head[FRAME_HEAD], size_t len);
