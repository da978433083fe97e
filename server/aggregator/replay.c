/* Happy path: rating by rating, as the review judges them, without keeping a word. Failure: none.
 */
#include "server/aggregator/replay.h"

#include <string.h>

#include "proto/wire/must.h"

static const int64_t eight_weeks_ms = (int64_t)8 * 7 * 24 * 3600 * 1000;
static const size_t not_seen = SIZE_MAX;

/* What one course is gone through with. */
struct course {
    size_t count, at;
    bool seen[RULES];
    size_t earliest[RULES]; /* Session, of the last REPLAY_LEADS; not_seen. */
};

static void take_history(const struct store_claimed *ratings, size_t at,
                         struct history *ret_history)
{
    size_t from = at + 1 > HISTORY_MAX ? at + 1 - HISTORY_MAX : 0;
    ret_history->count = at + 1 - from;
    for (size_t i = 0; i < ret_history->count; i++) {
        memcpy(ret_history->scores[i], ratings[from + i].scores, sizeof ret_history->scores[i]);
        ret_history->skipped[i] = ratings[from + i].skipped;
        ret_history->tension[i] = (enum tension)ratings[from + i].tension;
    }
}

static void count_prompt(struct replay *r, const struct rule *said, struct course *c)
{
    bool is_near_the_end = c->count - c->at <= REPLAY_LEADS;
    for (size_t rule = 0; rule < RULES; rule++) {
        if (said != rules_at(rule)) {
            continue;
        }
        r->rules[rule].prompts++;
        c->seen[rule] = true;
        if (is_near_the_end && c->earliest[rule] == not_seen) {
            c->earliest[rule] = c->at;
        }
    }
}

/* CEILING is no finding: it asks. */
static void count_findings(struct replay *r, const struct finding *found, size_t count,
                           const struct evaluation *whole, struct course *c)
{
    for (size_t i = 0; i < count; i++) {
        r->reds += found[i].tier == TIER_RED;
        count_prompt(r, found[i].rule, c);
    }
    if (whole->ask_better) {
        count_prompt(r, &rule_ceiling, c);
    }
}

static void count_course(struct replay *r, const struct course *c, bool has_stopped)
{
    r->courses++;
    r->stopped += has_stopped;
    for (size_t rule = 0; rule < RULES; rule++) {
        r->rules[rule].courses += c->seen[rule];
        if (has_stopped && c->earliest[rule] != not_seen) {
            r->rules[rule].leads[c->count - 1 - c->earliest[rule]]++;
        }
    }
}

bool replay_has_stopped(int64_t last_ms, int64_t practice_last_ms)
{
    return practice_last_ms - last_ms >= eight_weeks_ms;
}

void replay_course(struct replay *r, const struct store_claimed *ratings, size_t count,
                   bool has_stopped, const struct rule_settings *settings,
                   const struct chance *chance)
{
    struct rupture rupture = {0};
    struct course c = {.count = count};
    for (size_t rule = 0; rule < RULES; rule++) {
        c.earliest[rule] = not_seen;
    }
    for (c.at = 0; c.at < count; c.at++) {
        struct history h;
        struct finding found[RULES];
        struct evaluation whole;
        const struct judgement j = {
            .history = &h, .settings = settings, .chance = chance, .late = true};
        take_history(ratings, c.at, &h);
        size_t findings = evaluate(&j, &rupture, &whole, found);
        r->sessions++;
        r->ruptures += whole.event == RUPTURE_OPENED;
        r->repaired += whole.event == RUPTURE_REPAIRED;
        r->unrepaired += whole.event == RUPTURE_UNREPAIRED;
        count_findings(r, found, findings, &whole, &c);
    }
    count_course(r, &c, has_stopped);
}

uint64_t replay_warned(const struct replay_count *c)
{
    uint64_t warned = 0;
    for (size_t lead = 0; lead < REPLAY_LEADS; lead++) {
        warned += c->leads[lead];
    }
    return warned;
}

/* The lead of the n-th course, 0 being the shortest. */
static size_t lead_at(const struct replay_count *c, uint64_t n)
{
    size_t lead = 0;
    for (uint64_t passed = c->leads[0]; passed <= n; passed += c->leads[lead]) {
        lead++;
    }
    return lead;
}

double replay_lead(const struct replay_count *c)
{
    uint64_t warned = replay_warned(c);
    must(warned > 0);
    return (double)(lead_at(c, (warned - 1) / 2) + lead_at(c, warned / 2)) / 2;
}
