/* Happy path: the room is doubled when it is full. Failure: none but memory. */
#include "client/therapist/plots/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

void plot_bytes_add(struct plot_bytes *b, const void *bytes, size_t count)
{
    if (b->count + count > b->room) {
        b->room = 2 * (b->count + count);
        b->at = realloc(b->at, b->room);
        must(b->at != NULL);
    }
    if (count > 0) {
        memcpy(b->at + b->count, bytes, count);
        b->count += count;
    }
}

void plot_bytes_add_text(struct plot_bytes *b, const char *text)
{
    plot_bytes_add(b, text, strlen(text));
}

void plot_bytes_fini(struct plot_bytes *b)
{
    free(b->at);
    *b = (struct plot_bytes){0};
}
