/* Happy path: a table each. Failure: what this version does not know is "". */
#include "client/therapist/copy/copy_words.h"

#include <stdio.h>

#include <glib.h>

#define WORD(words, at) ((size_t)(at) < G_N_ELEMENTS(words) ? (words)[at] : "")

static void format(GDateTime *at, const char *how, char text[COPY_TIME])
{
    char *made = at != NULL ? g_date_time_format(at, how) : NULL;
    (void)snprintf(text, COPY_TIME, "%s", made != NULL ? made : "");
    g_free(made);
    if (at != NULL) {
        g_date_time_unref(at);
    }
}

void copy_time_people(int64_t ms, char text[COPY_TIME])
{
    format(ms != 0 ? g_date_time_new_from_unix_local(ms / 1000) : NULL, "%Y-%m-%d %H:%M", text);
}

void copy_time_fhir(int64_t ms, char text[COPY_TIME])
{
    char seconds[COPY_TIME];
    format(g_date_time_new_from_unix_utc(ms / 1000), "%Y-%m-%dT%H:%M:%S", seconds);
    (void)snprintf(text, COPY_TIME, "%.20s.%03dZ", seconds, (int)(ms % 1000));
}

void copy_uuid(const uint8_t id[LIMIT_ID_SIZE], char text[COPY_UUID])
{
    char *at = text;
    for (size_t i = 0; i < LIMIT_ID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        at += snprintf(at, 3, "%02x", id[i]);
    }
}

const char *copy_talk(Attune__Talk talk)
{
    static const char *const words[] = {"", "talk about it: now", "talk about it: next time",
                                        "talk about it: rather not"};
    return WORD(words, talk);
}

const char *copy_better(Attune__Better better)
{
    static const char *const words[] = {"",
                                        "what would have made it better: understanding",
                                        "what would have made it better: relevance",
                                        "what would have made it better: safety",
                                        "what would have made it better: fit",
                                        "what would have made it better: nothing"};
    return WORD(words, better);
}

const char *copy_tension(Attune__Tension tension)
{
    static const char *const words[] = {"", "tension: none", "tension: there was, cleared up",
                                        "tension: there was, not cleared up"};
    return WORD(words, tension);
}

const char *copy_outcome(Attune__GoalOutcome outcome)
{
    static const char *const words[] = {"in force", "reached", "let go", "replaced by a later one"};
    return WORD(words, outcome);
}

const char *copy_goal_area(Attune__Area area)
{
    return area >= ATTUNE__AREA__AREA_UNDERSTANDING && area <= ATTUNE__AREA__AREA_FIT
               ? copy_area_word((size_t)area - 1)
               : "";
}

const char *copy_tier(Attune__Tier tier)
{
    static const char *const words[] = {"", "to keep in mind", "to ask about soon", "good news",
                                        "a pattern"};
    return WORD(words, tier);
}
