/* Happy path: the password is right, the desk begins as on a new connection. Failure: a sentence
 * for the page, and the desk stays locked; what was to be said to the server waits, also over a
 * night. */
#include "client/therapist/office_lock.h"

#include <string.h>

#include <openssl/crypto.h>

#include "client/therapist/office_ask.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

bool office_locked(const struct office *o)
{
    return o->lock.required && !o->lock.on;
}

static void say(struct office *o, const char *text)
{
    g_strlcpy(o->lock.said, text, sizeof o->lock.said);
}

static void want(struct office *o, enum office_wants wants)
{
    o->lock.wants = wants;
    OPENSSL_cleanse(o->lock.uri, sizeof o->lock.uri);
}

/* As the server wants it: Unicode's normal form C. */
static char *normal(const char *typed)
{
    char *text = g_utf8_normalize(typed, -1, G_NORMALIZE_NFC);
    return text != NULL ? text : g_strdup("");
}

static void wipe(char *text)
{
    OPENSSL_cleanse(text, strlen(text));
    g_free(text);
}

/* ---- locked ---------------------------------------------------------------------------------- */

static void on_watched(struct link_request *r, int rc, const Attune__Response *response)
{
    (void)r; /* If not now: on the next connection. */
    (void)rc;
    (void)response;
}

/* How much waits is told to who watches. */
static void watch(struct office *o)
{
    Attune__Watch body = ATTUNE__WATCH__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.body_case = ATTUNE__REQUEST__BODY_WATCH;
    request.watch = &body;
    if (!office_is_administrator(o)) {
        (void)link_ask(&o->link, &o->lock.watch, &request, 0, on_watched); /* The same. */
    }
}

void office_lock_up(struct office *o)
{
    o->lock.required = o->link.welcome->log_on_first;
    o->lock.on = o->link.person == LINK_RESUMED;
    o->lock.asking = false;
    want(o, OFFICE_WANTS_PASSWORD);
    say(o, "");
    if (office_locked(o)) {
        office_whose_locked(o, false);
        watch(o);
    } else {
        o->lock.waiting = 0;
        office_whose_up(o);
    }
    office_tell(o, OFFICE_LOCK);
}

void office_lock_pushed(struct office *o, const Attune__Locked *locked)
{
    bool was_locked = office_locked(o);
    o->lock.waiting = locked->waiting;
    o->lock.required = true; /* Also where the practice asks for it from now on. */
    o->lock.on = false;
    if (!was_locked) {
        link_token(&o->link, NULL);
        office_halt(o);
        office_whose_locked(o, false);
    }
    office_tell(o, OFFICE_LOCK);
}

static void on_off(struct link_request *r, int rc, const Attune__Response *response)
{
    (void)rc; /* Not answered: without the token the next connection is locked. */
    (void)response;
    g_free(r);
}

void office_log_off(struct office *o)
{
    Attune__LogOff body = ATTUNE__LOG_OFF__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    if (!whose_is_own(o->whose)) {
        notices_flush(o->notices); /* It can not wait until they are back: these rows do not. */
        office_pump(o);
    }
    office_whose_locked(o, true);
    if (!o->lock.required || !o->lock.on) {
        return;
    }
    request.body_case = ATTUNE__REQUEST__BODY_LOG_OFF;
    request.log_off = &body;
    o->lock.on = false;
    want(o, OFFICE_WANTS_PASSWORD);
    say(o, "");
    link_token(&o->link, NULL);
    struct link_request *off = g_new0(struct link_request, 1); /* Perhaps not the only one. */
    if (link_ask(&o->link, off, &request, 0, on_off) != 0) {
        g_free(off);
        say(o, "Not connected.");
    }
    office_halt(o);
    office_tell(o, OFFICE_LOCK);
}

/* ---- what a person typed --------------------------------------------------------------------- */

static void take(struct office *o, const Attune__LoggedOn *logged_on)
{
    if (logged_on->must_change) {
        want(o, OFFICE_WANTS_NEW);
        say(o, "This is a one-time password. Choose one of your own.");
        return;
    }
    if (logged_on->must_set_factor) {
        want(o, OFFICE_WANTS_FACTOR);
        say(o, "Your practice asks for a second factor: codes that an authenticator makes.");
        return;
    }
    if (logged_on->token.len == LIMIT_TOKEN_SIZE) {
        link_token(&o->link, logged_on->token.data);
    }
    o->lock.on = true;
    want(o, OFFICE_WANTS_PASSWORD);
    o->lock.waiting = 0;
    say(o, "");
    office_begin(o);
}

