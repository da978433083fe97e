/* Happy path: pages are appended, ratings find their session from the last one on, and at the end
 * all is turned round. Failure: what does not fit, or finds no session, is remembered and said at
 * the end: a copy is whole or not made. */
#include "client/therapist/copy/copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

static void set_text(char *room, size_t size, const char *text)
{
    (void)snprintf(room, size, "%s", text);
}

static void set_id(uint8_t id[LIMIT_ID_SIZE], ProtobufCBinaryData from)
{
    if (from.len == LIMIT_ID_SIZE) {
        memcpy(id, from.data, LIMIT_ID_SIZE);
    }
}

void copy_init(struct copy *c, const char *client, const char *practice, const char *therapist,
               const uint8_t copy_id[LIMIT_ID_SIZE], int64_t made_ms)
{
    *c = (struct copy){.made_ms = made_ms};
    set_text(c->client, sizeof c->client, client);
    set_text(c->practice, sizeof c->practice, practice);
    set_text(c->therapist, sizeof c->therapist, therapist);
    memcpy(c->copy_id, copy_id, LIMIT_ID_SIZE);
}

/* Room for `more` after `count`; false: it would be more than `most`. */
static bool grow(struct copy *c, void **items, size_t size, size_t count, size_t more, size_t most)
{
    if (more > most - count) {
        c->full = true;
        return false;
    }
    if (more > 0) {
        *items = reallocarray(*items, count + more, size);
        must(*items != NULL);
        memset((char *)*items + count * size, 0, more * size);
    }
    return true;
}

void copy_take_sessions(struct copy *c, const Attune__SessionList *page)
{
    void *items = c->sessions;
    if (!grow(c, &items, sizeof *c->sessions, c->session_count, page->n_sessions,
              COPY_SESSIONS_MAX)) {
        return;
    }
    c->sessions = items;
    for (size_t i = 0; i < page->n_sessions; i++) {
        struct copy_session *s = &c->sessions[c->session_count++];
        const Attune__Session *from = page->sessions[i];
        set_id(s->session_id, from->session_id);
        set_text(s->room, sizeof s->room, from->room);
        s->start_ms = from->start_ms;
        for (size_t area = 0; area < COPY_AREAS; area++) {
            s->scores[area] = COPY_MISSING;
        }
    }
}

static void set_scores(struct copy_session *s, const Attune__Scores *from)
{
    if (from == NULL) {
        return;
    }
    const struct {
        bool answered;
        uint32_t tenths;
    } areas[COPY_AREAS] = {{from->understanding_answer_case != 0, from->understanding},
                           {from->relevance_answer_case != 0, from->relevance},
                           {from->safety_answer_case != 0, from->safety},
                           {from->fit_answer_case != 0, from->fit}};
    for (size_t area = 0; area < COPY_AREAS; area++) {
        s->scores[area] = areas[area].answered ? (int16_t)areas[area].tenths : COPY_MISSING;
    }
}

static struct copy_session *session_of(struct copy *c, ProtobufCBinaryData id, size_t *from)
{
    for (size_t n = 0; n < c->session_count; n++) {
        size_t at = (*from + n) % c->session_count;
        if (id.len == LIMIT_ID_SIZE &&
            memcmp(c->sessions[at].session_id, id.data, LIMIT_ID_SIZE) == 0) {
            *from = at + 1;
            return &c->sessions[at];
        }
    }
    return NULL;
}

void copy_take_ratings(struct copy *c, const Attune__RatingList *page)
{
    size_t from = 0;
    for (size_t i = 0; i < page->n_ratings; i++) {
        const Attune__StoredRating *r = page->ratings[i];
        struct copy_session *s = session_of(c, r->session_id, &from);
        if (s == NULL || s->rated) {
            c->strayed = true;
            continue;
        }
        set_id(s->rating_id, r->rating_id);
        s->rated = true;
        s->skipped = r->skipped;
        s->made_ms = r->made_at_ms;
        s->talk = r->talk;
        s->better = r->better;
        s->tension = r->tension;
        set_text(s->instrument, sizeof s->instrument, r->instrument);
        set_scores(s, r->scores);
        c->ratings++;
    }
}

void copy_take_goals(struct copy *c, const Attune__GoalList *page)
{
    void *items = c->goals;
    if (!grow(c, &items, sizeof *c->goals, c->goal_count, page->n_goals, COPY_GOALS_MAX)) {
        return;
    }
    c->goals = items;
    for (size_t i = 0; i < page->n_goals; i++) {
        struct copy_goal *g = &c->goals[c->goal_count++];
        const Attune__Goal *from = page->goals[i];
        set_id(g->goal_id, from->goal_id);
        g->start_ms = from->session_start_ms;
        g->ended_ms = from->ended_ms;
        g->area = from->area;
        g->outcome = from->outcome;
        set_text(g->words, sizeof g->words, from->words);
    }
}

void copy_take_alerts(struct copy *c, const Attune__AlertList *page)
{
    void *items = c->alerts;
    if (!grow(c, &items, sizeof *c->alerts, c->alert_count, page->n_alerts, COPY_ALERTS_MAX)) {
        return;
    }
    c->alerts = items;
    for (size_t i = 0; i < page->n_alerts; i++) {
        struct copy_alert *a = &c->alerts[c->alert_count++];
        const Attune__Alert *from = page->alerts[i];
        set_id(a->alert_id, from->alert_id);
        a->start_ms = from->session_start_ms;
        a->created_ms = from->created_ms;
        a->tier = from->tier;
        a->received = from->received;
        a->what = strdup(from->what);
        a->why = strdup(from->why);
        must(a->what != NULL && a->why != NULL);
    }
}

static void turn(void *items, size_t count, size_t size)
{
    char *at = items;
    for (size_t i = 0, j = count; i + 1 < j; i++) {
        j--;
        for (size_t byte = 0; byte < size; byte++) {
            char held = at[i * size + byte];
            at[i * size + byte] = at[j * size + byte];
            at[j * size + byte] = held;
        }
    }
}

int copy_end(struct copy *c)
{
    if (c->full || c->strayed) {
        return ERR_BUSY;
    }
    turn(c->sessions, c->session_count, sizeof *c->sessions);
    turn(c->goals, c->goal_count, sizeof *c->goals);
    turn(c->alerts, c->alert_count, sizeof *c->alerts);
    return 0;
}

static void wipe(void *items, size_t size)
{
    if (items != NULL) {
        explicit_bzero(items, size);
    }
    free(items);
}

void copy_fini(struct copy *c)
{
    for (size_t i = 0; i < c->alert_count; i++) {
        wipe(c->alerts[i].what, strlen(c->alerts[i].what));
        wipe(c->alerts[i].why, strlen(c->alerts[i].why));
    }
    wipe(c->alerts, c->alert_count * sizeof *c->alerts);
    wipe(c->goals, c->goal_count * sizeof *c->goals);
    wipe(c->sessions, c->session_count * sizeof *c->sessions);
    explicit_bzero(c, sizeof *c);
}

int copy_total(const struct copy_session *s)
{
    int total = 0;
    for (size_t area = 0; area < COPY_AREAS; area++) {
        if (s->scores[area] == COPY_MISSING) {
            return COPY_MISSING;
        }
        total += s->scores[area];
    }
    return total;
}

const char *copy_area_word(size_t area)
{
    static const char *const words[COPY_AREAS] = {"Understanding", "Relevance", "Safety", "Fit"};
    must(area < COPY_AREAS);
    return words[area];
}
