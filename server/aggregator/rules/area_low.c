/* AREA_LOW: the same area at or below a line in at least three of the last four ratings, and on
 * average well below the other areas. A pattern, not an event. */
#include "server/aggregator/rules/rules.h"

enum { OF = 4, AT_LEAST = 3, OTHERS = AREAS - 1 };

/* The last four, the judged one included: 0 is the judged one. */
static const int16_t *recent(const struct figures *f, size_t back)
{
    return back == 0 ? f->scores : f->complete[f->earlier - back];
}

/* OTHERS × the sum of how far the area lies below the others' mean over the four. */
static int below_times(const struct figures *f, int area)
{
    int below = 0;
    for (size_t back = 0; back < OF; back++) {
        const int16_t *scores = recent(f, back);
        for (int other = 0; other < AREAS; other++) {
            below += other == area ? 0 : scores[other] - scores[area];
        }
    }
    return below;
}

static bool is_low(const struct figures *f, const struct rule_settings *s, int area)
{
    int low = 0;
    for (size_t back = 0; back < OF; back++) {
        low += recent(f, back)[area] <= s->area_low_at;
    }
    return low >= AT_LEAST && below_times(f, area) >= OF * OTHERS * s->area_low_below;
}

/* Of several, the one furthest below; AREAS: none. */
static int found(const struct figures *f, const struct rule_settings *s)
{
    int best = AREAS;
    for (int area = 0; area < AREAS; area++) {
        if (is_low(f, s, area) && (best == AREAS || below_times(f, area) > below_times(f, best))) {
            best = area;
        }
    }
    return best;
}

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    return found(f, s) < AREAS ? TIER_PATTERN : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char line[NUMBER_ROOM], below[NUMBER_ROOM];
    int area = found(f, s);
    SAY(say, TEXT_AREA_LOW_WHY, say->texts->at[rule_area(area)],
        say_number(say->texts, s->area_low_at, line),
        say_number(say->texts, below_times(f, area) / (OF * OTHERS), below));
}

const struct rule rule_area_low = {
    .id = "AREA_LOW",
    .version = 1,
    .ratings_min = OF,
    .on = offsetof(struct rule_settings, area_low_on),
    .judge = judge,
    .why = why,
    .area = found,
    .rate = TEXT_AREA_LOW_RATE,
    .now = TEXT_AREA_LOW_NOW,
    .now_late = TEXT_AREA_LOW_NOW,
    .next_time = TEXT_AREA_LOW_NEXT,
};
