/* Happy path: course by course: find where the first claimed rating stands, fold the rupture that
 * may be open there, then judge every rating from it on. Failure: none; memory is bounded by the
 * claim. Settings that cannot be read are those of a newer version: the defaults judge. */
#include "server/aggregator/review.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

_Static_assert((int)AREAS == (int)STORE_AREAS && (int)SCORE_MISSING == (int)STORE_NOT_ANSWERED,
               "one meaning");
_Static_assert((int)TENSION_UNRESOLVED == (int)STORE_TENSION_UNRESOLVED, "one order");
_Static_assert((int)RULE_SETTINGS <= (int)STORE_RULES_MAX, "they fit");
_Static_assert((int)RUPTURE_NO_TOTAL == (int)STORE_NOT_ANSWERED, "one meaning");

/* One course of the claim, and how far it is. */
struct course {
    const struct store_claimed *first; /* Its ratings, in session time. */
    size_t count;
    struct rule_settings settings;
    const struct chance *chance; /* NULL: UNUSUAL is not in force. */
    struct rupture rupture;
    const struct store_claimed *opened; /* What opened it. */
    bool ask_better;                    /* As its last rating has it. */
};

void review_init(struct review *r, const struct languages *languages)
{
    *r = (struct review){.languages = languages};
}

void review_fini(struct review *r)
{
    free(r->alerts);
    free(r->findings);
    free(r->ruptures);
    free(r->asks);
    for (size_t i = 0; i < REVIEW_MODELS; i++) {
        chance_free(r->models[i].chance);
    }
    *r = (struct review){0};
}

/* The practice's tables, made once for each model that is met; the oldest make room. */
static const struct chance *tables_of(struct review *r, const struct rule_settings *s)
{
    struct client_model m = client_model_default();
    m.mean = s->client_mean;
    m.client = s->client_spread;
    m.session = s->session_spread;
    m.area = s->area_spread;
    for (size_t i = 0; i < REVIEW_MODELS; i++) {
        if (r->models[i].chance != NULL && memcmp(&r->models[i].model, &m, sizeof m) == 0) {
            return r->models[i].chance;
        }
    }
    struct review_model *place = &r->models[r->next_model++ % REVIEW_MODELS];
    chance_free(place->chance);
    *place = (struct review_model){m, chance_new(&m, 1)};
    return place->chance;
}

static void take_settings(struct review *r, struct course *c)
{
    const struct store_rules *rules = c->first->rules;
    if (rule_settings_from(rules->numbers, rules->count, &c->settings) != 0) {
        rule_settings_defaults(&c->settings);
    }
    c->chance = c->settings.unusual_on ? tables_of(r, &c->settings) : NULL;
}

static void take_history(const struct course *c, size_t at, struct history *ret_history)
{
    size_t from = at + 1 > HISTORY_MAX ? at + 1 - HISTORY_MAX : 0;
    ret_history->count = at + 1 - from;
    for (size_t i = 0; i < ret_history->count; i++) {
        const struct store_claimed *rating = &c->first[from + i];
        memcpy(ret_history->scores[i], rating->scores, sizeof ret_history->scores[i]);
        ret_history->skipped[i] = rating->skipped;
        ret_history->tension[i] = (enum tension)rating->tension;
        ret_history->goals[i] = rating->goals;
    }
}

/* ---- room ------------------------------------------------------------------------------------ */

/* Findings first: the alerts point into them, so they are made when all are there. */
static void make_room(struct review *r)
{
    if (r->room - r->count >= RULES) {
        return;
    }
    r->room = r->room == 0 ? 32 : 2 * r->room;
    r->findings = realloc(r->findings, r->room * sizeof *r->findings);
    r->alerts = realloc(r->alerts, r->room * sizeof *r->alerts);
    must(r->findings != NULL && r->alerts != NULL);
}

static struct store_rupture *new_rupture(struct review *r)
{
    if (r->rupture_count == r->rupture_room) {
        r->rupture_room = r->rupture_room == 0 ? 16 : 2 * r->rupture_room;
        r->ruptures = realloc(r->ruptures, r->rupture_room * sizeof *r->ruptures);
        must(r->ruptures != NULL);
    }
    return &r->ruptures[r->rupture_count++];
}

static struct store_ask *new_ask(struct review *r)
{
    if (r->ask_count == r->ask_room) {
        r->ask_room = r->ask_room == 0 ? 16 : 2 * r->ask_room;
        r->asks = realloc(r->asks, r->ask_room * sizeof *r->asks);
        must(r->asks != NULL);
    }
    return &r->asks[r->ask_count++];
}

/* ---- ruptures -------------------------------------------------------------------------------- */

static void note(struct review *r, const struct course *c, enum store_rupture_state state,
                 const struct store_claimed *closed)
{
    *new_rupture(r) = (struct store_rupture){
        .opened = c->opened, .closed = closed, .state = state, .low = (int16_t)c->rupture.low};
}

static void note_end(struct review *r, const struct course *c, enum rupture_event event,
                     const struct store_claimed *closed)
{
    note(r, c, event == RUPTURE_REPAIRED ? STORE_RUPTURE_REPAIRED : STORE_RUPTURE_UNREPAIRED,
         closed);
}

