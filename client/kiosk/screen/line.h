/* line.h - the line that one touches where it feels right: 0 to 10, without a handle until then.
 *
 * A GtkScale, since in GTK 4.8 only its own ranges give a screen reader their value. Its gestures
 * are taken away: a long press would turn dragging into a fine adjustment, and a press beside the
 * hidden handle's middle would move nothing. A touch means the place that it touched. */
#pragma once

#include <stdbool.h>

#include <gtk/gtk.h>

G_DECLARE_FINAL_TYPE(AttuneLine, attune_line, ATTUNE, LINE, GtkScale)

/* Touched, dragged, or set by key or screen reader: a place between 0 and 1. */
typedef void (*attune_line_cb)(AttuneLine *line, double place);

GtkWidget *attune_line_new(const char *name, unsigned steps, attune_line_cb cb);

/* Show an answer, or none; calls nobody. `said`: what a screen reader says of it. */
void attune_line_show(AttuneLine *line, bool answered, double place, const char *said);
