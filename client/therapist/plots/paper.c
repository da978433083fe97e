/* Happy path: a surface that writes into memory, the drawing, the bytes. Failure: none but memory.
 */
#include "client/therapist/plots/paper.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/must.h"

enum { PIXELS = 2 };

static cairo_status_t on_write(void *closure, const unsigned char *bytes, unsigned count)
{
    plot_bytes_add(closure, bytes, count);
    return CAIRO_STATUS_SUCCESS;
}

static void finish(cairo_t *cr, cairo_surface_t *surface)
{
    must(cairo_status(cr) == CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    must(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(surface);
}

static void render_pdf(const struct paper *p, struct plot_bytes *b)
{
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(on_write, b, PLOT_PAGE_WIDTH, PLOT_PAGE_HEIGHT);
    cairo_t *cr = cairo_create(surface);
    char day[48];
    (void)snprintf(day, sizeof day, "%04d-%02d-%02dT00:00:00Z", p->made.year, p->made.month,
                   p->made.day);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, p->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Attune");
    if (p->made.year != 0) { /* Else cairo asks the clock. */
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, day);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, day);
    }
    for (size_t page = 0; page < p->pages; page++) {
        p->draw(cr, p->of, page);
        cairo_show_page(cr);
    }
    finish(cr, surface);
}

static void render_png(const struct paper *p, struct plot_bytes *b)
{
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, PIXELS * PLOT_PAGE_WIDTH, PIXELS * (int)p->whole_height);
    cairo_surface_set_device_scale(surface, PIXELS, PIXELS);
    cairo_t *cr = cairo_create(surface);
    p->draw(cr, p->of, PAPER_WHOLE);
    cairo_surface_flush(surface);
    cairo_status_t status = cairo_surface_write_to_png_stream(surface, on_write, b);
    must(status == CAIRO_STATUS_SUCCESS);
    finish(cr, surface);
}

static void add_escaped(struct plot_bytes *b, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '&' || *text == '<') {
            plot_bytes_add_text(b, *text == '&' ? "&amp;" : "&lt;");
        } else {
            plot_bytes_add(b, text, 1);
        }
    }
}

/* "<svg …>", then its words, then the rest. */
static void render_svg(const struct paper *p, struct plot_bytes *b)
{
    struct plot_bytes plain = {0};
    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(on_write, &plain, PLOT_PAGE_WIDTH, p->whole_height);
    cairo_t *cr = cairo_create(surface);
    p->draw(cr, p->of, PAPER_WHOLE);
    finish(cr, surface);
    const uint8_t *svg = memmem(plain.at, plain.count, "<svg", 4);
    must(svg != NULL);
    const uint8_t *end = memchr(svg, '>', plain.count - (size_t)(svg - plain.at));
    must(end != NULL);
    size_t head = (size_t)(end + 1 - plain.at);
    plot_bytes_add(b, plain.at, head);
    plot_bytes_add_text(b, "\n<title>");
    add_escaped(b, p->title);
    plot_bytes_add_text(b, "</title>\n<desc>");
    add_escaped(b, p->says);
    plot_bytes_add_text(b, "</desc>");
    plot_bytes_add(b, plain.at + head, plain.count - head);
    plot_bytes_fini(&plain);
}

void paper_render(const struct paper *p, enum plot_file kind, struct plot_bytes *b)
{
    if (kind == PLOT_FILE_PDF) {
        render_pdf(p, b);
    } else if (kind == PLOT_FILE_PNG) {
        render_png(p, b);
    } else {
        must(kind == PLOT_FILE_SVG);
        render_svg(p, b);
    }
}
