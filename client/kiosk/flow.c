/* More than 500 lines: the moves and their table are read together.
 *
 * Happy path: an invitation brings "recognise"; each page's buttons lead on by the table of moves;
 * Send or "rather not" ends in "saving"; saved means thanks, and the person is wiped.
 * Failure: the disk refuses: said plainly, tried again when wanted. Nobody there: asked once, then
 * cleared. An event that the page does not know, or with a number out of range, is ignored. */
#include "client/kiosk/flow.h"

#include <string.h>

#include "proto/wire/must.h"

struct happening {
    size_t area;
    uint32_t number;
    int64_t now_ms;
};

typedef enum flow_do (*move_fn)(struct flow *f, const struct happening *h);

/* ---- where to -------------------------------------------------------------------------------- */

static int64_t patience(const struct flow *f, enum flow_page page)
{
    switch (page) {
    case FLOW_BLANK:
    case FLOW_SAVING:
        return INT64_MAX;
    case FLOW_STILL_THERE:
        return f->rules.warning_ms;
    case FLOW_THANKS:
        return f->rules.thanks_ms;
    case FLOW_NOT_MINE:
        return FLOW_NOT_MINE_MS;
    default:
        return f->rules.idle_ms;
    }
}

static enum flow_do go(struct flow *f, enum flow_page page, int64_t now_ms)
{
    int64_t wait = patience(f, page);
    f->page = page;
    f->drawn++;
    f->until_ms = wait == INT64_MAX ? INT64_MAX : now_ms + wait;
    return page == FLOW_SAVING ? FLOW_DO_SAVE : FLOW_DO_NOTHING;
}

static void wipe(struct flow *f)
{
    explicit_bzero(&f->person, sizeof f->person);
    explicit_bzero(f->digits, sizeof f->digits);
    f->pin_wrong = false;
}

/* What was said; who said it, in which language and size, stays for the thank you. */
static void wipe_answers(struct flow *f)
{
    struct flow_person *p = &f->person;
    explicit_bzero(p->tenths, sizeof p->tenths);
    explicit_bzero(p->answered, sizeof p->answered);
    p->talk = ATTUNE__TALK__TALK_UNSPECIFIED;
    p->tension = ATTUNE__TENSION__TENSION_UNSPECIFIED;
    p->better = ATTUNE__BETTER__BETTER_UNSPECIFIED;
    p->at = 0;
    p->hinted = false;
    p->sent = false;
}

static bool same(const uint8_t a[LIMIT_ID_SIZE], const uint8_t b[LIMIT_ID_SIZE])
{
    return memcmp(a, b, LIMIT_ID_SIZE) == 0;
}

static bool is_done(const struct flow *f, const uint8_t id[LIMIT_ID_SIZE])
{
    for (size_t i = 0; i < FLOW_DONE_MAX; i++) {
        if (same(f->done[i], id)) {
            return true;
        }
    }
    return false;
}

/* A ticket that may be rated now and is not `but`; NULL: none. */
static const struct flow_ticket *open_ticket(const struct flow *f, const uint8_t *but)
{
    for (size_t i = 0; f->room.invited && i < f->room.count; i++) {
        const struct flow_ticket *t = &f->room.tickets[i];
        if (!is_done(f, t->id) && (but == NULL || !same(t->id, but))) {
            return t;
        }
    }
    return NULL;
}

static enum flow_do meet(struct flow *f, const struct flow_ticket *ticket, int64_t now_ms)
{
    wipe(f);
    f->news = false;
    f->person.ticket = *ticket;
    f->person.language = wordings_find(&ticket->wordings, f->rules.language);
    return go(f, FLOW_RECOGNISE, now_ms);
}

/* Blank, unless somebody was invited while another page was up. */
static enum flow_do clear(struct flow *f, int64_t now_ms)
{
    const struct flow_ticket *t = open_ticket(f, NULL);
    wipe(f);
    return f->news && t != NULL ? meet(f, t, now_ms) : go(f, FLOW_BLANK, now_ms);
}

/* ---- moves: recognise ------------------------------------------------------------------------ */

