/* office.h - everything behind the window: one link, the desk, what was read, what is still to be
 * said. GLib's loop, no toolkit: a window is only one of its readers.
 *
 * Reads are asked again after each lost connection. What changes something (a session, a step, a
 * goal) carries its own id and is sent again, in order, until it is answered or refused.
 *
 * Nothing here blocks. `changed` is called from the loop and says what to look at again; it may
 * call everything below but office_fini. */
#pragma once

#include <gio/gio.h>

#include "admin.pb-c.h"
#include "client/link/identity.h"
#include "client/link/link.h"
#include "client/therapist/caseload.h"
#include "client/therapist/clock_says.h"
#include "client/therapist/course.h"
#include "client/therapist/desk.h"
#include "client/therapist/lines.h"
#include "client/therapist/notices.h"
#include "client/therapist/office_copy.h"
#include "client/therapist/office_lock.h"
#include "client/therapist/office_whose.h"
#include "client/therapist/together.h"
#include "rights.pb-c.h"

enum { OFFICE_LIVE_MAX = 8, OFFICE_SAID = 512, OFFICE_GOALS_MAX = 60, OFFICE_ROWS_MAX = 400 };

enum office_change {
    OFFICE_LINK,     /* Connected, lost, who we are. */
    OFFICE_CASELOAD, /* Clients; also which of them has a session. */
    OFFICE_ROOMS,
    OFFICE_LIVE,    /* The sessions under way, and what was rated. */
    OFFICE_NOTICES, /* Alerts, steps. */
    OFFICE_CLIENT,  /* The opened client's course, alerts, goals, or the lines they are drawn by. */
    OFFICE_REPORT,  /* The practice's figures. */
    OFFICE_LOCK,    /* Whether somebody has logged on, and what is asked for: office->lock. */
    OFFICE_LOOKS,   /* Who has looked at a client of ours. */
    OFFICE_WHOSE,   /* Whose clients these are, and what may be chosen. */
    OFFICE_COPY,    /* A client's own copy is read whole, or will not be: office->copy. */
    OFFICE_LOOKED,  /* The glass is broken: whose->now.client_ref is there to be opened. */
    OFFICE_SAID_SOMETHING, /* office->said: a refusal, in words. */
};

struct office;
typedef void (*office_changed_cb)(struct office *o, enum office_change what);

/* A request under way or waiting; office_ask.c's. */
struct office_ask;
typedef void (*office_answer_cb)(struct office *o, struct office_ask *ask, int rc,
                                 const Attune__Response *response);

/* A list that comes in pages: what has come so far. */
struct office_report {
    GPtrArray *rows; /* Attune__ReportRow *. */
    bool known;
};

struct office {
    office_changed_cb changed; /* May be NULL. */
    void *owner;

    bool hidden;             /* Nothing is before anybody's eyes: locked. */
    struct office_lock lock; /* The same on the server's word. */
    struct link link;
    struct desk *desk;
    struct notices *notices;
    struct together *together;
    struct whose *whose;
    struct office_copy copy;
    GPtrArray *alerts; /* Attune__Alert *, by the notices' places; NULL where there is none. */
    struct caseload *caseload;
    GPtrArray *rooms; /* Attune__RoomItem *. */
    GPtrArray *live;  /* Attune__Session *: open, or rated and not closed; newest first. */
    struct lines lines;

    GPtrArray *looks; /* Attune__Look *: not known to the therapist yet, oldest first. */

    char *client; /* Whose page is open; NULL: nobody's. */
    bool client_known;
    struct course course;
    GPtrArray *client_alerts; /* Attune__Alert *, newest first. */
    GPtrArray *goals;         /* Attune__Goal *, newest first. */

    struct office_report weeks, sites, therapists;
    GPtrArray *site_names;  /* char *: all of the practice's, for an administrator. */
    GPtrArray *escalations; /* Attune__Escalation *. */

    char said[OFFICE_SAID];
    bool was_up;

    /* The rest is the office's own. */
    GSource *clock;
    GQueue asks; /* struct office_ask *. */
    GPtrArray *rooms_coming, *rows_coming;
    struct course course_coming;
    guint generation; /* Goes up with each client opened: an answer for another one is late. */
    guint epoch;      /* Goes up with each change of whose rows these are. */
    struct link_request act_ask;
    int64_t act_again_ms, look_ms; /* Not before: asking for whose rows, and what is granted. */
    bool act_asked;                /* `act_ask` is the link's. */
    bool caseload_asked, caseload_again, closing, reading_report;
    GMainLoop *leaving;
};

/* 0, or ERR_CONFIG with a sentence in `why`. `identity` and `address` are borrowed for life. */
int office_init(struct office *o, struct identity *identity, const char *address,
                enum notice_mode mode, char *why, size_t why_size);
void office_start(struct office *o);

/* What is held is sent now: the window closes. Runs the loop until it was answered, or for
 * `wait_ms` at most, then ends the connection and releases all. */
void office_fini(struct office *o, uint32_t wait_ms);

bool office_is_administrator(const struct office *o);
/* What is to be said of this computer's clock; "": nothing. Room for CLOCK_SAYS. Returns it. */
const char *office_clock_words(const struct office *o, char *ret_words);
/* Words for the foot of the window: "Connected to …", "Not connected: …". `ret_bad`: it is not. */
char *office_words(const struct office *o, bool *ret_bad);

/* --- what the person does --- */

struct office_opening {
    const char *client_ref, *room;
    bool take_over;               /* From whatever session is open there. */
    bool first_time, child;       /* The kiosk says why it asks; the drawn form. */
    const uint8_t *together_with; /* The session under way of who came with them; NULL: none. */
};

/* Read a client's page; NULL closes it. */
void office_open_client(struct office *o, const char *client_ref);
void office_open_session(struct office *o, const struct office_opening *opening);
void office_invite(struct office *o, const uint8_t session_id[LIMIT_ID_SIZE]);
void office_close_session(struct office *o, const uint8_t session_id[LIMIT_ID_SIZE]);
void office_acknowledge(struct office *o, int notice, Attune__Step step, const char *reason);
void office_undo(struct office *o, int notice);
void office_put_away(struct office *o, int notice);
void office_put_goal(struct office *o, const uint8_t session_id[LIMIT_ID_SIZE], Attune__Area area,
                     const char *words);
void office_end_goal(struct office *o, const uint8_t goal_id[LIMIT_ID_SIZE],
                     Attune__GoalOutcome outcome);
/* Read the practice's figures anew; a therapist gets their own row. */
void office_read_report(struct office *o);
void office_read_rooms(struct office *o);
/* Who has looked at a client of ours, the first that the therapist does not know of yet; NULL:
 * nobody. And: they know of it now. */
const Attune__Look *office_look(const struct office *o);
void office_look_known(struct office *o);

/* A notice is drawn, as a banner or as a number beside a name. */
void office_shown(struct office *o, int notice);
/* Locked or not: while hidden, nothing counts as shown. */
void office_hide(struct office *o, bool hidden);
void office_set_mode(struct office *o, enum notice_mode mode);
