/* Happy path: the text is made into modules once, and drawn whenever the window wants it. Failure:
 * a text that is too long shows nothing; its page says it in letters, too. */
#include "client/therapist/pages/code_picture.h"

#include <string.h>

#include <qrencode.h>

#include "client/therapist/pages/kit.h"

enum { SIDE = 220, QUIET = 4 };

static const char CODE[] = "attune-code";

/* What it says is a secret, whatever it is. */
static void free_code(gpointer data)
{
    QRcode *code = data;
    explicit_bzero(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
}

static void draw(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
    (void)data;
    const QRcode *code = g_object_get_data(G_OBJECT(area), CODE);
    if (code == NULL) {
        return;
    }
    int side = code->width + 2 * QUIET, room = width < height ? width : height;
    cairo_scale(cr, (double)room / side, (double)room / side);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_rectangle(cr, 0, 0, side, side);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 0, 0, 0);
    for (int at = 0; at < code->width * code->width; at++) {
        int x = QUIET + at % code->width, y = QUIET + at / code->width;
        if ((code->data[at] & 1) != 0) {
            cairo_rectangle(cr, x, y, 1, 1);
        }
    }
    cairo_fill(cr);
}

GtkWidget *code_picture_new(const char *name)
{
    GtkWidget *picture =
        g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
    gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(picture), SIDE);
    gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(picture), SIDE);
    gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(picture), draw, NULL, NULL);
    gtk_widget_set_halign(picture, GTK_ALIGN_CENTER);
    gtk_widget_set_visible(picture, FALSE);
    kit_name(picture, name);
    return picture;
}

void code_picture_show(GtkWidget *picture, const char *text)
{
    QRcode *code =
        text[0] != '\0' ? QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) : NULL;
    g_object_set_data_full(G_OBJECT(picture), CODE, code, free_code);
    gtk_widget_set_visible(picture, code != NULL);
    gtk_widget_queue_draw(picture);
}