static enum flow_do on_wake(struct flow *f, const struct happening *h)
{
    const struct flow_ticket *t = open_ticket(f, NULL);
    return t != NULL ? meet(f, t, h->now_ms) : FLOW_DO_NOTHING;
}

static enum flow_do on_touch(struct flow *f, const struct happening *h)
{
    f->until_ms = h->now_ms + patience(f, f->page);
    return FLOW_DO_NOTHING;
}

static enum flow_do on_yes(struct flow *f, const struct happening *h)
{
    return go(f, f->person.ticket.explain ? FLOW_EXPLAIN : FLOW_RATE, h->now_ms);
}

static enum flow_do on_not_me(struct flow *f, const struct happening *h)
{
    const struct flow_ticket *other = open_ticket(f, f->person.ticket.id);
    if (other != NULL && !f->person.other_denied) {
        (void)meet(f, other, h->now_ms);
        f->person.other_denied = true;
        return FLOW_DO_NOTHING;
    }
    size_t language = f->person.language;
    struct flow_ticket *t = &f->person.ticket;
    explicit_bzero(t->id, sizeof t->id);
    explicit_bzero(t->therapist, sizeof t->therapist);
    f->person.language = language;
    return go(f, FLOW_NOT_MINE, h->now_ms);
}

static enum flow_do on_explained(struct flow *f, const struct happening *h)
{
    return go(f, FLOW_RATE, h->now_ms);
}

static enum flow_do on_language(struct flow *f, const struct happening *h)
{
    if (h->number >= f->person.ticket.wordings.count || h->number == f->person.language) {
        return FLOW_DO_NOTHING;
    }
    f->person.language = h->number;
    return go(f, f->page, h->now_ms);
}

static enum flow_do on_larger(struct flow *f, const struct happening *h)
{
    f->person.larger = !f->person.larger;
    return go(f, f->page, h->now_ms);
}

static enum flow_do on_contrast(struct flow *f, const struct happening *h)
{
    f->person.contrast = !f->person.contrast;
    return go(f, f->page, h->now_ms);
}

/* ---- moves: rate ----------------------------------------------------------------------------- */

static enum flow_do on_answer(struct flow *f, const struct happening *h)
{
    if (h->area < INSTRUMENT_AREAS && h->number <= LIMIT_SCORE_TENTHS) {
        f->person.tenths[h->area] = h->number;
        f->person.answered[h->area] = true;
        if (flow_answered(f) == INSTRUMENT_AREAS) {
            f->person.hinted = false;
        }
    }
    return FLOW_DO_NOTHING;
}

static enum flow_do on_next(struct flow *f, const struct happening *h)
{
    if (!f->one_at_a_time || f->person.at + 1 >= INSTRUMENT_AREAS) {
        return FLOW_DO_NOTHING;
    }
    f->person.at++;
    return go(f, FLOW_RATE, h->now_ms);
}

static enum flow_do on_back(struct flow *f, const struct happening *h)
{
    if (!f->one_at_a_time || f->person.at == 0) {
        return FLOW_DO_NOTHING;
    }
    f->person.at--;
    return go(f, FLOW_RATE, h->now_ms);
}

/* The first open one, so that who is told of it stands before it. */
static size_t first_open(const struct flow_person *p)
{
    size_t i = 0;
    while (i < INSTRUMENT_AREAS && p->answered[i]) {
        i++;
    }
    return i;
}

/* Open lines are named once; who then sends again means it. With nothing answered there is nothing
 * to send: "rather not" is the answer for that. */
static enum flow_do on_send(struct flow *f, const struct happening *h)
{
    struct flow_person *p = &f->person;
    size_t answered = flow_answered(f);
    if (answered == 0 || (answered < INSTRUMENT_AREAS && !p->hinted)) {
        p->hinted = true;
        if (f->one_at_a_time) {
            p->at = first_open(p);
            return go(f, FLOW_RATE, h->now_ms);
        }
        return FLOW_DO_NOTHING;
    }
    p->sent = true;
    return go(f, FLOW_TALK, h->now_ms);
}

