/* Happy path: opened by a red, over when the total is back.
 * Failure: none. */
#include "server/aggregator/study/episode.h"

enum { LOWER_AGAIN = 40, REPAIRED_BY = 40, AREA_AT_MOST = 50 };

static unsigned low_areas(const struct figures *f)
{
    unsigned bits = 0;
    for (unsigned area = 0; area < AREAS; area++) {
        bits |= f->scores[area] <= AREA_AT_MOST ? 1U << area : 0;
    }
    return bits;
}

bool episode_tells(const struct episode *e, const struct figures *f, bool is_red)
{
    bool is_worse = f->total <= e->low - LOWER_AGAIN || (low_areas(f) & ~e->areas) != 0;
    return is_red && (!e->is_open || is_worse);
}

static void open_episode(struct episode *e, const struct figures *f, const struct rule_settings *s)
{
    bool is_below_cut = f->earlier > 0 && f->usual_twice < 2 * s->cut;
    *e = (struct episode){.is_open = true,
                          .low = f->total,
                          .areas = low_areas(f),
                          .enough_twice = is_below_cut ? f->usual_twice : 2 * s->cut};
}

void episode_add(struct episode *e, const struct figures *f, const struct rule_settings *s,
                 bool is_red)
{
    bool is_told = episode_tells(e, f, is_red);
    if (!e->is_open) {
        if (is_told) {
            open_episode(e, f, s);
        }
        return;
    }
    if (is_told) {
        e->low = f->total < e->low ? f->total : e->low;
        e->areas |= low_areas(f);
    }
    e->is_open = 2 * f->total < e->enough_twice && f->total < e->low + REPAIRED_BY;
}
