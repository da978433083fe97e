/* DROP: below the practice's cut and far below what is usual for this client: at least 4 points,
 * and at least twice the spread of their own ratings.
 *
 * T <= B - max(4, 2s), s = sqrt((SS + 4 s0²) / (n + 3)), without a square root or a fraction: the
 * drop is doubled (B may lie between two totals), squared and multiplied out, so that a rating
 * exactly on the line is on it on every machine. Where UNUSUAL is in force it has DROP's place. */
#include <math.h>

#include "server/aggregator/rules/rules.h"

enum { PRIOR_WEIGHT = 4, PRIOR_RATINGS = 3, EARLIER_MIN = 3 };

/* At most 800, 19 and 400, and 100 tenths of a spread: every product below is far from 2^63. The
 * drop in half tenths, the spreads in tenths: (drop / 2)² >= (spreads / 10)² s². */
static bool is_beyond_the_spread(const struct figures *f, const struct rule_settings *s,
                                 int64_t drop_twice)
{
    int64_t n = (int64_t)f->earlier, spreads = s->drop_spreads;
    int64_t variance_sum = f->squares_times_earlier + PRIOR_WEIGHT * n * s->spread * s->spread;
    return 25 * drop_twice * drop_twice * n * (n + PRIOR_RATINGS) >=
           spreads * spreads * variance_sum;
}

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    int64_t drop_twice = (int64_t)f->usual_twice - 2 * f->total;
    bool drop = !s->unusual_on && f->total < s->cut && drop_twice >= 2 * (int64_t)s->drop_least &&
                is_beyond_the_spread(f, s, drop_twice);
    return drop ? TIER_RED : TIER_NONE;
}

/* For the sentence only: rounded up to a tenth. */
static int threshold(const struct figures *f, const struct rule_settings *s)
{
    int rounded = (int)ceil(s->drop_spreads * figures_spread(f, s) / 10 - 1e-9);
    return rounded > s->drop_least ? rounded : s->drop_least;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char drop[NUMBER_ROOM], usual[NUMBER_ROOM], least[NUMBER_ROOM];
    SAY(say, TEXT_DROP_WHY, say_number(say->texts, (f->usual_twice - 2 * f->total + 1) / 2, drop),
        say_number(say->texts, (f->usual_twice + 1) / 2, usual),
        say_number(say->texts, threshold(f, s), least));
}

const struct rule rule_drop = {
    .id = "DROP",
    .version = 2,
    .ratings_min = EARLIER_MIN + 1,
    .on = offsetof(struct rule_settings, drop_on),
    .judge = judge,
    .why = why,
    .rate = TEXT_RED_RATE,
    .now = TEXT_DROP_NOW,
    .now_late = TEXT_DROP_LATE,
    .next_time = TEXT_DROP_NEXT,
};
