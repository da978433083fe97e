/* Happy path: the figures once, then each rule that has enough ratings is asked; the texts of those
 * that fire are written from the same figures. Failure: none. A rating with a missing area has no
 * total, and no rule fires. */
#include "server/aggregator/evaluate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/must.h"

struct text {
    char *room;
    size_t size, len;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(t->room + t->len, t->size - t->len, format, arguments);
    va_end(arguments);
    must(n >= 0 && (size_t)n < t->size - t->len); /* The rooms are made for the longest. */
    t->len += (size_t)n;
}

/* "Understanding 4.5 (usually 9.1), …; total 21.2 of 40." */
static void say_what(const struct figures *f, struct finding *out)
{
    struct text t = {.room = out->what, .size = sizeof out->what};
    char number[NUMBER_ROOM];
    for (int i = 0; i < AREAS; i++) {
        add(&t, "%s%s %s", i == 0 ? "" : ", ", rule_area(i), rule_number(f->scores[i], number));
        if (f->earlier > 0) {
            add(&t, " (usually %s)", rule_number(f->usual[i], number));
        }
    }
    add(&t, "; total %s of 40.", rule_number(f->total, number));
    if (f->earlier == 0) {
        add(&t, " There is no earlier rating to compare it with.");
    }
}

static void say_next_time(const struct figures *f, struct finding *out)
{
    static const char *const phrases[AREAS] = {
        "how well they feel understood", "what the sessions are about",
        "what makes it safe to speak", "the way you work together"};
    const char *format = out->rule->next_time;
    const char *place = strstr(format, "%s");
    must(place != NULL);
    struct text t = {.room = out->next_time, .size = sizeof out->next_time};
    add(&t, "%.*s%s%s", (int)(place - format), format, phrases[rule_lowest(f)], place + 2);
}

static void say_why(const struct figures *f, const struct rule_settings *s, struct finding *out)
{
    char sentence[TEXT_ROOM];
    struct text t = {.room = out->why, .size = sizeof out->why};
    out->rule->why(f, s, sentence, sizeof sentence);
    add(&t, "%s %s", sentence, out->rule->false_alarms);
}

static void note_inputs(const struct figures *f, const struct rule_settings *s, bool late,
                        struct finding *out)
{
    struct text t = {.room = out->inputs, .size = sizeof out->inputs};
    add(&t, "{\"unit\": \"tenths\", \"scores\": [%d, %d, %d, %d], \"total\": %d, \"earlier\": [",
        f->scores[0], f->scores[1], f->scores[2], f->scores[3], f->total);
    for (size_t i = 0; i < f->earlier; i++) {
        add(&t, "%s%d", i == 0 ? "" : ", ", f->totals[i]);
    }
    add(&t, "], \"usual_twice\": %d, \"cut\": %d, \"spread\": %d, \"late\": %s}", f->usual_twice,
        s->cut, s->spread, late ? "true" : "false");
}

size_t evaluate(const struct history *h, const struct rule_settings *settings, bool late,
                struct finding out[RULES])
{
    struct figures f;
    size_t count = 0;
    if (!figures_take(h, &f)) {
        return 0;
    }
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *rule = rules_at(i);
        if (f.earlier + 1 < rule->ratings_min || !rule->fires(&f, settings)) {
            continue;
        }
        struct finding *found = &out[count++];
        found->rule = rule;
        found->now = late ? rule->now_late : rule->now;
        memcpy(found->usual, f.usual, sizeof found->usual);
        say_what(&f, found);
        say_why(&f, settings, found);
        say_next_time(&f, found);
        note_inputs(&f, settings, late, found);
    }
    return count;
}
