/* course.h - one client's course as the screen tells it: every session in its place, with or
 * without a rating, and what is marked there.
 *
 * Pure: the server's pages, newest first, come in; begin, take, end. Then alerts, which mark
 * sessions that are here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"
#include "staff.pb-c.h"

enum { COURSE_MAX = 100, COURSE_AREAS = 4, COURSE_MISSING = -1 };

enum course_mark { COURSE_ALERT = 1, COURSE_REPAIR = 2 };

struct course_session {
    uint8_t session_id[LIMIT_ID_SIZE];
    int64_t start_ms;
    int16_t scores[COURSE_AREAS]; /* Tenths; COURSE_MISSING: not answered. */
    Attune__SessionState state;
    Attune__SessionOutcome outcome;
    Attune__Talk talk;
    char instrument[LIMIT_NAME_BYTES + 1]; /* The wording that was shown; "": no rating. */
    unsigned marks;                        /* Of enum course_mark. */
};

/* 14 kB, fixed. */
struct course {
    struct course_session sessions[COURSE_MAX]; /* Newest first. */
    size_t count;
    bool more; /* There are older ones than these. */
};

void course_init(struct course *c);
/* A page of the list, newest first, after what was taken before. False: it is full. */
bool course_take(struct course *c, const Attune__SessionList *page);
/* One of its sessions is there, and nothing that was said in it. */
void course_cover(struct course *c, const uint8_t *session_id);
/* Red alerts and repairs; others mark nothing. */
void course_mark(struct course *c, const Attune__Alert *alert);

/* The total in tenths; COURSE_MISSING when an area was not answered. */
int16_t course_total(const struct course_session *s);
/* A session that has no rating and will hardly get one any more: it is over. */
bool course_missed(const struct course_session *s);
/* From a message; NULL: nothing was answered. */
void course_scores(const Attune__Scores *scores, int16_t ret_scores[COURSE_AREAS]);
