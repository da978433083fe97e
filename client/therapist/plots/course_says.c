/* Happy path: how many sessions, the last total beside what is usual, then what is special, a
 * sentence each. Failure: none; what does not fit is left out from the end. */
#include <string.h>

#include "client/therapist/plots/figures.h"
#include "client/therapist/plots/say.h"
#include "proto/wire/must.h"

static void say_sessions(struct say *s, const struct plot_history *h)
{
    char count[SAY_NUMBER];
    if (h->count == 0) {
        SAY(s, PLOT_WORD_SAYS_NO_SESSION, NULL);
    } else if (h->count == 1) {
        SAY(s, PLOT_WORD_SAYS_ONE_SESSION, NULL);
    } else {
        SAY(s, PLOT_WORD_SAYS_SESSIONS, say_count(s->words, h->count, count));
    }
}

static void say_last(struct say *s, const struct plot_history *h)
{
    char total[SAY_NUMBER], cut[SAY_NUMBER], usual[SAY_NUMBER];
    size_t last = plot_last(h);
    if (last == h->count) {
        if (h->count > 0) {
            SAY(s, PLOT_WORD_NOTHING_YET, NULL);
        }
        return;
    }
    int value = plot_total(&h->sessions[last]), before = plot_usual(h, last);
    bool has_cut = h->cut != PLOT_MISSING, has_usual = before != PLOT_MISSING;
    (void)say_tenths(s->words, value, false, total);
    (void)say_tenths(s->words, has_cut ? h->cut : 0, true, cut);
    (void)say_tenths(s->words, has_usual ? before : 0, false, usual);
    if (!has_cut) {
        SAY(s, has_usual ? PLOT_WORD_SAYS_TOTAL_USUAL : PLOT_WORD_SAYS_TOTAL, total, usual);
    } else if (plot_is_low(h, value)) {
        SAY(s, has_usual ? PLOT_WORD_SAYS_TOTAL_BELOW_USUAL : PLOT_WORD_SAYS_TOTAL_BELOW, total,
            cut, usual);
    } else {
        SAY(s, has_usual ? PLOT_WORD_SAYS_TOTAL_NOT_BELOW_USUAL : PLOT_WORD_SAYS_TOTAL_NOT_BELOW,
            total, cut, usual);
    }
}

/* Of two alike the later one: it is nearer. */
static void say_range(struct say *s, const struct plot_history *h)
{
    size_t low = h->count, high = h->count, rated = 0;
    for (size_t i = 0; i < h->count; i++) {
        int total = plot_total(&h->sessions[i]);
        if (total == PLOT_MISSING) {
            continue;
        }
        rated++;
        low = low == h->count || total <= plot_total(&h->sessions[low]) ? i : low;
        high = high == h->count || total >= plot_total(&h->sessions[high]) ? i : high;
    }
    if (rated < 2) {
        return;
    }
    char numbers[4][SAY_NUMBER];
    SAY(s, PLOT_WORD_SAYS_RANGE,
        say_tenths(s->words, plot_total(&h->sessions[low]), false, numbers[0]),
        say_whole(h->sessions[low].number, numbers[1]),
        say_tenths(s->words, plot_total(&h->sessions[high]), false, numbers[2]),
        say_whole(h->sessions[high].number, numbers[3]));
}

static bool is_not_rated(const struct plot_history *h, size_t at)
{
    return plot_total(&h->sessions[at]) == PLOT_MISSING;
}

static bool has_alert(const struct plot_history *h, size_t at)
{
    return h->sessions[at].marks & PLOT_MARK_ALERT;
}

static bool has_repair(const struct plot_history *h, size_t at)
{
    return h->sessions[at].marks & PLOT_MARK_REPAIR;
}

/* The sessions for which it is so, in one sentence. */
static void say_those(struct say *s, const struct plot_history *h,
                      bool (*is_so)(const struct plot_history *h, size_t at), enum plot_word one,
                      enum plot_word many)
{
    struct say_list list = {.count = 0};
    for (size_t i = 0; i < h->count; i++) {
        if (is_so(h, i)) {
            say_list_add(&list, s->words, h->sessions[i].number);
        }
    }
    if (list.count > 0) {
        enum plot_word word = list.count == 1 ? one : many;
        SAY(s, word, say_list_end(&list, s->words));
    }
}

const char *plot_course_says(const struct plot_history *h, const struct plot_words *words,
                             char room[PLOT_SAYS])
{
    struct say s;
    say_init(&s, words, room, PLOT_SAYS);
    say_sessions(&s, h);
    say_last(&s, h);
    if (plot_last(h) < h->count) {
        say_those(&s, h, is_not_rated, PLOT_WORD_SAYS_NOT_RATED, PLOT_WORD_SAYS_NOT_RATED_MANY);
    }
    say_those(&s, h, has_alert, PLOT_WORD_SAYS_ALERT, PLOT_WORD_SAYS_ALERT_MANY);
    say_those(&s, h, has_repair, PLOT_WORD_SAYS_REPAIR, PLOT_WORD_SAYS_REPAIR_MANY);
    say_range(&s, h);
    say_those(&s, h, plot_is_break, PLOT_WORD_SAYS_WORDING, PLOT_WORD_SAYS_WORDING_MANY);
    return room;
}

const char *plot_sparkline_says(const struct plot_history *h, const struct plot_words *words,
                                char room[PLOT_SAYS])
{
    struct say s;
    say_init(&s, words, room, PLOT_SAYS);
    say_sessions(&s, h);
    say_last(&s, h);
    return room;
}

/* The last session in which the area was answered; h->count: none. */
static size_t last_answer(const struct plot_history *h, int area)
{
    size_t at = h->count;
    while (at > 0 && h->sessions[at - 1].scores[area] == PLOT_MISSING) {
        at--;
    }
    return at == 0 ? h->count : at - 1;
}

const char *plot_area_says(const struct plot_history *h, int area, const struct plot_words *words,
                           char room[PLOT_SAYS])
{
    must(area >= 0 && area < PLOT_AREAS);
    struct say s;
    char score[SAY_NUMBER], usual[SAY_NUMBER];
    say_init(&s, words, room, PLOT_SAYS);
    const char *name = s.words->at[PLOT_WORD_AREA_UNDERSTANDING + area];
    size_t last = last_answer(h, area);
    if (last == h->count) {
        SAY(&s, PLOT_WORD_SAYS_AREA_NEVER, name);
        return room;
    }
    int value = h->sessions[last].scores[area], before = plot_usual_area(h, last, area);
    bool is_low = plot_is_low_area(h, value), has_usual = before != PLOT_MISSING;
    (void)say_tenths(s.words, value, false, score);
    (void)say_tenths(s.words, has_usual ? before : 0, false, usual);
    if (last + 1 < h->count) {
        SAY(&s, PLOT_WORD_SAYS_AREA_NOT_NOW, name, score);
    } else if (is_low) {
        SAY(&s, has_usual ? PLOT_WORD_SAYS_AREA_LOW_USUAL : PLOT_WORD_SAYS_AREA_LOW, name, score,
            usual);
    } else {
        SAY(&s, has_usual ? PLOT_WORD_SAYS_AREA_USUAL : PLOT_WORD_SAYS_AREA, name, score, usual);
    }
    return room;
}
