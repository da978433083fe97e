/* say.h - a description being written from words.def, and the texts that plots write. Pure. */
#pragma once

#include "client/therapist/plots/plots.h"

enum { SAY_NUMBER = 16, SAY_DAY = 48, SAY_LABEL = 160 };

struct say {
    const struct plot_words *words;
    char *room;
    size_t size, len;
    bool full;
};

/* `words` NULL: English. */
void say_init(struct say *s, const struct plot_words *words, char *room, size_t size);

/* A sentence with {1} … {4} filled in, after a space if something stands there. One that does not
 * fit is left out, and so is what would come after it. */
void say_sentence(struct say *s, enum plot_word word, const char *const with[4]);
#define SAY(s, word, ...) say_sentence((s), (word), (const char *const[4]){__VA_ARGS__})

/* One text with its places filled in, cut at the room's end; gives `room`. */
const char *say_label(const struct plot_words *w, enum plot_word word, const char *const with[4],
                      char room[SAY_LABEL]);

/* "26.1", and "36" of 360 where `is_whole_short`; gives `room`. */
const char *say_tenths(const struct plot_words *w, int tenths, bool is_whole_short,
                       char room[SAY_NUMBER]);
const char *say_whole(long long number, char room[SAY_NUMBER]);
/* "Nine", "13": at a sentence's beginning. */
const char *say_count(const struct plot_words *w, size_t count, char room[SAY_NUMBER]);
/* "12 Mar", with the year "12 Mar 2026"; "" of a day not known. */
const char *say_day(const struct plot_words *w, const struct plot_day *day, bool has_year,
                    char room[SAY_DAY]);
/* "81" of .807. */
const char *say_percent(double share, char room[SAY_NUMBER]);

/* A list of numbers in words: "3, 5 and 9". Begins empty. */
struct say_list {
    char text[SAY_LABEL];
    char last[SAY_NUMBER]; /* Not in the text yet: it may be the one after "and". */
    size_t count;
};
void say_list_add(struct say_list *l, const struct plot_words *w, int number);
const char *say_list_end(struct say_list *l, const struct plot_words *w);
