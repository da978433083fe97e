/* bytes.h - a row of bytes that grows as it is written. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct plot_bytes {
    uint8_t *at; /* Ours; NULL: none yet. */
    size_t count, room;
};

void plot_bytes_add(struct plot_bytes *b, const void *bytes, size_t count);
void plot_bytes_add_text(struct plot_bytes *b, const char *text);
void plot_bytes_fini(struct plot_bytes *b);
