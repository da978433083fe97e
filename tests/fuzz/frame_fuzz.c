/* Property: however the bytes are cut, the frames and the verdict are the same; what is held never
 * grows above twice what came, nor above the limit; between frames nothing is held. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/frame.h"
#include "proto/wire/must.h"

enum { FIRST_LIMIT = 300, RAISED_LIMIT = 2000, HELD_FIRST = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct frame_reader reader;
    uint64_t sum;
};

/* A frame that begins with 'W' is Welcome: the limit is raised. One with 'E' is refused. */
static int on_frame(struct frame_reader *r, const uint8_t *body, size_t len)
{
    struct seen *s = container_of(r, struct seen, reader);
    for (size_t i = 0; i < len; i++) {
        s->sum = s->sum * 31 + body[i];
    }
    s->sum = s->sum * 31 + len;
    must(len > 0 && len <= r->body_max);
    if (body[0] == 'W') {
        frame_reader_limit(r, RAISED_LIMIT);
    }
    return body[0] == 'E' ? -1 : 0;
}

static void check_held(const struct frame_reader *r)
{
    must(r->have <= r->room || r->held == NULL);
    must(r->room <= FRAME_HEAD + r->body_max);
    must(r->room <= HELD_FIRST || r->room <= 2 * r->have);
    must(frame_reader_inside(r) == (r->held != NULL));
}

/* Pieces of `step` bytes, or when it is 0 of the sizes that the data itself gives. */
static int feed(struct seen *s, const uint8_t *data, size_t size, size_t step)
{
    int rc = 0;
    *s = (struct seen){.sum = 7};
    frame_reader_init(&s->reader, FIRST_LIMIT, on_frame);
    for (size_t at = 0; at < size;) {
        size_t n = step != 0 ? step : (size_t)(data[at] % 19) + 1;
        n = n < size - at ? n : size - at;
        uint8_t *exact = malloc(n); /* On the heap, so that the sanitizer sees a byte too many. */
        must(exact != NULL);
        memcpy(exact, data + at, n);
        rc = frame_reader_feed(&s->reader, exact, n);
        free(exact);
        if (rc == 0) {
            check_held(&s->reader);
        }
        at += n;
    }
    frame_reader_fini(&s->reader);
    must(!frame_reader_inside(&s->reader));
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole, cut;
    if (size == 0) {
        return 0;
    }
    int rc = feed(&whole, data, size, size);
    static const size_t steps[] = {1, 3, 7, 0};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        must(feed(&cut, data, size, steps[i]) == rc);
        must(cut.sum == whole.sum);
    }
    return 0;
}
