/* office_ask.h - the office's requests: sent when the link is up, one verdict each. For office*.c.
 */
#pragma once

#include "client/therapist/office.h"

enum office_kind {
    OFFICE_READ, /* Lost with the connection: read again after the next Welcome. */
    OFFICE_SAY,  /* Changes something: sent again until it is answered. */
};

struct office_ask {
    struct office *office;
    struct link_request request;
    enum office_kind kind;
    office_answer_cb cb; /* May be NULL. */
    GBytes *packed;
    bool in_flight;
    int64_t not_before_ms;
    guint generation; /* Of the opened client, when it was asked. */
    guint epoch;      /* Of the rows that it is about: an answer about others' is nobody's. */
};

/* `request` is copied. A read while the link is down gets no verdict: everything is read anew. */
void office_ask(struct office *o, enum office_kind kind, const Attune__Request *request,
                office_answer_cb cb);
/* The link is up, an answer came, the clock rang: send what may be sent. */
void office_ask_pump(struct office *o);
/* When office_ask_pump may have something although nothing came; INT64_MAX: never. */
int64_t office_ask_wake_ms(const struct office *o);
/* What changes something and is not answered; of those the ones that are on their way. */
guint office_ask_unsent(const struct office *o);
guint office_ask_in_flight(const struct office *o);
void office_ask_drop_all(struct office *o);
/* Whose rows these are has changed: what was asked is not sent, or its answer not heard. */
void office_ask_forget(struct office *o);
/* Refused for now, not for good. */
bool office_ask_passes(int rc);
/* Whatever may be sent is. */
void office_pump(struct office *o);

/* Say a refusal to the person. */
void office_say(struct office *o, const char *text);
void office_tell(struct office *o, enum office_change what);

/* Somebody is at the desk: watch, list, read. */
void office_begin(struct office *o);
/* Nobody is: nothing is asked or said until the next office_begin. */
void office_halt(struct office *o);

/* office_read.c: all that a new connection reads. */
void office_read_all(struct office *o);
void office_read_caseload(struct office *o);
/* The opened client's page anew. */
void office_read_client(struct office *o);
/* An alert is here, pushed or listed. Returns its notice. */
int office_take_alert(struct office *o, const Attune__Alert *alert);
/* What is covered of two who came together, after something of it has changed. */
void office_cover(struct office *o);
/* The sessions are known: what hangs on them is read. */
void office_read_told(struct office *o);
/* A session is as told; keeps `live`. */
void office_take_look(struct office *o, const Attune__Look *look);
void office_take_session(struct office *o, const Attune__Session *session);
