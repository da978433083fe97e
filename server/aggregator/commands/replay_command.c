/* Happy path: all courses are read into memory, about 110 bytes a rating, replayed by each
 * practice's own lines, and with a budget again and again by others until the reds are few enough.
 * Failure: a database that does not answer has said so; nothing is shown of a part. */
#include "server/aggregator/commands/replay_command.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/aggregator/replay.h"
#include "server/aggregator/study/picture_file.h"
#include "server/aggregator/study/plot.h"
#include "server/base/progress.h"
#include "server/pg/history.h"

enum { DROP_LEAST_MAX = 400, PASSES = 10 /* By halves, and once more. */ };

/* One course within the rows. */
struct span {
    size_t count;
    bool has_stopped;
};

/* The whole history. */
struct reading {
    struct history_reader reader;
    struct store_claimed *rows;
    struct span *courses;
    struct store_rules
        *rules; /* A practice's each; rows name theirs by place until all are there. */
    size_t count, room, practices, practice_room, course_count, course_room;
    struct progress progress;
};

static void *grown(void *list, size_t *room, size_t size)
{
    *room = *room == 0 ? 256 : 2 * *room;
    list = realloc(list, *room * size);
    must(list != NULL);
    return list;
}

static bool is_next_practice(const struct reading *r, const struct store_claimed *row)
{
    return r->count == 0 || r->rows[r->count - 1].practice_id != row->practice_id;
}

static void on_row(struct history_reader *reader, const struct store_claimed *row,
                   const struct history_end *end)
{
    struct reading *r = container_of(reader, struct reading, reader);
    if (r->count == 0) {
        progress_init(&r->progress, "replay", 2 * reader->total); /* Read, then judged. */
    }
    progress_add(&r->progress, 1);
    if (r->count == r->room) {
        r->rows = grown(r->rows, &r->room, sizeof *r->rows);
    }
    if (is_next_practice(r, row) || r->rows[r->count - 1].course_id != row->course_id) {
        if (r->course_count == r->course_room) {
            r->courses = grown(r->courses, &r->course_room, sizeof *r->courses);
        }
        r->courses[r->course_count++] =
            (struct span){.has_stopped = replay_has_stopped(end->course_ms, end->practice_ms)};
    }
    r->courses[r->course_count - 1].count++;
    if (is_next_practice(r, row)) {
        if (r->practices == r->practice_room) {
            r->rules = grown(r->rules, &r->practice_room, sizeof *r->rules);
        }
        r->rules[r->practices++] = *row->rules;
    }
    r->rows[r->count] = *row;
    r->rows[r->count++].rules = NULL;
}

/* drop_least below 0: each practice's own. */
static void replay_all(struct reading *r, int drop_least, struct replay *ret_replay)
{
    size_t practice = 0;
    struct chance *chance = NULL;
    struct rule_settings settings;
    *ret_replay = (struct replay){0};
    for (size_t course = 0, i = 0; course < r->course_count; i += r->courses[course++].count) {
        if (i == 0 || r->rows[i].practice_id != r->rows[i - 1].practice_id) {
            const struct store_rules *rules = &r->rules[practice++];
            if (rule_settings_from(rules->numbers, rules->count, &settings) != 0) {
                rule_settings_defaults(&settings);
            }
            settings.drop_least = drop_least < 0 ? settings.drop_least : drop_least;
            chance_free(chance);
            const struct client_model m = {.mean = settings.client_mean,
                                           .client = settings.client_spread,
                                           .session = settings.session_spread,
                                           .area = settings.area_spread,
                                           .step = client_model_default().step};
            chance = settings.unusual_on ? chance_new(&m, 1) : NULL;
        }
        replay_course(ret_replay, &r->rows[i], r->courses[course].count,
                      r->courses[course].has_stopped, &settings, chance);
        progress_add(&r->progress, r->courses[course].count);
    }
    chance_free(chance);
}

static double per_100(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : 100 * (double)part / (double)whole;
}

/* The smallest drop.least, in tenths, whose reds are within the budget; above DROP_LEAST_MAX: none.
 * More drop is never more reds, but for ruptures that end otherwise: so the answer is tried. */
