/* Happy path: for each language gettext is told to speak it, and every text is asked for. Failure:
 * a catalog that is missing is one line in the log; its readers get English.
 *
 * gettext has one language for a process and we need several at a time, so the texts are fetched
 * once and kept. LANGUAGE counts only while the locale is not plain "C"; C.UTF-8 is always there.
 */
#include "server/aggregator/catalogs.h"

#include <libintl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"
#include "server/base/log.h"

static const char domain[] = "attune";

/* gettext remembers what it has found until this changes: glibc's own, for exactly this. */
extern int _nl_msg_cat_cntr;

static void speak(const char *language)
{
    int rc = language == NULL ? unsetenv("LANGUAGE") : setenv("LANGUAGE", language, 1);
    must(rc == 0);
    _nl_msg_cat_cntr++;
}

/* gettext gives the question itself back when it has no answer. */
static bool take(const char *language, struct texts *ret_texts)
{
    bool found = false;
    speak(language);
    (void)snprintf(ret_texts->language, sizeof ret_texts->language, "%s", language);
    (void)snprintf(ret_texts->wording, sizeof ret_texts->wording, "%s/%s", language, TEXTS_WORDING);
    for (int i = 0; i < TEXTS; i++) {
        ret_texts->at[i] = dgettext(domain, texts_english.at[i]);
        found = found || ret_texts->at[i] != texts_english.at[i];
    }
    return found;
}

void catalogs_load(const char *dir, struct languages *ret_languages)
{
    static const char *const languages[] = {"de", "fr", "es"};
    *ret_languages = (struct languages){0};
    bool ready = setlocale(LC_MESSAGES, "C.UTF-8") != NULL && bindtextdomain(domain, dir) != NULL &&
                 bind_textdomain_codeset(domain, "UTF-8") != NULL;
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        if (ready && take(languages[i], &ret_languages->texts[ret_languages->count])) {
            ret_languages->count++;
        } else {
            log_line(LOG_LEVEL_WARNING, "texts",
                     "no catalog %s/%s/LC_MESSAGES/attune.mo: its readers get English", dir,
                     languages[i]);
        }
    }
    speak(NULL);
}
