/* drawings.h - the signs by which a session is known, and the plant of the drawn form: our own, as
 * lines and curves. cairo alone, so that they can be drawn without a display. */
#pragma once

#include <cairo.h>

/* One of the palette's eight colours and a symbol's word, into a square of `size`. A word that is
 * not known is a plain disc. */
void drawings_sign(cairo_t *cr, double size, unsigned colour, const char *symbol);

/* From a closed bud (0) to full bloom (1), into a square of `size`. No face, no red, no judgement:
 * a bud is not less than a flower. */
void drawings_plant(cairo_t *cr, double size, double bloom);
