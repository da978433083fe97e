/* Happy path: the person chooses, what they did is sent, all that was read is forgotten, the server
 * is asked, and the desk begins as on a new connection. While others' rows are shown, their time
 * and, twice a minute, the server are looked at. Failure: whatever the server refuses leaves one's
 * own rows and a sentence. */
#include "client/therapist/office_ask.h"

#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

enum { AGAIN_MS = 1000, LOOK_OTHERS_MS = 30 * 1000, LOOK_OWN_MS = 5 * 60 * 1000 };
enum { CLOCK_LOOK_MS = 10 * 1000 }; /* The machine may have slept: no timer is trusted longer. */

int64_t office_server_now_ms(const struct office *o)
{
    return g_get_real_time() / 1000 - o->link.clock_ahead_ms;
}

/* --- forgetting --- */

static void forget_client(struct office *o)
{
    g_clear_pointer(&o->client, g_free);
    o->client_known = false;
    o->generation++;
    course_init(&o->course);
    course_init(&o->course_coming);
    g_ptr_array_set_size(o->client_alerts, 0);
    g_ptr_array_set_size(o->goals, 0);
}

static void forget(struct office *o)
{
    office_ask_forget(o);
    office_copy_lost(o);
    desk_init(o->desk);
    notices_init(o->notices, o->notices->mode);
    caseload_init(o->caseload);
    together_init(o->together);
    g_ptr_array_set_size(o->alerts, 0);
    g_ptr_array_set_size(o->alerts, NOTICES_MAX);
    g_ptr_array_set_size(o->live, 0);
    forget_client(o);
    o->caseload_asked = o->caseload_again = o->reading_report = false;
    static const enum office_change all[] = {OFFICE_WHOSE,   OFFICE_CLIENT,   OFFICE_LIVE,
                                             OFFICE_NOTICES, OFFICE_CASELOAD, OFFICE_LOOKS};
    for (size_t at = 0; at < G_N_ELEMENTS(all); at++) {
        office_tell(o, all[at]);
    }
}

/* What was done for these rows and is not with the server, as far as is known. */
static guint undone(const struct office *o)
{
    return office_ask_unsent(o) + (guint)notices_held(o->notices);
}

/* One's own again, and why. */
static void say_why(struct office *o, const char *words, guint unsent)
{
    char *said = g_strdup_printf("%s%s", words,
                                 unsent > 0 ? " Not all that you did there could be sent." : "");
    office_say(o, said);
    g_free(said);
}

static void say_farewell(struct office *o, const struct whose_rows *was, guint unsent)
{
    char words[WHOSE_WORDS];
    say_why(o, whose_farewell(was, words), unsent);
}

static void say_refused(struct office *o, const struct whose_rows *wanted, int rc, const char *told,
                        guint unsent)
{
    char words[WHOSE_WORDS];
    say_why(o, whose_refused(wanted, rc, told[0] != '\0' ? told : err_text(rc), words), unsent);
}

/* --- asking --- */

/* One at a time: who leaves before the answer waits for it, too. */
static bool may_ask(const struct office *o)
{
    return o->whose->state == WHOSE_TO_ASK && !o->act_asked;
}

static void on_acting(struct link_request *r, int rc, const Attune__Response *response)
{
    struct office *o = container_of(r, struct office, act_ask);
    o->act_asked = false;
    if (rc == ERR_CLOSED || rc == ERR_CANCELED) {
        return; /* The link's state is told. */
    }
    if (o->whose->state != WHOSE_ASKED) {
        office_pump(o); /* Left meanwhile: one's own can be asked for now. */
        return;
    }
    if (office_ask_passes(rc)) {
        uint32_t wait = response != NULL ? response->error->retry_after_ms : 0;
        o->act_again_ms = link_now_ms() + (wait > 0 ? wait : AGAIN_MS);
        whose_again(o->whose);
        office_pump(o);
        return;
    }
    bool good = rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_ACTING;
    struct whose_rows wanted = o->whose->now;
    guint unsent = undone(o);
    bool granted = whose_answered(o->whose, good ? 0 : rc, good ? response->acting : NULL);
    if (!granted) {
        forget(o); /* Of a lost connection's rows all was still there. */
        say_refused(o, &wanted, rc, rc != 0 && response != NULL ? response->error->text : "",
                    unsent);
    }
    office_begin(o);
    office_tell(o, OFFICE_WHOSE);
    if (o->whose->now.kind == ATTUNE__ACT_KIND__ACT_BREAK_GLASS) {
        office_tell(o, OFFICE_LOOKED);
    }
}

