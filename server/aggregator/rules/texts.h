/* texts.h - the sentences of one language, and how they are filled in. Pure. */
#pragma once

#include <stddef.h>

enum text {
#define X(name, text) TEXT_##name,
#include "server/aggregator/rules/texts.def"
#undef X
    TEXTS,
    TEXT_NOTHING, /* Says nothing. */
};

#define TEXTS_WORDING "3" /* Goes up whenever a text says something else. */

enum { NUMBER_ROOM = 16, LANGUAGE_ROOM = 8, LANGUAGES_MAX = 8 };

struct texts {
    char language[LANGUAGE_ROOM];    /* "en", "de", "fr", "es". */
    char wording[LANGUAGE_ROOM + 4]; /* "en/3": what an alert keeps. */
    const char *at[TEXTS];
};

extern const struct texts texts_english;

struct languages {
    struct texts texts[LANGUAGES_MAX];
    size_t count;
};

/* English where the language is not among them; `languages` may be NULL. Borrowed. */
const struct texts *texts_find(const struct languages *languages, const char *language);

/* A sentence being written: into `room`, which is never overrun; what does not fit is a broken
 * promise, since the rooms are made for the longest. */
struct say {
    const struct texts *texts;
    char *room;
    size_t size, len;
};

/* Adds the text with {1} … {4} replaced, after a space if something stands there; up to four words,
 * NULL after the last. */
void say_text(struct say *s, enum text text, const char *const words[4]);
/* The same without the space. */
void say_text_on(struct say *s, enum text text, const char *const words[4]);
/* As it is. */
void say_as_is(struct say *s, const char *words);

/* "21.2" of 212, with the language's sign, into `room`; gives `room`. */
const char *say_number(const struct texts *t, int tenths, char room[NUMBER_ROOM]);

#define SAY(s, text, ...) say_text((s), (text), (const char *const[4]){__VA_ARGS__})
