/* DROP: below the practice's cut and far below what is usual for this client: at least 4 points,
 * and at least twice the spread of their own ratings.
 *
 * T <= B - max(4, 2s), s = sqrt((SS + 4 s0²) / (n + 3)), without a square root or a fraction: the
 * drop is doubled (B may lie between two totals), squared and multiplied out, so that a rating
 * exactly on the line is on it on every machine. */
#include <math.h>
#include <stdio.h>

#include "server/aggregator/rules/rule.h"

enum { DROP_TWICE_MIN = 2 * 40, PRIOR_WEIGHT = 4, PRIOR_RATINGS = 3, EARLIER_MIN = 3 };

/* At most 800, 19 and 400: every product below is far from 2^63. */
static bool is_twice_the_spread(const struct figures *f, const struct rule_settings *s,
                                int64_t drop_twice)
{
    int64_t n = (int64_t)f->earlier;
    int64_t variance_sum = f->squares_times_earlier + PRIOR_WEIGHT * n * s->spread * s->spread;
    return drop_twice * drop_twice * n * (n + PRIOR_RATINGS) >= 16 * variance_sum;
}

static bool fires(const struct figures *f, const struct rule_settings *s)
{
    int64_t drop_twice = (int64_t)f->usual_twice - 2 * f->total;
    return f->total < s->cut && drop_twice >= DROP_TWICE_MIN &&
           is_twice_the_spread(f, s, drop_twice);
}

/* For the sentence only: rounded up to a tenth. */
static int threshold(const struct figures *f, const struct rule_settings *s)
{
    double n = (double)f->earlier;
    double sum =
        (double)f->squares_times_earlier / n + PRIOR_WEIGHT * (double)s->spread * s->spread;
    double twice = 2 * sqrt(sum / (n + PRIOR_RATINGS));
    int rounded = (int)ceil(twice - 1e-9);
    return rounded > DROP_TWICE_MIN / 2 ? rounded : DROP_TWICE_MIN / 2;
}

static void why(const struct figures *f, const struct rule_settings *s, char *room,
                size_t room_size)
{
    char drop[NUMBER_ROOM], usual[NUMBER_ROOM], least[NUMBER_ROOM];
    (void)snprintf(room, room_size,
                   "The total is %s below this client's usual %s; for them, %s or more stands out.",
                   rule_number((f->usual_twice - 2 * f->total + 1) / 2, drop),
                   rule_number((f->usual_twice + 1) / 2, usual),
                   rule_number(threshold(f, s), least));
}

const struct rule rule_drop = {
    .id = "DROP",
    .version = 1,
    .tier = TIER_RED,
    .ratings_min = EARLIER_MIN + 1,
    .fires = fires,
    .why = why,
    .false_alarms = "Red prompts come up in about 9 of 100 sessions in which nothing is wrong: "
                    "a reason to ask, not a finding.",
    .now = "Thank them for the honest answer. Say that today looks different from before, ask what "
           "was different, and listen; do not defend or fix yet.",
    .now_late = "The session is over. Before the next one, think back to what was different in "
                "this one; there is no need to have an answer ready.",
    .next_time = "Come back to it early. Ask whether it still feels that way, and agree on one "
                 "change in %s.",
};