static void ask(struct office *o)
{
    Attune__ActFor body = ATTUNE__ACT_FOR__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    struct whose_rows *now = &o->whose->now;
    bool glass = now->kind == ATTUNE__ACT_KIND__ACT_BREAK_GLASS;
    body.kind = now->kind;
    body.therapist = now->therapist;
    body.client_ref = glass ? now->client_ref : body.client_ref;
    body.reason = glass ? now->reason : body.reason;
    request.body_case = ATTUNE__REQUEST__BODY_ACT_FOR;
    request.act_for = &body;
    if (link_ask(&o->link, &o->act_ask, &request, 0, on_acting) == 0) {
        o->act_asked = true;
        whose_asked(o->whose);
    } else {
        o->act_again_ms = link_now_ms() + AGAIN_MS;
    }
}

/* One's own again, by the server's word or the clock's. */
static void end(struct office *o)
{
    struct whose_rows was = o->whose->now;
    guint unsent = undone(o);
    if (whose_is_own(o->whose)) {
        return;
    }
    whose_ended(o->whose);
    forget(o);
    say_farewell(o, &was, unsent);
    office_pump(o);
}

/* --- what may be chosen --- */

static void on_rights(struct office *o, struct office_ask *a, int rc,
                      const Attune__Response *response)
{
    (void)a;
    if (rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_RIGHT_LIST) {
        whose_take_rights(o->whose, response->right_list);
        office_tell(o, OFFICE_WHOSE); /* Also what begins or ends by the time alone. */
    }
}

void office_read_rights(struct office *o)
{
    Attune__ListRights body = ATTUNE__LIST_RIGHTS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    if (!office_is_administrator(o) && whose_is_own(o->whose)) {
        request.body_case = ATTUNE__REQUEST__BODY_LIST_RIGHTS;
        request.list_rights = &body;
        office_ask(o, OFFICE_READ, &request, on_rights);
    }
}

/* --- what the person does --- */

void office_choose(struct office *o, const struct whose_rows *rows)
{
    if (o->link.state != LINK_UP || office_locked(o) || !whose_choose(o->whose, rows)) {
        office_say(o, "Not now: try again once the connection is back.");
        return;
    }
    notices_flush(o->notices); /* A step that could still be undone is one of these rows. */
    office_pump(o);
}

void office_go_home(struct office *o)
{
    static const struct whose_rows own = {.kind = ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED};
    if (o->link.state == LINK_UP && o->whose->state == WHOSE_SETTLED) {
        office_choose(o, &own);
    } else {
        end(o); /* Without the server: nothing of theirs stays here, whatever it says. */
    }
}

/* --- for the office --- */

void office_whose_pump(struct office *o)
{
    if (whose_is_over(o->whose, office_server_now_ms(o))) {
        end(o);
    }
    if (o->link.state != LINK_UP || office_locked(o)) {
        return;
    }
    if (o->whose->state == WHOSE_LEAVING && office_ask_unsent(o) == 0) {
        whose_left(o->whose);
        forget(o);
    }
    if (may_ask(o) && o->act_again_ms <= link_now_ms()) {
        ask(o);
    }
    if (o->whose->state == WHOSE_SETTLED && o->look_ms <= link_now_ms()) {
        bool own = whose_is_own(o->whose);
        o->look_ms = link_now_ms() + (own ? LOOK_OWN_MS : LOOK_OTHERS_MS);
        if (own) {
            office_read_rights(o);
        } else {
            office_read_rooms(o); /* Names nobody, and is answered only while the right holds. */
        }
    }
}

int64_t office_whose_wake_ms(const struct office *o)
{
    int64_t wake = INT64_MAX;
    if (!whose_is_own(o->whose) && o->whose->now.until_ms > 0) { /* 0: not granted yet. */
        int64_t left = o->whose->now.until_ms - office_server_now_ms(o);
        wake = link_now_ms() + CLAMP(left, 0, CLOCK_LOOK_MS);
    }
    if (o->link.state == LINK_UP && !office_locked(o) && !office_is_administrator(o)) {
        wake = may_ask(o) ? MIN(wake, o->act_again_ms) : wake;
        wake = o->whose->state == WHOSE_SETTLED ? MIN(wake, o->look_ms) : wake;
    }
    return wake;
}

void office_whose_up(struct office *o)
{
    o->act_again_ms = o->look_ms = 0;
    whose_lost(o->whose); /* The others' may have ended while there was no connection. */
    if (whose_is_own(o->whose)) {
        office_begin(o);
    } else {
        office_pump(o);
    }
}

void office_whose_ended(struct office *o)
{
    end(o);
}

void office_whose_locked(struct office *o, bool here)
{
    struct whose_rows was = o->whose->now;
    if (whose_is_own(o->whose)) {
        whose_locked(o->whose); /* A choice under way is none any more. */
        return;
    }
    guint unsent = undone(o) - (here ? office_ask_in_flight(o) : 0);
    if (o->lock.required) {
        whose_locked(o->whose);
    } else {
        whose_ended(o->whose);
    }
    forget(o);
    say_farewell(o, &was, unsent);
    office_pump(o);
}