static enum flow_do on_skip(struct flow *f, const struct happening *h)
{
    wipe_answers(f);
    f->person.skipped = true;
    return go(f, FLOW_SAVING, h->now_ms);
}

static enum flow_do on_start_over(struct flow *f, const struct happening *h)
{
    wipe_answers(f);
    return go(f, FLOW_RATE, h->now_ms);
}

/* ---- moves: the questions after Send, and the end ---------------------------------------------
 */

static enum flow_do on_talk(struct flow *f, const struct happening *h)
{
    if (h->number < ATTUNE__TALK__TALK_NOW || h->number > ATTUNE__TALK__TALK_RATHER_NOT) {
        return FLOW_DO_NOTHING;
    }
    const struct flow_ticket *t = &f->person.ticket;
    f->person.talk = (Attune__Talk)h->number;
    return go(f,
              t->ask_tension  ? FLOW_TENSION
              : t->ask_better ? FLOW_BETTER
                              : FLOW_SAVING,
              h->now_ms);
}

static enum flow_do on_tension(struct flow *f, const struct happening *h)
{
    if (h->number > ATTUNE__TENSION__TENSION_UNRESOLVED) {
        return FLOW_DO_NOTHING;
    }
    f->person.tension = (Attune__Tension)h->number;
    return go(f, f->person.ticket.ask_better ? FLOW_BETTER : FLOW_SAVING, h->now_ms);
}

static enum flow_do on_better(struct flow *f, const struct happening *h)
{
    if (h->number > ATTUNE__BETTER__BETTER_NOTHING) {
        return FLOW_DO_NOTHING;
    }
    f->person.better = (Attune__Better)h->number;
    return go(f, FLOW_SAVING, h->now_ms);
}

static enum flow_do on_saved(struct flow *f, const struct happening *h)
{
    memcpy(f->done[f->done_next], f->person.ticket.id, LIMIT_ID_SIZE);
    f->done_next = (f->done_next + 1) % FLOW_DONE_MAX;
    wipe_answers(f);
    bool other = f->room.count == 2 && open_ticket(f, NULL) != NULL;
    return go(f, other ? FLOW_HAND_OVER : FLOW_THANKS, h->now_ms);
}

static enum flow_do on_refused(struct flow *f, const struct happening *h)
{
    return go(f, FLOW_NOT_SAVED, h->now_ms);
}

static enum flow_do on_try_again(struct flow *f, const struct happening *h)
{
    return go(f, FLOW_SAVING, h->now_ms);
}

static enum flow_do on_clear(struct flow *f, const struct happening *h)
{
    return clear(f, h->now_ms);
}

/* ---- moves: nobody there --------------------------------------------------------------------- */

static enum flow_do on_idle(struct flow *f, const struct happening *h)
{
    f->under = f->page;
    return go(f, FLOW_STILL_THERE, h->now_ms);
}

static enum flow_do on_still_here(struct flow *f, const struct happening *h)
{
    return go(f, f->under, h->now_ms);
}

/* What was sent is sent; all else is nobody's business. */
static enum flow_do on_gone(struct flow *f, const struct happening *h)
{
    if (f->person.sent && f->under != FLOW_NOT_SAVED) {
        return go(f, FLOW_SAVING, h->now_ms);
    }
    return clear(f, h->now_ms);
}

/* ---- moves: the staff corner ----------------------------------------------------------------- */

static enum flow_do on_corner(struct flow *f, const struct happening *h)
{
    if (f->rules.pin[0] == '\0') {
        return FLOW_DO_NOTHING;
    }
    wipe(f);
    return go(f, FLOW_PIN, h->now_ms);
}

static enum flow_do on_digit(struct flow *f, const struct happening *h)
{
    size_t len = strlen(f->digits), whole = strlen(f->rules.pin);
    if (h->number > 9 || len >= whole || len >= FLOW_PIN_MAX || !flow_pin_open(f, h->now_ms)) {
        return FLOW_DO_NOTHING;
    }
    f->digits[len] = (char)('0' + h->number);
    f->pin_wrong = false;
    if (len + 1 < whole) {
        return FLOW_DO_NOTHING;
    }
    bool right = strcmp(f->digits, f->rules.pin) == 0;
    explicit_bzero(f->digits, sizeof f->digits);
    f->wrong_pins = right ? 0 : f->wrong_pins + 1;
    f->pin_wrong = !right;
    if (f->wrong_pins == FLOW_PIN_TRIES) {
        f->wrong_pins = 0;
        f->pin_shut_until_ms = h->now_ms + FLOW_PIN_WAIT_MS;
    }
    return right ? go(f, FLOW_STAFF, h->now_ms) : FLOW_DO_NOTHING;
}

