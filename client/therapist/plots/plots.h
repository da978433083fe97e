/* plots.h - the pictures of the therapist's screen, on any cairo surface: a window, PNG, SVG, PDF.
 *
 * Pure: figures, a frame and a context in, ink out. No toolkit, no clock, no file, no locale; the
 * same figures give the same picture, in a test without a display too. All is borrowed for the
 * call.
 *
 * A picture fills its frame from the context's origin on, clips nothing and leaves the context as
 * it was. It does not paint its ground: that is the card's. With too little room for its words it
 * leaves out words, never points. Each has a companion that says the same in words, for the
 * accessible description.
 *
 * Scores and totals are tenths: an area 0 to 100, a total 0 to 400. */
#pragma once

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/therapist/plots/theme.h"
#include "client/therapist/plots/words.h"

enum {
    PLOT_AREAS = 4,
    PLOT_MISSING = -1,      /* Not answered; no line; no band. */
    PLOT_USUAL_MAX = 5,     /* "Usual" is the median of as many earlier totals, at most. */
    PLOT_PARTS_MAX = 3,     /* Of a week's bar, the lowest first. */
    PLOT_SAYS = 1024,       /* Room for a description. */
    PLOT_RATINGS_MIN = 30,  /* With fewer no therapist is compared. */
    PLOT_CASES_MAX = 100000 /* Of one dot; the limits of more are as good as theirs. */
};

struct plot_frame {
    double width, height; /* Units of the context. */
    double scale;         /* Of type, lines and marks: 1 is type of 13 units. */
    const struct plot_theme *theme;
    const struct plot_words *words; /* NULL: English. */
};

/* In the practice's own time zone. Year 0: not known, and not written. */
struct plot_day {
    int16_t year;
    int8_t month, day;
};

enum plot_mark {
    PLOT_MARK_ALERT = 1,  /* A red one: a triangle. */
    PLOT_MARK_REPAIR = 2, /* The rupture was repaired here: a ring with a tick. */
};

/* One session. Without four answers it has no total: "no rating". */
struct plot_session {
    int number; /* Of the course, from 1. */
    struct plot_day day;
    int16_t scores[PLOT_AREAS]; /* PLOT_MISSING: not answered. */
    const char *instrument;     /* Id and version; NULL: the same as before it. */
    unsigned marks;             /* Of enum plot_mark, added up. */
};

/* A course, or its last sessions, oldest first. */
struct plot_history {
    const struct plot_session *sessions;
    size_t count;
    int16_t cut;      /* The practice's: a total below it is low. PLOT_MISSING: none. */
    int16_t area_low; /* An area at or below it is low. PLOT_MISSING: none is. */
    int16_t spread;   /* Usual is the median of up to five earlier totals, give or take so much. */
};

/* The total over sessions, with the practice's cut, what is usual for the client, and the marks.
 * Best from 480 × 260 on. */
void plot_course(cairo_t *cr, const struct plot_frame *f, const struct plot_history *h);

/* One area, its last answer large. Best from 180 × 110 on. */
void plot_area(cairo_t *cr, const struct plot_frame *f, const struct plot_history *h, int area);

/* The total's shape alone, for a row of the caseload: 20 to 40, lower is at the floor. Best from
 * 60 × 20 on. */
void plot_sparkline(cairo_t *cr, const struct plot_frame *f, const struct plot_history *h);

/* One therapist: `part` of `of` sessions rated, or ruptures repaired. */
struct plot_dot {
    uint32_t part, of;
    const char *code; /* Written beside the dot; NULL: nothing is. */
};

/* Therapists beside each other, in no order: who is within the limits does not differ. */
struct plot_shares {
    const char *title;    /* "Rated of held sessions". NULL: none. */
    const char *per_what; /* What `of` counts: "sessions held". */
    double share;         /* Of all together, 0 to 1. */
    const struct plot_dot *dots;
    size_t count;
};

/* Shares against their number, with 95 % and 99.8 % limits; a dot with fewer than PLOT_RATINGS_MIN
 * is left out. Best from 420 × 280 on. */
void plot_funnel(cairo_t *cr, const struct plot_frame *f, const struct plot_shares *s);

enum plot_week_kind {
    PLOT_WEEKS_SHARE, /* parts[0] of `of`, in percent: a bar; a line where there are many. */
    PLOT_WEEKS_STACK, /* Counts, one upon the other: open ruptures by age. */
};

struct plot_week {
    struct plot_day monday;
    bool hidden; /* Fewer than five clients: said, not drawn. */
    uint32_t of; /* 0 with PLOT_WEEKS_SHARE: no session was held. */
    uint32_t parts[PLOT_PARTS_MAX];
};

struct plot_calendar {
    enum plot_week_kind kind;
    const char *title;                 /* NULL: none. */
    const char *names[PLOT_PARTS_MAX]; /* Of the parts; NULL: no more of them. */
    const struct plot_week *weeks;     /* Oldest first. */
    size_t count;
};

/* Week by week. Best from 360 × 200 on. */
void plot_weeks(cairo_t *cr, const struct plot_frame *f, const struct plot_calendar *c);

/* "Nine sessions. Total last 26.1, below the practice's cut of 36; usual 35.9. Session 5 was not
 * rated." Into `room` of PLOT_SAYS bytes, cut between words at worst; gives `room`. `words` NULL:
 * English. */
const char *plot_course_says(const struct plot_history *h, const struct plot_words *words,
                             char room[PLOT_SAYS]);
const char *plot_area_says(const struct plot_history *h, int area, const struct plot_words *words,
                           char room[PLOT_SAYS]);
const char *plot_sparkline_says(const struct plot_history *h, const struct plot_words *words,
                                char room[PLOT_SAYS]);
const char *plot_funnel_says(const struct plot_shares *s, const struct plot_words *words,
                             char room[PLOT_SAYS]);
const char *plot_weeks_says(const struct plot_calendar *c, const struct plot_words *words,
                            char room[PLOT_SAYS]);
