/* Happy path: the person chooses, what waits is said first, the server grants, the rows are shown
 * until the person goes back or their time is over. Failure: a refusal, or an end at any moment,
 * is one's own rows again. */
#include "client/therapist/whose.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"

static void copy_text(char *room, size_t size, const char *text)
{
    (void)snprintf(room, size, "%s", text);
}

static bool same_rows(const struct whose_rows *a, const struct whose_rows *b)
{
    bool own = a->kind == ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED;
    bool glass = a->kind == ATTUNE__ACT_KIND__ACT_BREAK_GLASS;
    return a->kind == b->kind && (own || (glass ? strcmp(a->client_ref, b->client_ref) == 0
                                                : strcmp(a->therapist, b->therapist) == 0));
}

void whose_init(struct whose *w)
{
    memset(w, 0, sizeof *w);
}

bool whose_is_own(const struct whose *w)
{
    return w->now.kind == ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED;
}

static void to_own(struct whose *w, enum whose_state state)
{
    memset(&w->now, 0, sizeof w->now);
    memset(&w->next, 0, sizeof w->next);
    w->own_waits = false;
    w->state = state;
}

/* --- what may be chosen --- */

void whose_take_rights(struct whose *w, const Attune__RightList *list)
{
    memset(w->rights, 0, sizeof w->rights);
    w->count = 0;
    for (size_t at = 0; at < list->n_rights && w->count < WHOSE_RIGHTS_MAX; at++) {
        const Attune__Right *r = list->rights[at];
        bool known =
            r->kind == ATTUNE__ACT_KIND__ACT_COVER || r->kind == ATTUNE__ACT_KIND__ACT_SUPERVISION;
        if (r->yours && known && r->therapist[0] != '\0') {
            struct whose_right *right = &w->rights[w->count++];
            right->kind = r->kind;
            copy_text(right->therapist, sizeof right->therapist, r->therapist);
            right->from_ms = r->from_ms;
            right->until_ms = r->until_ms;
        }
    }
}

/* Of two that say the same the later end counts, as at the server. */
static bool is_outdone(const struct whose *w, size_t place, int64_t now_ms)
{
    const struct whose_right *r = &w->rights[place];
    for (size_t at = 0; at < w->count; at++) {
        const struct whose_right *o = &w->rights[at];
        bool later = o->until_ms > r->until_ms || (o->until_ms == r->until_ms && at < place);
        if (at != place && o->kind == r->kind && o->from_ms <= now_ms && later &&
            strcmp(o->therapist, r->therapist) == 0) {
            return true;
        }
    }
    return false;
}

size_t whose_choices(const struct whose *w, int64_t now_ms, uint16_t *ret_places)
{
    size_t count = 0;
    for (size_t at = 0; at < w->count; at++) {
        const struct whose_right *r = &w->rights[at];
        if (r->from_ms <= now_ms && now_ms < r->until_ms && !is_outdone(w, at, now_ms)) {
            ret_places[count++] = (uint16_t)at;
        }
    }
    return count;
}

struct whose_rows whose_of_right(const struct whose *w, size_t place)
{
    struct whose_rows rows = {.kind = w->rights[place].kind};
    copy_text(rows.therapist, sizeof rows.therapist, w->rights[place].therapist);
    rows.from_ms = w->rights[place].from_ms;
    rows.until_ms = w->rights[place].until_ms;
    return rows;
}

/* --- from one to the other --- */

bool whose_choose(struct whose *w, const struct whose_rows *rows)
{
    if (w->state != WHOSE_SETTLED) {
        return false;
    }
    if (!same_rows(&w->now, rows)) {
        w->next = *rows;
        w->state = WHOSE_LEAVING;
    }
    return true;
}

void whose_left(struct whose *w)
{
    if (w->state == WHOSE_LEAVING) {
        struct whose_rows next = w->next;
        to_own(w, WHOSE_TO_ASK);
        w->now = next;
    }
}

void whose_ended(struct whose *w)
{
    to_own(w, WHOSE_TO_ASK);
}

void whose_locked(struct whose *w)
{
    to_own(w, WHOSE_SETTLED);
}

void whose_lost(struct whose *w)
{
    memset(&w->next, 0, sizeof w->next);
    w->state = whose_is_own(w) ? WHOSE_SETTLED : WHOSE_TO_ASK;
}

void whose_asked(struct whose *w)
{
    w->state = w->state == WHOSE_TO_ASK ? WHOSE_ASKED : w->state;
}

void whose_again(struct whose *w)
{
    w->state = w->state == WHOSE_ASKED ? WHOSE_TO_ASK : w->state;
}

bool whose_answered(struct whose *w, int rc, const Attune__Acting *acting)
{
    if (w->state != WHOSE_ASKED) {
        return false;
    }
    if (rc != 0 || acting == NULL || acting->kind != w->now.kind) {
        to_own(w, WHOSE_SETTLED);
        return false;
    }
    copy_text(w->now.therapist, sizeof w->now.therapist, acting->therapist);
    copy_text(w->now.name, sizeof w->now.name, acting->name);
    w->now.from_ms = acting->from_ms;
    w->now.until_ms = acting->until_ms;
    w->state = WHOSE_SETTLED;
    return true;
}

