/* Happy path: page after page until there is no more, or a hundred sessions are here. Failure: a
 * session whose id is not one is left out. */
#include "client/therapist/course.h"

#include <stdio.h>
#include <string.h>

void course_init(struct course *c)
{
    memset(c, 0, sizeof *c);
}

void course_scores(const Attune__Scores *s, int16_t ret_scores[COURSE_AREAS])
{
    for (size_t area = 0; area < COURSE_AREAS; area++) {
        ret_scores[area] = COURSE_MISSING;
    }
    if (s == NULL) {
        return;
    }
    if (s->understanding_answer_case != ATTUNE__SCORES__UNDERSTANDING_ANSWER__NOT_SET) {
        ret_scores[0] = (int16_t)s->understanding;
    }
    if (s->relevance_answer_case != ATTUNE__SCORES__RELEVANCE_ANSWER__NOT_SET) {
        ret_scores[1] = (int16_t)s->relevance;
    }
    if (s->safety_answer_case != ATTUNE__SCORES__SAFETY_ANSWER__NOT_SET) {
        ret_scores[2] = (int16_t)s->safety;
    }
    if (s->fit_answer_case != ATTUNE__SCORES__FIT_ANSWER__NOT_SET) {
        ret_scores[3] = (int16_t)s->fit;
    }
}

bool course_take(struct course *c, const Attune__SessionList *page)
{
    for (size_t at = 0; at < page->n_sessions; at++) {
        const Attune__Session *told = page->sessions[at];
        if (told->session_id.len != LIMIT_ID_SIZE) {
            continue;
        }
        if (c->count == COURSE_MAX) {
            c->more = true;
            return false;
        }
        struct course_session *s = &c->sessions[c->count++];
        memset(s, 0, sizeof *s);
        memcpy(s->session_id, told->session_id.data, LIMIT_ID_SIZE);
        s->start_ms = told->start_ms;
        s->state = told->state;
        s->outcome = told->outcome;
        s->talk = told->talk;
        (void)snprintf(s->instrument, sizeof s->instrument, "%s", told->instrument);
        course_scores(told->scores, s->scores);
    }
    c->more = page->more;
    return c->count < COURSE_MAX;
}

void course_cover(struct course *c, const uint8_t *session_id)
{
    for (size_t at = 0; at < c->count; at++) {
        struct course_session *s = &c->sessions[at];
        if (memcmp(s->session_id, session_id, LIMIT_ID_SIZE) == 0) {
            course_scores(NULL, s->scores);
            s->state = ATTUNE__SESSION_STATE__SESSION_OPEN;
            s->outcome = ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE;
            s->talk = ATTUNE__TALK__TALK_UNSPECIFIED;
            s->instrument[0] = '\0';
            s->marks = 0;
        }
    }
}

void course_mark(struct course *c, const Attune__Alert *alert)
{
    unsigned mark = alert->tier == ATTUNE__TIER__TIER_RED ? COURSE_ALERT
                    : strcmp(alert->rule, "REPAIR") == 0  ? COURSE_REPAIR
                                                          : 0;
    if (mark == 0 || alert->session_id.len != LIMIT_ID_SIZE) {
        return;
    }
    for (size_t at = 0; at < c->count; at++) {
        if (memcmp(c->sessions[at].session_id, alert->session_id.data, LIMIT_ID_SIZE) == 0) {
            c->sessions[at].marks |= mark;
        }
    }
}

int16_t course_total(const struct course_session *s)
{
    int total = 0;
    for (size_t area = 0; area < COURSE_AREAS; area++) {
        if (s->scores[area] == COURSE_MISSING) {
            return COURSE_MISSING;
        }
        total += s->scores[area];
    }
    return (int16_t)total;
}

bool course_missed(const struct course_session *s)
{
    bool over = s->state == ATTUNE__SESSION_STATE__SESSION_CLOSED ||
                s->state == ATTUNE__SESSION_STATE__SESSION_PARKED;
    return over && s->outcome != ATTUNE__SESSION_OUTCOME__SESSION_RATED;
}
