/* flow.h - what the room's kiosk shows, and what it does: every decision of it. Pure.
 *
 * Events come in with the time: the room's state, a touch, a button, a record that was saved or was
 * not. The page to show stands in the struct, and what is to be done comes back. No GTK, loop,
 * clock, file or link: the screen draws what stands here and passes on what happens to it.
 *
 *     blank ─invited─> recognise ─yes─> (explain) ─> rate ─send─> talk ─> (tension) ─> (better)
 *       ^                  │ not mine      └───── rather not ──┬────────────────────────┘
 *       │                  v                                   v
 *       ├───────────── not mine                             saving ─no─> not saved
 *       └── thanks <─the last one─┬─ saved ────────────────────┘
 *                hand over <──────┘ two who came together: then recognise, for the other one
 *
 * Any page of a client, without a touch: "still there?", then cleared and blank; the invitation
 * stands, and a touch brings it back. Before Send nothing is ever kept or sent. After Send the
 * scores are given: who walks off from the questions that follow has sent them, without an answer
 * to those. What a person said is overwritten with zeros as soon as it is saved or cleared.
 *
 * Times are milliseconds of a clock that never goes back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/kiosk/wordings.h"
#include "kiosk.pb-c.h"
#include "proto/wire/limits.h"

enum {
    FLOW_PIN_MIN = 4,
    FLOW_PIN_MAX = 12,  /* Digits. */
    FLOW_PIN_TRIES = 5, /* Wrong ones, then nobody may try for a while. */
    FLOW_PIN_WAIT_MS = 60000,
    FLOW_NOT_MINE_MS = 15000, /* How long "please tell your therapist" stays. */
    FLOW_DONE_MAX = 8,        /* Tickets remembered as rated: the room's state may lag behind. */
    FLOW_TEXT = LIMIT_NAME_BYTES + 1,
};

enum flow_page {
    FLOW_BLANK,
    FLOW_RECOGNISE,
    FLOW_EXPLAIN,
    FLOW_RATE,
    FLOW_TALK,
    FLOW_TENSION,
    FLOW_BETTER,
    FLOW_SAVING, /* FLOW_DO_SAVE is out; FLOW_SAVED or FLOW_REFUSED is owed. */
    FLOW_NOT_SAVED,
    FLOW_THANKS,
    FLOW_HAND_OVER,
    FLOW_NOT_MINE,
    FLOW_STILL_THERE, /* Over `under`. */
    FLOW_PIN,
    FLOW_STAFF,
    FLOW_PAGES,
};

enum flow_event {
    FLOW_ROOM,  /* flow_room. */
    FLOW_TOUCH, /* Anything touched or pressed; its own event follows. */
    FLOW_TIME,  /* `until_ms` is over. */
    FLOW_YES,   /* This is my session. */
    FLOW_NOT_ME,
    FLOW_GO_ON,  /* Explained; or the other one is here. */
    FLOW_ANSWER, /* `area`, `number`: tenths. */
    FLOW_NEXT,   /* One question at a time. */
    FLOW_BACK,
    FLOW_SEND,
    FLOW_SKIP,       /* I'd rather not answer. */
    FLOW_START_OVER, /* Takes all answers back. */
    FLOW_CHOOSE,     /* `number`: a Talk, Tension or Better, by the page. */
    FLOW_LANGUAGE,   /* `number`: which wording. */
    FLOW_LARGER,
    FLOW_CONTRAST,
    FLOW_SAVED,
    FLOW_REFUSED, /* The disk refused. */
    FLOW_TRY_AGAIN,
    FLOW_LEAVE,
    FLOW_CORNER, /* Three seconds in the corner. */
    FLOW_DIGIT,  /* `number`: 0 to 9. */
    FLOW_ERASE,
    FLOW_RESTART,
    FLOW_EVENTS,
};

enum flow_do { FLOW_DO_NOTHING, FLOW_DO_SAVE, FLOW_DO_RESTART };

/* What a ticket says, in the shape that a screen wants. 80 kB. */
struct flow_ticket {
    uint8_t id[LIMIT_ID_SIZE];
    char therapist[FLOW_TEXT];
    char symbol[FLOW_TEXT];
    int64_t start_ms;
    uint32_t colour;
    bool explain, ask_tension, ask_better;
    struct wordings wordings;
};

struct flow_room {
    struct flow_ticket tickets[2]; /* The second: of two who came together. */
    size_t count;
    bool invited;
};

/* All that is known of who stands in front of the screen; wiped as a whole. */
struct flow_person {
    struct flow_ticket ticket;
    uint32_t tenths[INSTRUMENT_AREAS];
    bool answered[INSTRUMENT_AREAS];
    size_t at;   /* One question at a time: which. */
    bool hinted; /* Was told that something is open. */
    bool sent, skipped;
    Attune__Talk talk;
    Attune__Tension tension;
    Attune__Better better;
    size_t language; /* Into the ticket's wordings. */
    bool larger, contrast;
    bool other_denied; /* "Not mine" was said of the other ticket. */
};

struct flow_rules {
    int64_t idle_ms, warning_ms, thanks_ms;
    const char *language; /* Everybody begins with it. Borrowed, as the PIN. */
    const char *pin;      /* "": the staff corner stays shut. */
};

struct flow {
    enum flow_page page;
    enum flow_page under; /* Still there?: what it lies over. */
    uint32_t drawn;       /* Changes whenever the page must be drawn anew, not for an answer. */
    bool one_at_a_time;   /* The layout says so: set by the screen. */
    int64_t until_ms;     /* FLOW_TIME is due then; INT64_MAX: never. */
    struct flow_person person;
    struct flow_room room;
    char digits[FLOW_PIN_MAX + 1];
    bool pin_wrong; /* The last one was. */

    /* The rest is the flow's own. */
    struct flow_rules rules;
    bool news; /* Somebody was invited and has not been met. */
    uint8_t done[FLOW_DONE_MAX][LIMIT_ID_SIZE];
    size_t done_next;
    uint32_t wrong_pins;
    int64_t pin_shut_until_ms;
};

/* Nobody there, the room's state unknown. 240 kB: keep it off the stack. */
void flow_init(struct flow *f, const struct flow_rules *rules);

/* The room's state, as it was pushed; replaces what was known. Returns how many of the practice's
 * wordings could not be used. */
size_t flow_room(struct flow *f, const Attune__RoomState *state, int64_t now_ms);

/* Something happened. `area` and `number` as the event says, otherwise 0. What does not belong to
 * the page is ignored. */
enum flow_do flow_event(struct flow *f, enum flow_event event, size_t area, uint32_t number,
                        int64_t now_ms);

/* Does the page know this event? What is not in the table is no button either. */
bool flow_knows(enum flow_page page, enum flow_event event);

/* The page is a client's, and `wordings` and settings are theirs; else the default holds. */
const struct instrument *flow_instrument(const struct flow *f);

/* Areas that are answered. */
size_t flow_answered(const struct flow *f);

/* PIN: may somebody try now? */
bool flow_pin_open(const struct flow *f, int64_t now_ms);

/* FLOW_SAVING: the rating as it is to be saved. It points into `f`, the id and `name`. */
void flow_rating(struct flow *f, uint8_t rating_id[LIMIT_ID_SIZE], int64_t made_at_ms,
                 char name[INSTRUMENT_NAME_ROOM], Attune__Rating *rating, Attune__Scores *scores);

/* When a rating was made: this machine's clock, put right by what the server's clock said; a clock
 * that cannot be right gives the session's start. */
int64_t flow_made_at(const struct flow *f, int64_t wall_ms, int64_t clock_ahead_ms);