/* --- what may be done --- */

bool whose_holds(const struct whose *w)
{
    return w->state == WHOSE_TO_ASK || w->state == WHOSE_ASKED;
}

bool whose_may_act(const struct whose *w)
{
    return whose_is_own(w) || w->now.kind == ATTUNE__ACT_KIND__ACT_COVER;
}

bool whose_takes(struct whose *w, const char *therapist)
{
    if (whose_is_own(w)) {
        return therapist[0] == '\0' && !whose_holds(w);
    }
    if (therapist[0] == '\0') {
        w->own_waits = true;
        return false;
    }
    return !whose_holds(w) && strcmp(therapist, w->now.therapist) == 0;
}

bool whose_is_over(const struct whose *w, int64_t now_ms)
{
    return !whose_is_own(w) && w->now.until_ms > 0 && w->now.until_ms <= now_ms;
}

/* --- in words --- */

/* What they are called, if that is known; otherwise by their code. */
static const char *called(const struct whose_rows *rows)
{
    return rows->name[0] != '\0' ? rows->name : rows->therapist;
}

const char *whose_says(const struct whose_rows *rows, const char *until, char *ret_words)
{
    switch (rows->kind) {
    case ATTUNE__ACT_KIND__ACT_COVER:
        (void)snprintf(ret_words, WHOSE_WORDS, "Covering for %s until %s", rows->therapist, until);
        break;
    case ATTUNE__ACT_KIND__ACT_SUPERVISION:
        (void)snprintf(ret_words, WHOSE_WORDS, "Supervising %s (reading)", rows->therapist);
        break;
    case ATTUNE__ACT_KIND__ACT_BREAK_GLASS:
        (void)snprintf(ret_words, WHOSE_WORDS, "%s (reading)%s%s", rows->client_ref,
                       rows->until_ms > 0 ? " until " : "", rows->until_ms > 0 ? until : "");
        break;
    default:
        (void)snprintf(ret_words, WHOSE_WORDS, "My clients");
        break;
    }
    return ret_words;
}

const char *whose_banner(const struct whose *w, const char *from, const char *until,
                         char *ret_words)
{
    const char *who = called(&w->now);
    if (whose_holds(w) && !whose_is_own(w) && w->now.name[0] == '\0') {
        (void)snprintf(ret_words, WHOSE_WORDS,
                       "Asked for; nothing is shown until the server has answered.");
        return ret_words;
    }
    switch (w->now.kind) {
    case ATTUNE__ACT_KIND__ACT_COVER:
        (void)snprintf(ret_words, WHOSE_WORDS,
                       "These are the clients of %s (%s). You cover until %s. What you look at and "
                       "do is recorded.",
                       who, w->now.therapist, until);
        break;
    case ATTUNE__ACT_KIND__ACT_SUPERVISION:
        (void)snprintf(ret_words, WHOSE_WORDS,
                       "These are the clients of %s (%s), for reading: sessions from %s on, until "
                       "%s. What you look at is recorded.",
                       who, w->now.therapist, from, until);
        break;
    case ATTUNE__ACT_KIND__ACT_BREAK_GLASS:
        (void)snprintf(ret_words, WHOSE_WORDS,
                       "%s is a client of %s. You can read until %s. %s is told that you look, and "
                       "why; it is recorded.",
                       w->now.client_ref, who, until, who);
        break;
    default:
        ret_words[0] = '\0';
        break;
    }
    return ret_words;
}

const char *whose_client(const struct whose *w, char *ret_words)
{
    ret_words[0] = '\0';
    if (!whose_is_own(w)) {
        (void)snprintf(ret_words, WHOSE_WORDS, " of %s", called(&w->now));
    }
    return ret_words;
}

const char *whose_farewell(const struct whose_rows *was, char *ret_words)
{
    const char *what = was->kind == ATTUNE__ACT_KIND__ACT_COVER         ? "cover for"
                       : was->kind == ATTUNE__ACT_KIND__ACT_SUPERVISION ? "supervision of"
                                                                        : "look at a client of";
    const char *who = called(was)[0] != '\0' ? called(was) : "a colleague";
    (void)snprintf(ret_words, WHOSE_WORDS,
                   "Your %s %s has ended: these are your own clients again.", what, who);
    return ret_words;
}

const char *whose_refused(const struct whose_rows *wanted, int rc, const char *told,
                          char *ret_words)
{
    bool glass = wanted->kind == ATTUNE__ACT_KIND__ACT_BREAK_GLASS;
    if (rc == ERR_RIGHT_NONE && !glass) {
        return whose_farewell(wanted, ret_words); /* It was listed, or had been granted before. */
    }
    if (rc == ERR_CLIENT_UNKNOWN && glass) {
        (void)snprintf(ret_words, WHOSE_WORDS, "No colleague has a client called %s.",
                       wanted->client_ref);
    } else if (rc == ERR_GLASS_SPENT) {
        (void)snprintf(ret_words, WHOSE_WORDS,
                       "You have looked at three colleagues’ clients in a day: ask the colleague.");
    } else {
        (void)snprintf(ret_words, WHOSE_WORDS, "%s", told);
    }
    return ret_words;
}