/* It was opened there, whatever the practice's lines are by now. */
static void open_again(struct course *c, size_t at)
{
    struct history h;
    struct figures f;
    take_history(c, at, &h);
    figures_take(&h, &f);
    enum rupture_event event = rupture_step(&c->rupture, &f, true, &c->settings);
    must(event == RUPTURE_OPENED);
}

/* The one that is open before `at`, as the ratings between left it. One that is over stays so,
 * whatever the lines are by now; one that is over only by the lines of now ends where they end it.
 */
static void fold_before(struct review *r, struct course *c, size_t at)
{
    size_t from = at;
    while (from > 0 && !c->first[from - 1].opened && !c->first[from - 1].ended) {
        from--;
    }
    c->rupture = (struct rupture){0};
    if (from == 0 || !c->first[from - 1].opened) {
        return;
    }
    c->opened = &c->first[from - 1];
    open_again(c, from - 1);
    for (size_t i = from; i < at; i++) {
        struct history h;
        take_history(c, i, &h);
        const struct judgement j = {.history = &h, .settings = &c->settings, .chance = c->chance};
        enum rupture_event event = evaluate_rupture(&j, &c->rupture);
        if (!c->rupture.open) {
            note_end(r, c, event, &c->first[i]);
            return;
        }
    }
}

/* What this rating did to the course's rupture. One that was opened by it before and is not so now
 * is withdrawn. */
static void move(struct review *r, struct course *c, const struct store_claimed *judged,
                 enum rupture_event event)
{
    if (event == RUPTURE_OPENED) {
        c->opened = judged;
    } else if (judged->opened) {
        *new_rupture(r) = (struct store_rupture){
            .opened = judged, .state = STORE_RUPTURE_WITHDRAWN, .low = STORE_NOT_ANSWERED};
    }
    if (event == RUPTURE_REPAIRED || event == RUPTURE_UNREPAIRED) {
        note_end(r, c, event, judged);
    }
}

/* ---- alerts ---------------------------------------------------------------------------------- */

static void judge(struct review *r, struct course *c, size_t at)
{
    const struct store_claimed *judged = &c->first[at];
    struct history h;
    struct evaluation whole;
    take_history(c, at, &h);
    make_room(r);
    const struct judgement j = {.history = &h,
                                .settings = &c->settings,
                                .settings_version = judged->rules->version,
                                .chance = c->chance,
                                .texts = texts_find(r->languages, judged->language),
                                .late = judged->late};
    size_t found = evaluate(&j, &c->rupture, &whole, r->findings + r->count);
    c->ask_better = whole.ask_better;
    move(r, c, judged, whole.event);
    for (size_t i = 0; i < found; i++) {
        enum tier tier = r->findings[r->count].tier;
        bool belongs = tier == TIER_RED || whole.event == RUPTURE_REPAIRED;
        r->alerts[r->count++] = (struct store_new_alert){
            .rating = judged, .wording = j.texts->wording, .opened = belongs ? c->opened : NULL};
    }
    r->evaluated++;
}

static enum store_tier tier_of(enum tier tier)
{
    static const enum store_tier tiers[] = {[TIER_GOOD] = STORE_TIER_GOOD,
                                            [TIER_PATTERN] = STORE_TIER_PATTERN,
                                            [TIER_AMBER] = STORE_TIER_AMBER,
                                            [TIER_RED] = STORE_TIER_RED};
    must(tier > TIER_ASK);
    return tiers[tier];
}

static void fill(struct store_new_alert *a, const struct finding *f)
{
    a->rule = f->rule->id;
    a->rule_version = f->rule->version;
    a->tier = tier_of(f->tier);
    a->late = a->rating->late;
    a->inputs = f->inputs;
    memcpy(a->usual, f->usual, sizeof a->usual);
    a->what = f->what;
    a->why = f->why;
    a->now = f->now;
    a->next_time = f->next_time;
}

/* ---- review ---------------------------------------------------------------------------------- */

static void take_course(struct review *r, struct course *c)
{
    size_t at = 0;
    while (at < c->count && !c->first[at].claimed) {
        at++;
    }
    if (at == c->count) {
        return;
    }
    take_settings(r, c);
    fold_before(r, c, at);
    for (; at < c->count; at++) {
        judge(r, c, at);
    }
    if (c->rupture.open) {
        note(r, c, STORE_RUPTURE_OPEN, NULL);
    }
    *new_ask(r) = (struct store_ask){c->first->practice_id, c->first->course_id, c->ask_better};
}

static bool is_same_course(const struct store_claimed *a, const struct store_claimed *b)
{
    return a->practice_id == b->practice_id && a->course_id == b->course_id;
}

void review_take(struct review *r, const struct store_claimed *ratings, size_t count)
{
    r->count = r->rupture_count = r->ask_count = r->evaluated = 0;
    for (size_t i = 0; i < count;) {
        struct course c = {.first = &ratings[i], .count = 1};
        while (i + c.count < count && is_same_course(c.first, &ratings[i + c.count])) {
            c.count++;
        }
        take_course(r, &c);
        i += c.count;
    }
    for (size_t i = 0; i < r->count; i++) {
        fill(&r->alerts[i], &r->findings[i]);
    }
}
