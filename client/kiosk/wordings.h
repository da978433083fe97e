/* wordings.h - the wordings that one ticket may be rated in, one a language. Pure. */
#pragma once

#include <stddef.h>

#include "proto/wire/instrument.h"

enum { WORDINGS_MAX = 8 };

struct wordings {
    struct instrument at[WORDINGS_MAX]; /* 9 kB each: keep it off the stack. */
    size_t count;                       /* Never 0 once chosen. */
};

/* The practice's own `texts`, one a language; a text that is no instrument or is for another
 * audience is left out, and so is a second one of a language. When nothing remains: those shipped
 * for that audience, English first. Returns how many texts were left out. */
size_t wordings_choose(struct wordings *w, enum audience audience, const char *const *texts,
                       size_t count);

/* The one in that language; else the English one; else the first. */
size_t wordings_find(const struct wordings *w, const char *language);