static enum flow_do on_erase(struct flow *f, const struct happening *h)
{
    (void)h;
    size_t len = strlen(f->digits);
    if (len > 0) {
        f->digits[len - 1] = '\0';
    }
    return FLOW_DO_NOTHING;
}

static enum flow_do on_restart(struct flow *f, const struct happening *h)
{
    (void)f;
    (void)h;
    return FLOW_DO_RESTART;
}

/* ---- the table ------------------------------------------------------------------------------- */

/* What every page has on which a client has something before them. */
#define CLIENTS                                                                                    \
    [FLOW_TOUCH] = on_touch, [FLOW_TIME] = on_idle, [FLOW_LANGUAGE] = on_language,                 \
    [FLOW_LARGER] = on_larger, [FLOW_CONTRAST] = on_contrast

/* The corner opens where nothing that a client said would be lost. */
static const move_fn moves[FLOW_PAGES][FLOW_EVENTS] = {
    [FLOW_BLANK] = {[FLOW_TOUCH] = on_wake, [FLOW_CORNER] = on_corner},
    [FLOW_RECOGNISE] =
        {CLIENTS, [FLOW_YES] = on_yes, [FLOW_NOT_ME] = on_not_me, [FLOW_CORNER] = on_corner},
    [FLOW_EXPLAIN] = {CLIENTS, [FLOW_GO_ON] = on_explained, [FLOW_SKIP] = on_skip},
    [FLOW_RATE] = {CLIENTS, [FLOW_ANSWER] = on_answer, [FLOW_NEXT] = on_next, [FLOW_BACK] = on_back,
                   [FLOW_SEND] = on_send, [FLOW_SKIP] = on_skip, [FLOW_START_OVER] = on_start_over},
    [FLOW_TALK] = {CLIENTS, [FLOW_CHOOSE] = on_talk},
    [FLOW_TENSION] = {CLIENTS, [FLOW_CHOOSE] = on_tension},
    [FLOW_BETTER] = {CLIENTS, [FLOW_CHOOSE] = on_better},
    [FLOW_SAVING] = {[FLOW_SAVED] = on_saved, [FLOW_REFUSED] = on_refused},
    [FLOW_NOT_SAVED] = {CLIENTS, [FLOW_TRY_AGAIN] = on_try_again, [FLOW_LEAVE] = on_clear},
    [FLOW_THANKS] = {[FLOW_TIME] = on_clear, [FLOW_CORNER] = on_corner},
    [FLOW_HAND_OVER] = {[FLOW_TOUCH] = on_touch,
                        [FLOW_TIME] = on_clear,
                        [FLOW_GO_ON] = on_wake,
                        [FLOW_CORNER] = on_corner},
    [FLOW_NOT_MINE] = {[FLOW_TIME] = on_clear, [FLOW_LEAVE] = on_clear, [FLOW_CORNER] = on_corner},
    [FLOW_STILL_THERE] = {[FLOW_TOUCH] = on_still_here, [FLOW_TIME] = on_gone},
    [FLOW_PIN] = {[FLOW_TOUCH] = on_touch,
                  [FLOW_TIME] = on_clear,
                  [FLOW_DIGIT] = on_digit,
                  [FLOW_ERASE] = on_erase,
                  [FLOW_LEAVE] = on_clear},
    [FLOW_STAFF] = {[FLOW_TOUCH] = on_touch,
                    [FLOW_TIME] = on_clear,
                    [FLOW_RESTART] = on_restart,
                    [FLOW_LEAVE] = on_clear},
};

