/* whose.h - whose clients the desk shows: one's own, or for a while a colleague's.
 *
 * Pure: what the server grants, what the person chooses, the server's time and its answers come in;
 * what must be said to it, what may be done, and the words for it come out.
 *
 *     SETTLED ─ choose ─> LEAVING ─ all is said ─> TO_ASK ─ sent ─> ASKED ─ answered ─> SETTLED
 *        ^                                           ^                │
 *        └── refused: one's own ──┐     lost, ended ─┴────────────────┘
 *
 * A connection begins with one's own rows and forgets the others' with its end. What `now` says is
 * shown only in SETTLED; in TO_ASK and ASKED nothing is asked about anybody, since the server would
 * answer by whichever rows it has in mind. Whatever fails ends with one's own rows, never with
 * somebody else's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"
#include "rights.pb-c.h"

enum { WHOSE_RIGHTS_MAX = LIMIT_RIGHTS, WHOSE_WORDS = 512 };

enum whose_state { WHOSE_SETTLED, WHOSE_LEAVING, WHOSE_TO_ASK, WHOSE_ASKED };

/* ACT_KIND_UNSPECIFIED: one's own, and the rest is empty. Times are the server's. */
struct whose_rows {
    Attune__ActKind kind;
    char therapist[LIMIT_NAME_BYTES + 1];  /* Code, and */
    char name[LIMIT_NAME_BYTES + 1];       /* what they are called; once granted. */
    char client_ref[LIMIT_NAME_BYTES + 1]; /* Breaking the glass: which one, and */
    char reason[LIMIT_REASON_BYTES + 1];   /* why. Kept for a lost connection. */
    int64_t from_ms, until_ms;
};

/* What the server lists; in force from a time on. */
struct whose_right {
    Attune__ActKind kind;
    char therapist[LIMIT_NAME_BYTES + 1];
    int64_t from_ms, until_ms;
};

/* 20 kB, fixed. Not a stack object. */
struct whose {
    struct whose_right rights[WHOSE_RIGHTS_MAX];
    size_t count;
    struct whose_rows now, next;
    enum whose_state state;
    bool own_waits; /* Meanwhile something has come for one's own. */
};

/* One's own, settled. */
void whose_init(struct whose *w);
/* What may be chosen is as listed; of others' rights and of sites without people nothing is kept.
 */
void whose_take_rights(struct whose *w, const Attune__RightList *list);
/* The places in `rights` that are in force, as they are to be offered. `ret_places` has room for
 * WHOSE_RIGHTS_MAX. Returns how many. */
size_t whose_choices(const struct whose *w, int64_t now_ms, uint16_t *ret_places);

/* The person wants these rows: SETTLED becomes LEAVING, unless they are there already. False: not
 * now, something is under way. */
bool whose_choose(struct whose *w, const struct whose_rows *rows);
/* `rights[place]`, as what to choose. */
struct whose_rows whose_of_right(const struct whose *w, size_t place);
/* All that was to be said for the rows before is said: what is shown is to be forgotten. */
void whose_left(struct whose *w);
/* The right has ended, by its time or on the server's word: one's own, to be asked for. */
void whose_ended(struct whose *w);
/* The same where the server has let go of the others' rows itself: it has locked. */
void whose_locked(struct whose *w);
/* The connection is gone; a new one begins with one's own. */
void whose_lost(struct whose *w);
/* What TO_ASK wants to be said was said; the answer came. True: granted. Otherwise it is one's own
 * from now on, and the server knows. */
void whose_asked(struct whose *w);
bool whose_answered(struct whose *w, int rc, const Attune__Acting *acting);
/* It must be asked again: the server was busy. */
void whose_again(struct whose *w);

bool whose_is_own(const struct whose *w);
/* Nothing of anybody may be asked now. */
bool whose_holds(const struct whose *w);
/* May what is shown be changed: a session opened, a step chosen, a goal agreed on? */
bool whose_may_act(const struct whose *w);
/* Is news of this colleague ("": one's own) about what is shown? If not and it is one's own, it is
 * remembered that something waits there. */
bool whose_takes(struct whose *w, const char *therapist);
/* The time of the rows that are shown is over. */
bool whose_is_over(const struct whose *w, int64_t now_ms);

/* In words. `until` and `from` are those times as the screen writes them; `ret_words` has room for
 * WHOSE_WORDS. All return it. */
/* On the button: "My clients", "Covering for t05 until 18:00", "Supervising t07 (reading)". */
const char *whose_says(const struct whose_rows *rows, const char *until, char *ret_words);
/* On the bar, all the time: whose they are, until when, that looks are recorded; before that is
 * granted, only that it is asked for. */
const char *whose_banner(const struct whose *w, const char *from, const char *until,
                         char *ret_words);
/* Beside a client's name: " of Dr Lund"; "" for one's own. */
const char *whose_client(const struct whose *w, char *ret_words);
/* Why it could not be; `told` is what the server said of `rc`. */
const char *whose_refused(const struct whose_rows *wanted, int rc, const char *told,
                          char *ret_words);
/* Said once when they have gone without the person's doing. */
const char *whose_farewell(const struct whose_rows *was, char *ret_words);
