/* Happy path: the figures once; every rule that has enough to go by is asked; the rupture moves;
 * the texts of those that are told are written from the same figures. Failure: none. A rating with
 * a missing area has no total, and no rule of totals fires. */
#include "server/aggregator/evaluate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/must.h"

/* Which rules fire, and how. */
struct verdicts {
    enum tier tier[RULES];
    size_t red; /* The first red one; RULES: none. */
};

static void ask_all(struct figures *f, const struct rule_settings *s, struct verdicts *v)
{
    v->red = RULES;
    for (size_t i = 0; i < RULES; i++) {
        v->tier[i] = rule_judge(rules_at(i), f, s);
        if (v->tier[i] == TIER_RED && v->red == RULES) {
            v->red = i;
        }
    }
}

static void look(const struct judgement *j, struct figures *ret_figures,
                 struct verdicts *ret_verdicts)
{
    figures_take(j->history, ret_figures);
    if (j->chance != NULL && ret_figures->has_total && ret_figures->earlier > 0) {
        bool known = chance_of(j->chance, j->history, &ret_figures->chance);
        must(known);
    }
    ask_all(ret_figures, j->settings, ret_verdicts);
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void say_what(const struct figures *f, const struct texts *t, struct finding *out)
{
    struct say w = {.texts = t, .room = out->what, .size = sizeof out->what};
    char number[NUMBER_ROOM], usual[NUMBER_ROOM];
    if (f->skipped) {
        SAY(&w, TEXT_WHAT_SKIPPED, NULL);
        return;
    }
    for (int i = 0; i < AREAS; i++) {
        const char *area = t->at[rule_area(i)];
        if (i > 0) {
            say_as_is(&w, ", ");
        }
        if (f->scores[i] == SCORE_MISSING) {
            say_text_on(&w, TEXT_WHAT_AREA_NOT_ANSWERED, (const char *const[4]){area});
        } else if (f->earlier == 0) {
            say_text_on(&w, TEXT_WHAT_AREA,
                        (const char *const[4]){area, say_number(t, f->scores[i], number)});
        } else {
            say_text_on(&w, TEXT_WHAT_AREA_USUAL,
                        (const char *const[4]){area, say_number(t, f->scores[i], number),
                                               say_number(t, f->usual[i], usual)});
        }
    }
    say_as_is(&w, ";");
    if (f->has_total) {
        SAY(&w, TEXT_WHAT_TOTAL, say_number(t, f->total, number));
    } else {
        SAY(&w, TEXT_WHAT_NO_TOTAL, NULL);
    }
    SAY(&w, f->earlier == 0 ? TEXT_WHAT_FIRST : TEXT_NOTHING, NULL);
}

static void say_why(const struct figures *f, const struct judgement *j, struct finding *out)
{
    struct say w = {.texts = j->texts, .room = out->why, .size = sizeof out->why};
    out->rule->why(f, j->settings, &w);
    SAY(&w, out->rule->rate, NULL);
}

static void say_next_time(const struct figures *f, const struct judgement *j, struct finding *out)
{
    struct say w = {.texts = j->texts, .room = out->next_time, .size = sizeof out->next_time};
    int area = out->rule->area == NULL ? rule_lowest(f) : out->rule->area(f, j->settings);
    SAY(&w, out->rule->next_time, j->texts->at[rule_phrase(area)]);
}

/* ---- what is kept ---------------------------------------------------------------------------- */

struct note {
    char *room;
    size_t size, len;
};

__attribute__((format(printf, 2, 3))) static void add(struct note *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(t->room + t->len, t->size - t->len, format, arguments);
    va_end(arguments);
    must(n >= 0 && (size_t)n < t->size - t->len); /* The room is made for the longest. */
    t->len += (size_t)n;
}

static void note_numbers(struct note *t, const char *name, const int *numbers, size_t count)
{
    add(t, ", \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        add(t, "%s%d", i == 0 ? "" : ", ", numbers[i]);
    }
    add(t, "]");
}

static void note_inputs(const struct figures *f, const struct judgement *j,
                        const struct verdicts *v, struct finding *out)
{
    struct note t = {.room = out->inputs, .size = sizeof out->inputs};
    int32_t lines[RULE_SETTINGS];
    const char *comma = "";
    rule_settings_to(j->settings, lines);
    add(&t, "{\"unit\": \"tenths\", \"scores\": [%d, %d, %d, %d], \"total\": %d", f->scores[0],
        f->scores[1], f->scores[2], f->scores[3], f->total);
    note_numbers(&t, "earlier", f->totals, f->earlier);
    add(&t, ", \"usual_twice\": %d, \"session\": %zu, \"skips\": %zu, \"tension\": %d",
        f->usual_twice, f->session, f->skips, (int)f->tension);
    note_numbers(&t, "settings", lines, RULE_SETTINGS);
    add(&t, ", \"settings_version\": %d, \"late\": %s, \"also\": [", j->settings_version,
        j->late ? "true" : "false");
    bool is_red = v->red < RULES && out->rule == rules_at(v->red);
    for (size_t i = v->red + 1; is_red && i < RULES; i++) {
        if (v->tier[i] == TIER_RED) {
            add(&t, "%s\"%s\"", comma, rules_at(i)->id);
            comma = ", ";
        }
    }
    add(&t, "]}");
}

/* ---- evaluate -------------------------------------------------------------------------------- */

static void tell(const struct figures *f, const struct judgement *j, const struct verdicts *v,
                 struct finding *out)
{
    const struct rule *rule = out->rule;
    out->now = j->texts->at[j->late ? rule->now_late : rule->now];
    memcpy(out->usual, f->usual, sizeof out->usual);
    say_what(f, j->texts, out);
    say_why(f, j, out);
    say_next_time(f, j, out);
    note_inputs(f, j, v, out);
}

size_t evaluate(const struct judgement *j, struct rupture *rupture, struct evaluation *ret_whole,
                struct finding out[RULES])
{
    struct figures f;
    struct verdicts v;
    size_t count = 0;
    bool ask_better = false;
    look(j, &f, &v);
    f.event = rupture_step(rupture, &f, v.red < RULES, j->settings);
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *rule = rules_at(i);
        enum tier tier = rule == &rule_repair ? rule_judge(rule, &f, j->settings) : v.tier[i];
        ask_better = ask_better || tier == TIER_ASK;
        if (tier <= TIER_ASK || (tier == TIER_RED && i != v.red)) {
            continue;
        }
        struct finding *found = &out[count++];
        found->rule = rule;
        found->tier = tier == TIER_RED && !rupture->told ? TIER_AMBER : tier;
        if (j->texts != NULL) {
            tell(&f, j, &v, found);
        }
    }
    *ret_whole = (struct evaluation){f.event, ask_better};
    return count;
}

enum rupture_event evaluate_rupture(const struct judgement *j, struct rupture *rupture)
{
    struct figures f;
    struct verdicts v;
    look(j, &f, &v);
    return rupture_step(rupture, &f, v.red < RULES, j->settings);
}