bool flow_knows(enum flow_page page, enum flow_event event)
{
    must(page < FLOW_PAGES && event < FLOW_EVENTS);
    return moves[page][event] != NULL;
}

enum flow_do flow_event(struct flow *f, enum flow_event event, size_t area, uint32_t number,
                        int64_t now_ms)
{
    const struct happening h = {area, number, now_ms};
    bool early = event == FLOW_TIME && now_ms < f->until_ms;
    if (!flow_knows(f->page, event) || early) {
        return FLOW_DO_NOTHING;
    }
    return moves[f->page][event](f, &h);
}

/* ---- the room -------------------------------------------------------------------------------- */

static void copy_text(char into[FLOW_TEXT], const char *text)
{
    size_t len = strnlen(text, FLOW_TEXT - 1);
    memcpy(into, text, len);
    into[len] = '\0';
}

static size_t read_ticket(struct flow_ticket *t, const Attune__Ticket *from)
{
    memcpy(t->id, from->ticket_id.data, LIMIT_ID_SIZE);
    copy_text(t->therapist, from->therapist);
    copy_text(t->symbol, from->symbol);
    t->start_ms = from->session_start_ms;
    t->colour = from->colour;
    t->explain = from->explain;
    t->ask_tension = from->ask_tension;
    t->ask_better = from->ask_better;
    bool child = from->audience == ATTUNE__AUDIENCE__AUDIENCE_CHILD;
    return wordings_choose(&t->wordings, child ? AUDIENCE_CHILD : AUDIENCE_ADULT,
                           (const char *const *)from->instruments, from->n_instruments);
}

static bool had(const struct flow *f, const uint8_t id[LIMIT_ID_SIZE], bool invited)
{
    for (size_t i = 0; i < f->room.count && f->room.invited == invited; i++) {
        if (same(f->room.tickets[i].id, id)) {
            return true;
        }
    }
    return false;
}

/* An invitation that was not there before; the same state may come twice. */
static bool is_news(const struct flow *f, const Attune__RoomState *state)
{
    const Attune__Ticket *const tickets[] = {state->ticket, state->second};
    for (size_t i = 0; state->invited && i < 2; i++) {
        if (tickets[i] != NULL && tickets[i]->ticket_id.len == LIMIT_ID_SIZE &&
            !had(f, tickets[i]->ticket_id.data, true)) {
            return true;
        }
    }
    return false;
}

/* Pages on which nobody has begun and that lean on a ticket of the room. */
static void look_again(struct flow *f, int64_t now_ms)
{
    enum flow_page page = f->page == FLOW_STILL_THERE ? f->under : f->page;
    bool gone = open_ticket(f, NULL) == NULL;
    if (page == FLOW_RECOGNISE) {
        gone = !had(f, f->person.ticket.id, true);
    }
    if ((gone && (page == FLOW_RECOGNISE || page == FLOW_HAND_OVER)) ||
        (f->news && (page == FLOW_BLANK || page == FLOW_NOT_MINE))) {
        (void)clear(f, now_ms);
    }
}

size_t flow_room(struct flow *f, const Attune__RoomState *state, int64_t now_ms)
{
    const Attune__Ticket *const tickets[] = {state->ticket, state->second};
    size_t left_out = 0;
    f->news = (f->news && state->invited) || is_news(f, state);
    explicit_bzero(&f->room, sizeof f->room); /* Who was there before is nobody's business. */
    f->room.invited = state->invited;
    for (size_t i = 0; i < 2; i++) {
        if (tickets[i] != NULL && tickets[i]->ticket_id.len == LIMIT_ID_SIZE) {
            left_out += read_ticket(&f->room.tickets[f->room.count++], tickets[i]);
        }
    }
    look_again(f, now_ms);
    return left_out;
}

/* ---- asked ----------------------------------------------------------------------------------- */

void flow_init(struct flow *f, const struct flow_rules *rules)
{
    memset(f, 0, sizeof *f);
    f->rules = *rules;
    f->until_ms = INT64_MAX;
}

bool flow_pin_open(const struct flow *f, int64_t now_ms)
{
    return now_ms >= f->pin_shut_until_ms;
}
