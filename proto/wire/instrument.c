/* Happy path: config_parse reads the lines by the table; then what the lines mean together is
 * judged. Failure: the first line that is wrong, with its number; or the file as a whole, line 0.
 */
#include "proto/wire/instrument.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/valid.h"

#define TEXT(name, member, help)                                                                   \
    {                                                                                              \
        name, CONFIG_TEXT, offsetof(struct instrument, member), 0, 0, NULL, help                   \
    }
#define AREA(name, at)                                                                             \
    TEXT(name ".question", areas[at].question, "what is asked"),                                   \
        TEXT(name ".lowest", areas[at].lowest, "what 0 means"),                                    \
        TEXT(name ".highest", areas[at].highest, "what 10 means")

static const struct config_key keys[] = {
    TEXT("id", id, "which wording; the name begins with it"),
    {"version", CONFIG_NUMBER, offsetof(struct instrument, version), 1, 9999, NULL,
     "of the wording"},
    TEXT("language", language, "two or three letters"),
    TEXT("language.name", language_name, "as the language calls itself"),
    TEXT("audience", audience_word, "adult or child"),
    {"steps", CONFIG_NUMBER, offsetof(struct instrument, steps), 1, 100, NULL, "between 0 and 10"},
    AREA("understanding", 0),
    AREA("relevance", 1),
    AREA("safety", 2),
    AREA("fit", 3),
};
static const struct config_table table = {keys, sizeof keys / sizeof keys[0],
                                          sizeof(struct instrument)};

static int refuse(struct config_fault *fault, const char *key, const char *wanted)
{
    *fault = (struct config_fault){0};
    (void)snprintf(fault->text, sizeof fault->text, "%s: %s", key, wanted);
    return ERR_CONFIG;
}

/* Lower-case letters, digits and dashes, as names of files have them. */
static bool is_word(const char *text, size_t least, size_t most, const char *letters)
{
    size_t len = strlen(text);
    return len >= least && len <= most && strspn(text, letters) == len;
}

static int judge_area(const struct instrument_area *a, size_t at, struct config_fault *fault)
{
    const struct config_key *own = &keys[6 + 3 * at];
    if (valid_text(a->question, INSTRUMENT_QUESTION_MAX) != 0) {
        return refuse(fault, own[0].name, "1 to 160 bytes of UTF-8 without control characters");
    }
    if (valid_text(a->lowest, INSTRUMENT_QUESTION_MAX / 2) != 0) {
        return refuse(fault, own[1].name, "1 to 80 bytes of UTF-8 without control characters");
    }
    if (valid_text(a->highest, INSTRUMENT_QUESTION_MAX / 2) != 0) {
        return refuse(fault, own[2].name, "1 to 80 bytes of UTF-8 without control characters");
    }
    return 0;
}

static int judge(struct instrument *i, struct config_fault *fault)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    if (!is_word(i->id, 1, INSTRUMENT_ID_MAX, "abcdefghijklmnopqrstuvwxyz0123456789-")) {
        return refuse(fault, "id", "1 to 40 lower-case letters, digits and dashes");
    }
    if (!is_word(i->language, 2, 3, letters)) {
        return refuse(fault, "language", "two or three lower-case letters, as en");
    }
    if (valid_text(i->language_name, INSTRUMENT_ID_MAX) != 0) {
        return refuse(fault, "language.name", "1 to 40 bytes of UTF-8");
    }
    bool child = strcmp(i->audience_word, "child") == 0;
    if (!child && strcmp(i->audience_word, "adult") != 0) {
        return refuse(fault, "audience", "adult or child");
    }
    i->audience = child ? AUDIENCE_CHILD : AUDIENCE_ADULT;
    if (100 % i->steps != 0 || (child && i->steps > 10)) {
        return refuse(fault, "steps",
                      "1, 2, 4, 5 or 10; for adults also 20, 25, 50 or 100, which is tenths");
    }
    for (size_t at = 0; at < INSTRUMENT_AREAS; at++) {
        int rc = judge_area(&i->areas[at], at, fault);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

int instrument_parse(const char *text, size_t len, struct instrument *into,
                     struct config_fault *fault)
{
    if (len > INSTRUMENT_FILE_MAX) {
        return refuse(fault, "the file", "1535 bytes at most");
    }
    struct instrument *read = malloc(sizeof *read);
    must(read != NULL);
    int rc = config_parse(&table, text, len, read, fault);
    rc = rc != 0 ? rc : judge(read, fault);
    if (rc == 0) {
        *into = *read;
    }
    free(read);
    return rc;
}

const char *instrument_name(const struct instrument *i, char room[INSTRUMENT_NAME_ROOM])
{
    int n = snprintf(room, INSTRUMENT_NAME_ROOM, "%s-%s/%u", i->id, i->language, i->version);
    must(n > 0 && n < INSTRUMENT_NAME_ROOM); /* Both were judged. */
    return room;
}

uint32_t instrument_score(const struct instrument *i, double place)
{
    double within = place < 0 ? 0 : place > 1 ? 1 : place;
    uint32_t step = (uint32_t)(within * i->steps + 0.5);
    return step * (100 / i->steps);
}