static void take_factor(struct office *o, const Attune__SecondFactor *factor)
{
    g_strlcpy(o->lock.uri, factor->uri, sizeof o->lock.uri);
    say(o, "Scan this with your authenticator, then type the code that it shows.");
}

static void refuse(struct office *o, int rc, const Attune__Response *response)
{
    if (rc == ERR_LOG_ON_CODE) {
        want(o, OFFICE_WANTS_CODE);
        say(o, "The code of your second factor is needed, too.");
    } else if (rc == ERR_LOG_ON_WAIT) {
        char *text =
            g_strdup_printf("After a wrong password or code this device must wait: %u s more.",
                            response->error->retry_after_ms / 1000 + 1);
        say(o, text);
        g_free(text);
    } else if (rc == ERR_LOG_ON_WRONG) {
        say(o, o->lock.wants == OFFICE_WANTS_CODE ? "Password or code is wrong."
               : o->lock.uri[0] != '\0'           ? "That code is wrong."
                                                  : "That is not right.");
    } else if (rc == ERR_LOG_ON_FIRST) { /* Locked meanwhile: from the beginning. */
        want(o, OFFICE_WANTS_PASSWORD);
        say(o, "Log on again.");
    } else if (response != NULL) {
        say(o, response->error->text);
    } else {
        say(o, "No answer. Try again once the connection is back.");
    }
}

static void on_answer(struct link_request *r, int rc, const Attune__Response *response)
{
    struct office_lock *l = container_of(r, struct office_lock, ask);
    struct office *o = container_of(l, struct office, lock);
    if (rc == ERR_CANCELED) {
        return;
    }
    l->asking = false;
    if (rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_LOGGED_ON) {
        take(o, response->logged_on);
    } else if (rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_SECOND_FACTOR) {
        take_factor(o, response->second_factor);
    } else {
        refuse(o, rc == 0 ? ERR_MESSAGE : rc, rc == 0 ? NULL : response);
    }
    office_tell(o, OFFICE_LOCK);
}

static void ask(struct office *o, Attune__Request *request)
{
    if (o->lock.asking) {
        return;
    }
    o->lock.asking = link_ask(&o->link, &o->lock.ask, request, 0, on_answer) == 0;
    say(o, o->lock.asking ? "" : "Not connected. Try again once the connection is back.");
    office_tell(o, OFFICE_LOCK);
}

void office_log_on(struct office *o, const char *name, const char *password, const char *code)
{
    char *who = normal(name), *secret = normal(password), *digits = normal(code);
    Attune__LogOn body = ATTUNE__LOG_ON__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.name = who;
    body.password = secret;
    body.code = digits;
    request.body_case = ATTUNE__REQUEST__BODY_LOG_ON;
    request.log_on = &body;
    ask(o, &request);
    g_free(who);
    wipe(secret);
    wipe(digits);
}

void office_new_password(struct office *o, const char *old, const char *fresh)
{
    char *was = normal(old), *becomes = normal(fresh);
    Attune__SetPassword body = ATTUNE__SET_PASSWORD__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.old = was;
    body.fresh = becomes;
    request.body_case = ATTUNE__REQUEST__BODY_SET_PASSWORD;
    request.set_password = &body;
    ask(o, &request);
    wipe(was);
    wipe(becomes);
}

void office_begin_factor(struct office *o, const char *password)
{
    char *secret = normal(password);
    Attune__BeginSecondFactor body = ATTUNE__BEGIN_SECOND_FACTOR__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.password = secret;
    request.body_case = ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR;
    request.begin_second_factor = &body;
    ask(o, &request);
    wipe(secret);
}

void office_confirm_factor(struct office *o, const char *code)
{
    char *digits = normal(code);
    Attune__ConfirmSecondFactor body = ATTUNE__CONFIRM_SECOND_FACTOR__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.code = digits;
    request.body_case = ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR;
    request.confirm_second_factor = &body;
    ask(o, &request);
    wipe(digits);
}
