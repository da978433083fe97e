/* Happy path: the text is copied up to a brace, the word put in, and on. Failure: none; a number
 * without a word is a mistake of ours, and tests fill every text of every language. */
#include "server/aggregator/rules/texts.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/must.h"

const struct texts texts_english = {
    .language = "en",
    .wording = "en/" TEXTS_WORDING,
    .at =
        {
#define X(name, text) [TEXT_##name] = (text),
#include "server/aggregator/rules/texts.def"
#undef X
        },
};

const struct texts *texts_find(const struct languages *languages, const char *language)
{
    for (size_t i = 0; languages != NULL && i < languages->count; i++) {
        if (strcmp(languages->texts[i].language, language) == 0) {
            return &languages->texts[i];
        }
    }
    return &texts_english;
}

static void add(struct say *s, const char *words, size_t len)
{
    must(len < s->size - s->len);
    memcpy(s->room + s->len, words, len);
    s->len += len;
    s->room[s->len] = '\0';
}

void say_as_is(struct say *s, const char *words)
{
    add(s, words, strlen(words));
}

void say_text_on(struct say *s, enum text text, const char *const words[4])
{
    if (text == TEXT_NOTHING) {
        return;
    }
    must(text < TEXTS);
    const char *at = s->texts->at[text];
    for (const char *brace; (brace = strchr(at, '{')) != NULL; at = brace + 3) {
        must(brace[1] >= '1' && brace[1] <= '4' && brace[2] == '}');
        const char *word = words[brace[1] - '1'];
        must(word != NULL);
        add(s, at, (size_t)(brace - at));
        say_as_is(s, word);
    }
    say_as_is(s, at);
}

void say_text(struct say *s, enum text text, const char *const words[4])
{
    if (s->len > 0 && text != TEXT_NOTHING) {
        say_as_is(s, " ");
    }
    say_text_on(s, text, words);
}

const char *say_number(const struct texts *t, int tenths, char room[NUMBER_ROOM])
{
    (void)snprintf(room, NUMBER_ROOM, "%d%s%d", tenths / 10, t->at[TEXT_DECIMAL_SIGN],
                   tenths % 10); /* Never negative. */
    return room;
}
