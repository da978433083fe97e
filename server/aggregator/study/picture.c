/* Happy path: cairo writes piece by piece into one growing row of bytes; into an SVG the words are
 * put behind its first tag. Failure: none but memory. */
#include "server/aggregator/study/picture.h"

#include <cairo-svg.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/wire/must.h"

enum { PIXELS = 2 };

enum picture_kind picture_kind_of(const char *path)
{
    const char *name = strrchr(path, '/');
    name = name == NULL ? path : name + 1;
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name) {
        return PICTURE_NONE;
    }
    return strcasecmp(dot, ".svg") == 0   ? PICTURE_SVG
           : strcasecmp(dot, ".png") == 0 ? PICTURE_PNG
                                          : PICTURE_NONE;
}

static void add(struct picture_bytes *b, const void *bytes, size_t count)
{
    if (b->count + count > b->room) {
        b->room = 2 * (b->count + count);
        b->bytes = realloc(b->bytes, b->room);
        must(b->bytes != NULL);
    }
    memcpy(b->bytes + b->count, bytes, count);
    b->count += count;
}

static void add_text(struct picture_bytes *b, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *as = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : NULL;
        add(b, as == NULL ? text : as, as == NULL ? 1 : strlen(as));
    }
}

static cairo_status_t on_write(void *closure, const unsigned char *bytes, unsigned count)
{
    add(closure, bytes, count);
    return CAIRO_STATUS_SUCCESS;
}

static void draw(struct picture *p, cairo_surface_t *surface)
{
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    p->draw(p, cr);
    must(cairo_status(cr) == CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    pango_cairo_font_map_set_default(NULL); /* It would keep every font for the process's life. */
}

static void render_png(struct picture *p, struct picture_bytes *b)
{
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, PIXELS * (int)p->width, PIXELS * (int)p->height);
    cairo_surface_set_device_scale(surface, PIXELS, PIXELS);
    draw(p, surface);
    cairo_status_t status = cairo_surface_write_to_png_stream(surface, on_write, b);
    must(status == CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(surface);
}

/* "<svg …>", then its words, then the rest. */
static void render_svg(struct picture *p, struct picture_bytes *b)
{
    struct picture_bytes plain = {0};
    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(on_write, &plain, p->width, p->height);
    draw(p, surface);
    cairo_surface_finish(surface);
    must(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(surface);
    const uint8_t *svg = memmem(plain.bytes, plain.count, "<svg", 4);
    must(svg != NULL);
    const uint8_t *end = memchr(svg, '>', plain.count - (size_t)(svg - plain.bytes));
    must(end != NULL);
    size_t head = (size_t)(end + 1 - plain.bytes);
    add(b, plain.bytes, head);
    add(b, "\n<title>", 8);
    add_text(b, p->title);
    add(b, "</title>\n<desc>", 15);
    add_text(b, p->says);
    add(b, "</desc>", 7);
    add(b, plain.bytes + head, plain.count - head);
    picture_bytes_fini(&plain);
}

void picture_render(struct picture *p, enum picture_kind kind, struct picture_bytes *ret_bytes)
{
    must(kind != PICTURE_NONE);
    *ret_bytes = (struct picture_bytes){0};
    if (kind == PICTURE_SVG) {
        render_svg(p, ret_bytes);
    } else {
        render_png(p, ret_bytes);
    }
}

void picture_bytes_fini(struct picture_bytes *b)
{
    free(b->bytes);
    *b = (struct picture_bytes){0};
}
