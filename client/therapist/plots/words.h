/* words.h - every word that the plots write or say, in one language. Pure. */
#pragma once

enum plot_word {
#define X(name, text) PLOT_WORD_##name,
#include "client/therapist/plots/words.def"
#undef X
    PLOT_WORDS,
};

struct plot_words {
    const char *at[PLOT_WORDS];
};

extern const struct plot_words plot_words_english;

/* Each English text as `translate` gives it back; its answers are kept. No shell
 * calls it: the pictures are English today. */
void plot_words_take(struct plot_words *words, const char *(*translate)(const char *english));
