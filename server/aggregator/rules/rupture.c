/* Happy path: a red rating opens; each one after it repairs, ends, tells again or lowers the
 * lowest. Failure: none; a rating without a total lets the sessions count and does no more. */
#include "server/aggregator/rules/rupture.h"

#include "server/aggregator/rules/figures.h"

static uint8_t areas_at(const struct figures *f, const struct rule_settings *s)
{
    unsigned bits = 0;
    for (int i = 0; i < AREAS; i++) {
        bits |= f->scores[i] != SCORE_MISSING && f->scores[i] <= s->very_low_area ? 1U << i : 0;
    }
    return (uint8_t)bits;
}

/* T >= min(cut, what was usual before), or T >= low + repair.rise. What VERY_LOW speaks of is not
 * good news, however usual it is for this client. */
static bool is_repaired(const struct rupture *r, const struct figures *f,
                        const struct rule_settings *s)
{
    if (!f->has_total || areas_at(f, s) != 0 || f->total <= s->very_low_total) {
        return false;
    }
    int enough_twice = 2 * s->cut;
    if (r->usual_twice > 0 && r->usual_twice < enough_twice) {
        enough_twice = r->usual_twice;
    }
    return 2 * f->total >= enough_twice ||
           (r->low != RUPTURE_NO_TOTAL && f->total >= r->low + s->repair_rise);
}

static bool is_worse(const struct rupture *r, const struct figures *f,
                     const struct rule_settings *s)
{
    bool new_area = (areas_at(f, s) & ~r->low_areas) != 0;
    bool much_lower =
        f->has_total && r->low != RUPTURE_NO_TOTAL && f->total <= r->low - s->again_fall;
    return new_area || much_lower;
}

static void take(struct rupture *r, const struct figures *f, const struct rule_settings *s)
{
    r->low_areas |= areas_at(f, s);
    if (f->has_total && (r->low == RUPTURE_NO_TOTAL || f->total < r->low)) {
        r->low = f->total;
    }
}

enum rupture_event rupture_step(struct rupture *r, const struct figures *f, bool red,
                                const struct rule_settings *s)
{
    r->told = red && (!r->open || is_worse(r, f, s));
    if (!r->open) {
        if (red) {
            *r = (struct rupture){
                .open = true, .told = true, .low = RUPTURE_NO_TOTAL, .usual_twice = f->usual_twice};
            take(r, f, s);
        }
        return red ? RUPTURE_OPENED : RUPTURE_NONE;
    }
    r->sessions++;
    if (is_repaired(r, f, s)) {
        r->open = r->told = false;
        return RUPTURE_REPAIRED;
    }
    if (r->sessions >= s->repair_sessions) {
        r->open = false;
        return RUPTURE_UNREPAIRED;
    }
    take(r, f, s);
    return r->told ? RUPTURE_AGAIN : RUPTURE_NONE;
}
