/* Happy path: for each language gettext is told to speak it, and every text is asked for. Failure:
 * a catalog that is missing is left out; a text that one lacks is English.
 *
 * LANGUAGE counts only while the locale is not plain "C"; C.UTF-8 is always there. */
#include <libintl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/kiosk/texts.h"
#include "proto/wire/must.h"

static const char domain[] = "attune-kiosk";

static const char *const english[TEXTS] = {
#define X(name, text) text,
#include "client/kiosk/texts.def"
#undef X
};

/* gettext remembers what it has found until this changes: glibc's own, for exactly this. */
extern int _nl_msg_cat_cntr;

static void speak(const char *language)
{
    int rc = language == NULL ? unsetenv("LANGUAGE") : setenv("LANGUAGE", language, 1);
    must(rc == 0);
    _nl_msg_cat_cntr++;
}

/* gettext gives the question itself back when it has no answer. */
static bool take(const char *language, struct texts *t)
{
    bool found = false;
    speak(language);
    (void)snprintf(t->language, sizeof t->language, "%s", language);
    for (size_t i = 0; i < TEXTS; i++) {
        t->at[i] = dgettext(domain, english[i]);
        found = found || t->at[i] != english[i];
    }
    return found;
}

void catalogs_load(const char *dir, struct catalogs *ret_catalogs)
{
    static const char *const languages[TEXTS_LANGUAGES - 1] = {"de", "fr", "es", "ar"};
    *ret_catalogs = (struct catalogs){.at = {{.language = "en"}}, .count = 1};
    memcpy(ret_catalogs->at[0].at, english, sizeof english);
    char *before = setlocale(LC_MESSAGES, NULL);
    before = before != NULL ? strdup(before) : NULL;
    bool ready = setlocale(LC_MESSAGES, "C.UTF-8") != NULL && bindtextdomain(domain, dir) != NULL &&
                 bind_textdomain_codeset(domain, "UTF-8") != NULL;
    for (size_t i = 0; ready && i < TEXTS_LANGUAGES - 1; i++) {
        if (take(languages[i], &ret_catalogs->at[ret_catalogs->count])) {
            ret_catalogs->count++;
        }
    }
    speak(NULL);
    (void)setlocale(LC_MESSAGES, before != NULL ? before : "C"); /* It was good before. */
    free(before);
}

const struct texts *catalogs_find(const struct catalogs *c, const char *language)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->at[i].language, language) == 0) {
            return &c->at[i];
        }
    }
    return &c->at[0];
}

const char *texts_fill(char room[TEXTS_ROOM], const char *text, const char *first,
                       const char *second)
{
    size_t have = 0;
    while (*text != '\0' && have < TEXTS_ROOM - 1) {
        const char *word = strncmp(text, "{1}", 3) == 0   ? first
                           : strncmp(text, "{2}", 3) == 0 ? second
                                                          : NULL;
        size_t left = TEXTS_ROOM - 1 - have;
        size_t len = word != NULL ? strnlen(word, left) : 1;
        memcpy(room + have, word != NULL ? word : text, len);
        have += len;
        text += word != NULL ? 3 : 1;
    }
    room[have] = '\0';
    return room;
}
