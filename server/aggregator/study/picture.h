/* picture.h - one drawing as the bytes of an SVG or a PNG. Pure.
 *
 * The same picture gives the same bytes in each run of a program. An SVG carries its title and what
 * it says in words, since cairo draws its letters as shapes. */
#pragma once

#include <cairo.h>
#include <stddef.h>
#include <stdint.h>

struct picture {
    double width, height; /* Units; a PNG has two pixels to each. */
    const char *title;
    const char *says; /* The same in words. */
    void (*draw)(struct picture *p, cairo_t *cr);
};

enum picture_kind { PICTURE_NONE, PICTURE_SVG, PICTURE_PNG };

/* By the file's ending, "roc.svg" or "ROC.PNG". NONE: another, or nothing before it. */
enum picture_kind picture_kind_of(const char *path);

struct picture_bytes {
    uint8_t *bytes; /* Ours. */
    size_t count, room;
};

/* Without `ret_bytes` filled only if memory is short, which must not be. picture_bytes_fini is
 * owed. */
void picture_render(struct picture *p, enum picture_kind kind, struct picture_bytes *ret_bytes);
void picture_bytes_fini(struct picture_bytes *b);
