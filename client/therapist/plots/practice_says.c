/* Happy path: the therapists in one sentence, then who is outside and those with a code; the weeks
 * from first to last, the last in figures, then the extremes. Failure: none; what does not fit is
 * left out from the end. */
#include <math.h>

#include "client/therapist/plots/figures.h"
#include "client/therapist/plots/say.h"

static void say_compared(struct say *s, size_t compared, size_t left_out, double share)
{
    char count[SAY_NUMBER], percent[SAY_NUMBER], least[SAY_NUMBER];
    (void)say_percent(share, percent);
    if (compared == 0) {
        SAY(s, PLOT_WORD_NOBODY, NULL);
    } else if (compared == 1) {
        SAY(s, PLOT_WORD_SAYS_ONE_COMPARED, NULL, percent);
    } else {
        SAY(s, PLOT_WORD_SAYS_COMPARED, say_count(s->words, compared, count), percent);
    }
    if (left_out > 0) {
        SAY(s, PLOT_WORD_SAYS_LEFT_OUT, say_whole((long long)left_out, count),
            say_whole(PLOT_RATINGS_MIN, least));
    }
}

static void say_dot(struct say *s, const struct plot_dot *d, double share)
{
    static const enum plot_word words[] = {[PLOT_WITHIN] = PLOT_WORD_SAYS_DOT_WITHIN,
                                           [PLOT_OUTSIDE_95] = PLOT_WORD_SAYS_DOT_BETWEEN,
                                           [PLOT_OUTSIDE_998] = PLOT_WORD_SAYS_DOT_OUTSIDE};
    char percent[SAY_NUMBER], of[SAY_NUMBER];
    SAY(s, words[plot_dot_place(d, share)], d->code, say_percent(plot_dot_share(d), percent),
        say_whole(d->of, of));
}

const char *plot_funnel_says(const struct plot_shares *shares, const struct plot_words *words,
                             char room[PLOT_SAYS])
{
    struct say s;
    char count[SAY_NUMBER];
    size_t compared = 0, outside = 0;
    say_init(&s, words, room, PLOT_SAYS);
    for (size_t i = 0; i < shares->count; i++) {
        const struct plot_dot *d = &shares->dots[i];
        bool is_compared = d->of >= PLOT_RATINGS_MIN;
        compared += is_compared;
        outside += is_compared && plot_dot_place(d, shares->share) == PLOT_OUTSIDE_998;
    }
    say_compared(&s, compared, shares->count - compared, shares->share);
    if (compared > 0 && outside == 0) {
        SAY(&s, PLOT_WORD_SAYS_ALL_WITHIN, NULL);
    } else if (outside == 1) {
        SAY(&s, PLOT_WORD_SAYS_ONE_OUTSIDE, NULL);
    } else if (outside > 1) {
        SAY(&s, PLOT_WORD_SAYS_OUTSIDE, say_count(s.words, outside, count));
    }
    for (size_t i = 0; i < shares->count; i++) {
        if (shares->dots[i].code != NULL && shares->dots[i].of >= PLOT_RATINGS_MIN) {
            say_dot(&s, &shares->dots[i], shares->share);
        }
    }
    return room;
}

/* ---- weeks ----------------------------------------------------------------------------------- */

static bool has_value(const struct plot_calendar *c, size_t at)
{
    return !c->weeks[at].hidden && (c->kind == PLOT_WEEKS_STACK || c->weeks[at].of > 0);
}

static double value_of(const struct plot_calendar *c, size_t at)
{
    const struct plot_week *w = &c->weeks[at];
    double sum = 0;
    for (size_t part = 0; part < PLOT_PARTS_MAX; part++) {
        sum += w->parts[part];
    }
    return c->kind == PLOT_WEEKS_SHARE ? fmin((double)w->parts[0] / w->of, 1) : sum;
}

static void say_span(struct say *s, const struct plot_calendar *c)
{
    char count[SAY_NUMBER], first[SAY_DAY], last[SAY_DAY];
    (void)say_day(s->words, &c->weeks[0].monday, true, first);
    (void)say_day(s->words, &c->weeks[c->count - 1].monday, true, last);
    if (c->count == 1) {
        SAY(s, PLOT_WORD_SAYS_ONE_WEEK, first);
    } else {
        SAY(s, PLOT_WORD_SAYS_WEEKS, say_count(s->words, c->count, count), first, last);
    }
}

static void say_last_week(struct say *s, const struct plot_calendar *c)
{
    const struct plot_week *w = &c->weeks[c->count - 1];
    char number[SAY_NUMBER], of[SAY_NUMBER], percent[SAY_NUMBER];
    if (!has_value(c, c->count - 1)) {
        return;
    }
    if (c->kind == PLOT_WEEKS_SHARE) {
        SAY(s, PLOT_WORD_SAYS_SHARE, say_whole(w->parts[0], number), say_whole(w->of, of),
            say_percent(value_of(c, c->count - 1), percent));
        return;
    }
    SAY(s, PLOT_WORD_SAYS_STACK, say_whole((long long)value_of(c, c->count - 1), number));
    for (size_t part = 0; part < PLOT_PARTS_MAX && c->names[part] != NULL; part++) {
        SAY(s, PLOT_WORD_SAYS_PART, c->names[part], say_whole(w->parts[part], number));
    }
}

/* Of two alike the later one. */
static void say_extremes(struct say *s, const struct plot_calendar *c)
{
    size_t low = c->count, high = c->count, count = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (has_value(c, i)) {
            count++;
            low = low == c->count || value_of(c, i) <= value_of(c, low) ? i : low;
            high = high == c->count || value_of(c, i) >= value_of(c, high) ? i : high;
        }
    }
    if (count < 2) {
        return;
    }
    char numbers[2][SAY_NUMBER], days[2][SAY_DAY];
    (void)say_day(s->words, &c->weeks[low].monday, false, days[0]);
    (void)say_day(s->words, &c->weeks[high].monday, false, days[1]);
    if (c->kind == PLOT_WEEKS_SHARE) {
        SAY(s, PLOT_WORD_SAYS_SHARE_RANGE, say_percent(value_of(c, low), numbers[0]), days[0],
            say_percent(value_of(c, high), numbers[1]), days[1]);
    } else {
        SAY(s, PLOT_WORD_SAYS_MOST, days[1], say_whole((long long)value_of(c, high), numbers[0]));
    }
}

const char *plot_weeks_says(const struct plot_calendar *c, const struct plot_words *words,
                            char room[PLOT_SAYS])
{
    struct say s;
    char number[SAY_NUMBER];
    size_t hidden = 0;
    say_init(&s, words, room, PLOT_SAYS);
    if (c->count == 0) {
        SAY(&s, PLOT_WORD_SAYS_NO_WEEK, NULL);
        return room;
    }
    say_span(&s, c);
    say_last_week(&s, c);
    say_extremes(&s, c);
    for (size_t i = 0; i < c->count; i++) {
        hidden += c->weeks[i].hidden;
    }
    if (hidden == 1) {
        SAY(&s, PLOT_WORD_SAYS_ONE_HIDDEN, NULL);
    } else if (hidden > 1) {
        SAY(&s, PLOT_WORD_SAYS_HIDDEN, say_count(s.words, hidden, number));
    }
    return room;
}
