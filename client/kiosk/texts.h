/* texts.h - what the kiosk says, in every language at once, so that each person may choose theirs.
 *
 * gettext has one language for a process: the texts are fetched once, at the start, and kept. */
#pragma once

#include <stddef.h>

enum text {
#define X(name, english) TEXT_##name,
#include "client/kiosk/texts.def"
#undef X
    TEXTS
};

enum { TEXTS_LANGUAGES = 5, TEXTS_ROOM = 256 };

struct texts {
    char language[4];
    const char *at[TEXTS]; /* Static. */
};

struct catalogs {
    struct texts at[TEXTS_LANGUAGES]; /* English first. */
    size_t count;
};

/* Reads DIR/de/LC_MESSAGES/attune-kiosk.mo and so on, once, before there are threads. A language
 * whose catalog is not there is left out: whoever asks for it gets English. Leaves the locale as it
 * was. */
void catalogs_load(const char *dir, struct catalogs *ret_catalogs);

/* The texts in that language, or the English ones. */
const struct texts *catalogs_find(const struct catalogs *c, const char *language);

/* Fill {1} and {2} into a text; gives `room`. What does not fit is cut. */
const char *texts_fill(char room[TEXTS_ROOM], const char *text, const char *first,
                       const char *second);
