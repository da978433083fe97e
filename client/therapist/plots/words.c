/* Happy path: the English table, or each of its texts as it is translated. Failure: none. */
#include "client/therapist/plots/words.h"

const struct plot_words plot_words_english = {{
#define X(name, text) text,
#include "client/therapist/plots/words.def"
#undef X
}};

void plot_words_take(struct plot_words *words, const char *(*translate)(const char *english))
{
    for (int i = 0; i < PLOT_WORDS; i++) {
        words->at[i] = translate(plot_words_english.at[i]);
    }
}
