#include "tests/unit/therapist/plots/samples.h"

#include <stdlib.h>

#define NOT_RATED                                                                                  \
    {                                                                                              \
        PLOT_MISSING, PLOT_MISSING, PLOT_MISSING, PLOT_MISSING                                     \
    }

static const struct plot_session nine[] = {
    {1, {2026, 3, 12}, {74, 69, 81, 69}, "attune/1", 0},
    {2, {2026, 3, 19}, {79, 77, 84, 77}, NULL, 0},
    {3, {2026, 3, 26}, {87, 83, 89, 84}, NULL, 0},
    {4, {2026, 4, 2}, {89, 90, 92, 88}, NULL, PLOT_MARK_REPAIR},
    {5, {2026, 4, 9}, NOT_RATED, NULL, 0},
    {6, {2026, 4, 16}, {92, 92, 93, 91}, NULL, 0},
    {7, {2026, 4, 23}, {94, 94, 96, 92}, NULL, 0},
    {8, {2026, 4, 30}, {91, 88, 80, 84}, NULL, 0},
    {9, {2026, 5, 7}, {79, 72, 34, 76}, NULL, PLOT_MARK_ALERT},
};
const struct plot_history sample_nine = {nine, 9, 360, 60, 23};
const struct plot_history sample_one = {nine, 1, 360, 60, 23};
const struct plot_history sample_unrated = {nine + 4, 1, 360, 60, 23};
const struct plot_history sample_empty = {NULL, 0, 360, 60, 23};

static const struct plot_session wordings[] = {
    {11, {2025, 11, 20}, {90, 90, 90, 90}, "attune/1", 0},
    {12, {2025, 12, 4}, {95, 95, 95, 95}, "attune/1", 0},
    {13, {2025, 12, 18}, {100, 100, 100, 100}, "attune/1", 0},
    {14, {2026, 1, 8}, {60, 70, 70, 60}, "attune/2", PLOT_MARK_ALERT},
    {15, {2026, 1, 22}, {70, 80, 70, 80}, NULL, PLOT_MARK_ALERT | PLOT_MARK_REPAIR},
    {16, {2026, 2, 5}, {80, PLOT_MISSING, 70, 80}, NULL, 0},
    {17, {2026, 2, 19}, NOT_RATED, NULL, 0},
    {18, {2026, 3, 5}, {90, 90, 90, 90}, "local/1", 0},
    {19, {2026, 3, 19}, {100, 100, 100, 100}, NULL, 0},
    {20, {2026, 4, 2}, NOT_RATED, NULL, 0},
};
const struct plot_history sample_wordings = {wordings, 10, PLOT_MISSING, PLOT_MISSING, 15};

const struct plot_history *sample_long(void)
{
    static struct plot_session sessions[SAMPLE_LONG];
    static const struct plot_history h = {sessions, SAMPLE_LONG, 360, 60, 20};
    for (int i = 0; i < SAMPLE_LONG; i++) {
        bool is_low = i % 17 == 11;
        sessions[i] = (struct plot_session){
            .number = i + 1,
            .day = {(int16_t)(2025 + i / 48), (int8_t)(1 + i / 4 % 12), (int8_t)(1 + 7 * (i % 4))},
            .marks = is_low         ? PLOT_MARK_ALERT
                     : i % 17 == 13 ? PLOT_MARK_REPAIR
                                    : 0};
        for (int area = 0; area < PLOT_AREAS; area++) {
            sessions[i].scores[area] = (int16_t)(i % 13 == 5 ? PLOT_MISSING
                                                 : is_low    ? 55
                                                             : 84 + (i * 7 + area * 5) % 16);
        }
    }
    return &h;
}

static const struct plot_dot dots[] = {
    {150, 180, NULL}, {96, 120, "t04"}, {40, 48, NULL},  {70, 100, NULL},  {220, 260, NULL},
    {30, 36, NULL},   {118, 140, NULL}, {60, 90, "t07"}, {140, 160, NULL}, {20, 24, NULL},
    {45, 52, NULL},   {81, 100, NULL},  {180, 230, NULL}};
const struct plot_shares sample_shares = {"Rated of held sessions", "sessions held", .81, dots, 13};
const struct plot_shares sample_nobody = {NULL, "sessions held", .81, dots + 9, 1};

static const struct plot_week coverage[] = {
    {{2026, 3, 2}, false, 40, {30, 0, 0}},  {{2026, 3, 9}, false, 42, {36, 0, 0}},
    {{2026, 3, 16}, true, 0, {0, 0, 0}},    {{2026, 3, 23}, false, 38, {33, 0, 0}},
    {{2026, 3, 30}, false, 45, {45, 0, 0}}, {{2026, 4, 6}, false, 0, {0, 0, 0}},
    {{2026, 4, 13}, false, 44, {35, 0, 0}}, {{2026, 4, 20}, false, 41, {34, 0, 0}}};
const struct plot_calendar sample_coverage = {
    PLOT_WEEKS_SHARE, "Rated of held sessions", {NULL, NULL, NULL}, coverage, 8};

static const struct plot_week ruptures[] = {
    {{2026, 3, 2}, false, 0, {0, 2, 3}},  {{2026, 3, 9}, false, 0, {1, 2, 4}},
    {{2026, 3, 16}, false, 0, {1, 3, 2}}, {{2026, 3, 23}, true, 0, {0, 0, 0}},
    {{2026, 3, 30}, false, 0, {3, 2, 5}}, {{2026, 4, 6}, false, 0, {0, 0, 0}},
    {{2026, 4, 13}, false, 0, {4, 1, 1}}, {{2026, 4, 20}, false, 0, {2, 1, 2}}};
const struct plot_calendar sample_ruptures = {
    PLOT_WEEKS_STACK, "Open ruptures", {"older", "2 to 6 weeks", "under 2 weeks"}, ruptures, 8};

const struct plot_calendar *sample_year(void)
{
    enum { YEAR = 52 };
    static struct plot_week weeks[YEAR];
    static const struct plot_calendar c = {PLOT_WEEKS_SHARE, "A year", {NULL}, weeks, YEAR};
    for (int i = 0; i < YEAR; i++) {
        weeks[i] =
            (struct plot_week){.monday = {2026, (int8_t)(1 + i / 5), (int8_t)(1 + i % 5 * 6)},
                               .hidden = i == 20 || i == 22,
                               .of = i == 30 ? 0 : 40,
                               .parts = {(uint32_t)(28 + i * 5 % 12)}};
    }
    return &c;
}

cairo_surface_t *sample_draw(const struct sample_drawing *d)
{
    cairo_surface_t *s =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)d->width, (int)d->height);
    cairo_t *cr = cairo_create(s);
    const struct plot_frame frame = {d->width, d->height, d->scale, d->theme, NULL};
    cairo_set_source_rgb(cr, d->theme->ground.red, d->theme->ground.green, d->theme->ground.blue);
    cairo_paint(cr);
    d->draw(cr, &frame);
    if (cairo_status(cr) != CAIRO_STATUS_SUCCESS) {
        abort();
    }
    cairo_destroy(cr);
    cairo_surface_flush(s);
    return s;
}
