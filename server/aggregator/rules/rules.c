/* The list, and what the rules share. */
#include "server/aggregator/rules/rules.h"

#include <string.h>

#include "proto/wire/must.h"

const struct rule *rules_at(size_t i)
{
    static const struct rule *const rules[RULES] = {
        &rule_tension,  &rule_very_low,  &rule_unusual,  &rule_drop,   &rule_slide,
        &rule_early,    &rule_area_drop, &rule_area_low, &rule_silent, &rule_repair,
        &rule_strength, &rule_level,     &rule_ceiling};
    must(i < RULES);
    return rules[i];
}

static bool is_on(const struct rule *r, const struct rule_settings *s)
{
    int32_t on;
    memcpy(&on, (const char *)s + r->on, sizeof on);
    return on != 0;
}

enum tier rule_judge(const struct rule *r, const struct figures *f, const struct rule_settings *s)
{
    bool enough = r->kind == RULE_OF_ANYTHING || (f->has_total && f->earlier + 1 >= r->ratings_min);
    return enough && is_on(r, s) ? r->judge(f, s) : TIER_NONE;
}

int rule_lowest(const struct figures *f)
{
    int lowest = 0;
    for (int i = 1; i < AREAS; i++) {
        bool answered = f->scores[i] != SCORE_MISSING;
        if (answered && (f->scores[lowest] == SCORE_MISSING || f->scores[i] < f->scores[lowest])) {
            lowest = i;
        }
    }
    return lowest;
}

int rule_fallen(const struct figures *f)
{
    int furthest = 0;
    for (int i = 1; i < AREAS && f->earlier > 0; i++) {
        if (f->usual[i] - f->scores[i] > f->usual[furthest] - f->scores[furthest]) {
            furthest = i;
        }
    }
    return furthest;
}

enum text rule_area(int area)
{
    must(area >= 0 && area < AREAS);
    return (enum text)(TEXT_AREA_UNDERSTANDING + area);
}

enum text rule_phrase(int area)
{
    must(area >= 0 && area < AREAS);
    return (enum text)(TEXT_IN_UNDERSTANDING + area);
}
