/* show.h - the server's messages as JSON for programs and as text for people. */
#pragma once

#include <stdbool.h>

#include <glib.h>
#include <jansson.h>

#include "client/cli/table.h"
#include "envelope.pb-c.h"

enum { SHOW_SCORES = 64 };

/* Each makes a new object, the caller's. Ids are hex, times RFC 3339 in UTC, what is absent is
 * null. */
json_t *show_session_json(const Attune__Session *session);
json_t *show_rating_json(const Attune__StoredRating *rating);
json_t *show_alert_json(const Attune__Alert *alert);
json_t *show_goal_json(const Attune__Goal *goal);
json_t *show_time_json(int64_t ms);
json_t *show_id_json(ProtobufCBinaryData id);

/* "8.1 9.0 - 7.5"; "-" for an area that was not answered; "skipped" for no scores. */
void show_scores(char text[SHOW_SCORES], const Attune__Scores *scores);

/* Static words: "open", "rated", "next time", "red". */
const char *show_state(Attune__SessionState state);
const char *show_outcome(Attune__SessionOutcome outcome);
const char *show_talk(Attune__Talk talk);
const char *show_tier(Attune__Tier tier);
const char *show_area(Attune__Area area);
const char *show_goal_outcome(Attune__GoalOutcome outcome);

/* The therapist's alert in full: what, why, now, next time, the client's own choice. */
void show_alert(GString *text, const Attune__Alert *alert);

/* One line: a goal in force. */
void show_goal(GString *text, const Attune__Goal *goal);

/* One line: what a session is now. */
void show_session(GString *text, const Attune__Session *session);

/* Write the object as one line and release it; write and release the table. 0, or -1 when standard
 * output does not take it. */
int show_json(json_t *object);
int show_table(struct table *t);
int show_text(const char *text);
