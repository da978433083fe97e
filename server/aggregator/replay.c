/* Happy path: rating by rating, as the review judges them, without keeping a word. Failure: none.
 */
#include "server/aggregator/replay.h"

#include <string.h>

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

static void count_findings(struct replay *r, const struct finding *found, size_t count, bool *seen)
{
    for (size_t i = 0; i < count; i++) {
        r->reds += found[i].tier == TIER_RED;
        for (size_t rule = 0; rule < RULES; rule++) {
            if (found[i].rule == rules_at(rule)) {
                r->rules[rule].prompts++;
                seen[rule] = true;
            }
        }
    }
}

void replay_course(struct replay *r, const struct store_claimed *ratings, size_t count,
                   const struct rule_settings *settings, const struct chance *chance)
{
    struct rupture rupture = {0};
    bool seen[RULES] = {false};
    r->courses++;
    for (size_t at = 0; at < count; at++) {
        struct history h;
        struct finding found[RULES];
        struct evaluation whole;
        const struct judgement j = {.history = &h,
                                    .settings = settings,
                                    .chance = chance,
                                    .texts = &texts_english,
                                    .late = true};
        take_history(ratings, at, &h);
        size_t findings = evaluate(&j, &rupture, &whole, found);
        r->sessions++;
        r->ruptures += whole.event == RUPTURE_OPENED;
        r->repaired += whole.event == RUPTURE_REPAIRED;
        r->unrepaired += whole.event == RUPTURE_UNREPAIRED;
        count_findings(r, found, findings, seen);
    }
    for (size_t rule = 0; rule < RULES; rule++) {
        r->rules[rule].courses += seen[rule];
    }
}
