/* Happy path: each text is read and kept when it fits. Failure: what does not is counted, so that
 * the staff corner can say it; a client is never left without words. */
#include "client/kiosk/wordings.h"

#include <string.h>

#include "proto/wire/must.h"

/* In the order of the buttons; others follow as they come. */
static const char *const order[] = {"en", "de", "fr", "es", "ar"};

static bool has(const struct wordings *w, const char *language)
{
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->at[i].language, language) == 0) {
            return true;
        }
    }
    return false;
}

/* Reads into the next place; that counts only when the text is kept. */
static bool take(struct wordings *w, enum audience audience, const char *text, const char *language)
{
    struct config_fault fault;
    if (w->count == WORDINGS_MAX) {
        return false;
    }
    struct instrument *next = &w->at[w->count];
    if (instrument_parse(text, strlen(text), next, &fault) != 0 || next->audience != audience ||
        (language != NULL && strcmp(next->language, language) != 0) || has(w, next->language)) {
        return false;
    }
    w->count++;
    return true;
}

static void take_shipped(struct wordings *w, enum audience audience)
{
    for (size_t l = 0; l < sizeof order / sizeof order[0]; l++) {
        for (size_t i = 0; instruments_shipped[i] != NULL; i++) {
            (void)take(w, audience, instruments_shipped[i], order[l]);
        }
    }
    must(w->count > 0);
}

size_t wordings_choose(struct wordings *w, enum audience audience, const char *const *texts,
                       size_t count)
{
    size_t left_out = 0;
    w->count = 0;
    for (size_t i = 0; i < count; i++) {
        left_out += take(w, audience, texts[i], NULL) ? 0 : 1;
    }
    if (w->count == 0) {
        take_shipped(w, audience);
    }
    return left_out;
}

size_t wordings_find(const struct wordings *w, const char *language)
{
    size_t english = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->at[i].language, language) == 0) {
            return i;
        }
        english = strcmp(w->at[i].language, "en") == 0 ? i : english;
    }
    return english;
}
