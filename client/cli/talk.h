/* talk.h - a command's conversation with the server: identity, link and main loop in one place.
 *
 * For commands that ask one thing after another there is talk_ask, which waits. Commands to which
 * things happen (rate, watch, import) set the hooks and run talk_run until talk_stop. What goes
 * wrong is said to standard error here, once, and comes back as an exit code. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "client/cli/arguments.h"
#include "client/link/identity.h"
#include "client/link/link.h"
#include "proto/wire/exits.h"
#include "proto/wire/limits.h"

struct talk;

/* Each may be NULL. */
typedef void (*talk_state_cb)(struct talk *t, enum link_state state);
typedef void (*talk_push_cb)(struct talk *t, const Attune__Push *push);

struct talk {
    talk_state_cb state_cb; /* Set before talk_begin. */
    talk_push_cb push_cb;
    bool patient;       /* Go on when the server is away at the first try. */
    bool may_be_locked; /* Go on although nobody has logged on where somebody must. */
    const char *software;

    struct identity identity;
    struct link link;
    uint32_t timeout_ms;
    int64_t give_up_ms; /* talk_ask under way: when it has taken too long. */
    bool was_up;
    bool json;
    Attune__ActFor act; /* Whose rows: said first on every connection. Texts are the arguments'. */

    /* The rest is the talk's own. */
    GMainLoop *loop;
    GSource *clock;
    struct link_request ask, act_ask;
    bool acted, acting;     /* On this connection: it was said, and is being said. */
    Attune__Request *asked; /* To be sent once the link is up. */
    Attune__Response **answer;
    bool started, stopped, in_flight;
    int rc;
    char why[512];
};

/* Read the common options and the identity; no network yet. Fill hooks before or after. EXITS_OK,
 * or the reason was said. talk_end is owed either way. */
enum exits talk_begin(struct talk *t, const struct arguments *a);

/* Connect: from here on the hooks are called, when the loop runs. */
enum exits talk_connect(struct talk *t);

/* Run the loop until talk_stop. Returns what talk_stop was given. */
int talk_run(struct talk *t);
void talk_stop(struct talk *t, int rc);

/* Send and wait, connecting first and again if need be, waiting out a busy server, --timeout at
 * most. 0 and the answer (attune__response__free_unpacked), or an err code; talk_explain says it.
 * Requests must bear being sent twice. */
int talk_ask(struct talk *t, Attune__Request *request, Attune__Response **ret_answer);

/* One request, one answer, from the beginning to the end of a talk. `tell` shows the answer; 0 or
 * an err code. */
typedef int (*talk_tell_cb)(struct talk *t, const Attune__Response *answer);
enum exits talk_once(const struct arguments *a, Attune__Request *request, talk_tell_cb tell);
/* The same, for who has more to say about an err code; touched when it was asked. */
enum exits talk_once_rc(const struct arguments *a, Attune__Request *request, talk_tell_cb tell,
                        int *ret_rc);
/* For answers that say nothing more: an empty object with --json. */
int talk_tell_done(struct talk *t, const Attune__Response *answer);

/* Say what went wrong last, to standard error, and what exit that is. */
enum exits talk_explain(struct talk *t, int rc);

/* Say it, with a sentence of one's own. */
enum exits talk_fail(int rc, const char *why);

void talk_end(struct talk *t);

/* The file to send, 1 to `bytes_max` bytes of text; g_free. Not EXITS_OK: why was said. */
enum exits talk_read_file(const char *path, size_t bytes_max, char **ret_text);

/* 16 random bytes, never all zero. */
void talk_random_id(uint8_t ret_id[LIMIT_ID_SIZE]);
