/* copy_words.h - times and answers as the copy says them, to people and to programs. */
#pragma once

#include <stdint.h>

#include "client/therapist/copy/copy.h"

enum { COPY_TIME = 40, COPY_UUID = 37 };

/* "2026-03-03 13:00", in the machine's time zone; "" for 0. */
void copy_time_people(int64_t ms, char text[COPY_TIME]);
/* "2026-03-03T12:00:00.000Z": a FHIR instant, and a dateTime too. */
void copy_time_fhir(int64_t ms, char text[COPY_TIME]);
/* "01234567-89ab-…". */
void copy_uuid(const uint8_t id[LIMIT_ID_SIZE], char text[COPY_UUID]);

/* Static; "" where nothing was asked or answered. */
const char *copy_talk(Attune__Talk talk);
const char *copy_better(Attune__Better better);
const char *copy_tension(Attune__Tension tension);
const char *copy_outcome(Attune__GoalOutcome outcome);
const char *copy_goal_area(Attune__Area area);
const char *copy_tier(Attune__Tier tier);