static int solve(struct reading *r, double budget, struct replay *ret_replay)
{
    int low = 0, high = DROP_LEAST_MAX + 1;
    progress_init(&r->progress, "replay --budget", PASSES * r->count);
    while (low < high) {
        int middle = low + (high - low) / 2;
        replay_all(r, middle, ret_replay);
        if (per_100(ret_replay->reds, ret_replay->sessions) <= budget) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    replay_all(r, low, ret_replay);
    progress_end(&r->progress);
    return low;
}

static void show_text(const struct replay *r)
{
    printf("sessions %llu in %llu courses; red %.1f in 100 sessions\n",
           (unsigned long long)r->sessions, (unsigned long long)r->courses,
           per_100(r->reds, r->sessions));
    printf("ruptures %llu: repaired %.0f %%, unrepaired %.0f %%\n", (unsigned long long)r->ruptures,
           per_100(r->repaired, r->ruptures), per_100(r->unrepaired, r->ruptures));
    printf("stopped %llu of the courses: no session in the 8 weeks before the practice's last; a "
           "stop may also be an agreed ending\n",
           (unsigned long long)r->stopped);
    printf("%-12s %16s %12s %16s %16s\n", "RULE", "IN 100 SESSIONS", "OF COURSES", "BEFORE A STOP",
           "SESSIONS AHEAD");
    for (size_t rule = 0; rule < RULES; rule++) {
        const struct replay_count *c = &r->rules[rule];
        uint64_t warned = replay_warned(c);
        char ahead[16] = "-";
        if (warned > 0) {
            (void)snprintf(ahead, sizeof ahead, "%.1f", replay_lead(c));
        }
        printf("%-12s %16.1f %10.0f %% %14.0f %% %16s\n", rules_at(rule)->id,
               per_100(c->prompts, r->sessions), per_100(c->courses, r->courses),
               per_100(warned, r->stopped), ahead);
    }
    printf("BEFORE A STOP: of the courses that stopped, those in which it came within the last ten "
           "sessions; SESSIONS AHEAD: from the first of these to the last session, median\n");
}

static void show_budget(double budget, int least, const struct replay *r)
{
    double reds = per_100(r->reds, r->sessions);
    if (least > DROP_LEAST_MAX) {
        printf("\nNo line of DROP keeps %.1f reds in 100 sessions: without it there are %.1f. Set "
               "very_low.total or very_low.area lower.\n",
               budget, reds);
        return;
    }
    printf("\nFor at most %.1f reds in 100 sessions (%.1f on this history), change this line of "
           "`attune practice rules` and send it back with set-rules:\n    drop.least = %d.%d\n",
           budget, reds, least / 10, least % 10);
}

static json_t *replay_json(const struct replay *r)
{
    json_t *rules = json_object();
    for (size_t rule = 0; rule < RULES; rule++) {
        const struct replay_count *c = &r->rules[rule];
        uint64_t warned = replay_warned(c);
        json_t *j =
            json_pack("{s:I, s:I, s:I, s:o}", "prompts", (json_int_t)c->prompts, "courses",
                      (json_int_t)c->courses, "before_stop", (json_int_t)warned, "sessions_ahead",
                      warned > 0 ? json_real(replay_lead(c)) : json_null());
        int rc = json_object_set_new(rules, rules_at(rule)->id, j);
        must(rc == 0);
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "sessions",
                     (json_int_t)r->sessions, "courses", (json_int_t)r->courses, "stopped",
                     (json_int_t)r->stopped, "reds", (json_int_t)r->reds, "ruptures",
                     (json_int_t)r->ruptures, "repaired", (json_int_t)r->repaired, "unrepaired",
                     (json_int_t)r->unrepaired, "rules", rules);
}

static int show(struct reading *r, const struct replay *now, double budget, bool json)
{
    struct replay then = {0};
    int least = budget < 0 ? -1 : solve(r, budget, &then);
    if (!json) {
        show_text(now);
        if (budget >= 0) {
            show_budget(budget, least, &then);
        }
        return fflush(stdout) == 0 ? 0 : EXIT_FAILURE;
    }
    json_t *j = replay_json(now);
    if (budget >= 0) {
        json_t *offered = json_pack("{s:o, s:o}", "drop.least",
                                    least > DROP_LEAST_MAX ? json_null() : json_real(least / 10.0),
                                    "then", replay_json(&then));
        int rc = json_object_set_new(j, "budget", offered);
        must(rc == 0);
    }
    int rc = json_dumpf(j, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    json_decref(j);
    return rc == 0 && putchar('\n') != EOF && fflush(stdout) == 0 ? 0 : EXIT_FAILURE;
}

/* All practices of the database together, as the table has them. */
static int plot(const struct replay *r, const char *path)
{
    struct plot_bar bars[RULES];
    char source[PLOT_SOURCE];
    struct plot_bars *plot = malloc(sizeof *plot);
    must(plot != NULL);
    for (size_t rule = 0; rule < RULES; rule++) {
        bars[rule] =
            (struct plot_bar){rules_at(rule)->id, per_100(r->rules[rule].prompts, r->sessions)};
    }
    (void)snprintf(source, sizeof source,
                   "the stored ratings: %llu sessions in %llu courses; attune-aggregator %s replay",
                   (unsigned long long)r->sessions, (unsigned long long)r->courses, ATTUNE_VERSION);
    plot_bars_init(plot, "What the rules in force would have said",
                   "By rule, over everything stored; of the red ones at one rating the first is "
                   "told.",
                   "alerts in 100 sessions", source, bars, RULES);
    int code = picture_file_write("replay", path, &plot->picture);
    free(plot);
    return code;
}

int replay_command(const struct aggregator_options *options, const struct replay_wish *wish)
{
    struct reading r = {.reader = {.cb = on_row}};
    int code = history_read(&r.reader, options->database) == 0 ? 0 : EXIT_FAILURE;
    if (code == 0) {
        struct replay now;
        replay_all(&r, -1, &now);
        progress_end(&r.progress);
        code = show(&r, &now, wish->budget, wish->json);
        code = code == 0 && wish->plot != NULL ? plot(&now, wish->plot) : code;
    }
    free(r.rows);
    free(r.courses);
    free(r.rules);
    return code;
}
