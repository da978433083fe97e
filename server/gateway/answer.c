/* Happy path: a row's fields are borrowed into a message on the stack, which is packed at once.
 * Failure: a page that would not fit into a frame is shortened and says that there is more. */
#include "server/gateway/answer.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/frame.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "server/gateway/staff.h"

/* protobuf-c's fields are not const; packing only reads them. */
static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

static ProtobufCBinaryData id(const uint8_t *borrowed)
{
    return (ProtobufCBinaryData){STORE_ID, (uint8_t *)(uintptr_t)borrowed};
}

/* The scores, or NULL when all are missing. */
static Attune__Scores *fill_scores(Attune__Scores *m, const int16_t scores[STORE_AREAS])
{
    attune__scores__init(m);
    bool any = false;
    for (size_t i = 0; i < STORE_AREAS; i++) {
        any |= scores[i] != STORE_NOT_ANSWERED;
    }
    if (scores[0] != STORE_NOT_ANSWERED) {
        m->understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
        m->understanding = (uint32_t)scores[0];
    }
    if (scores[1] != STORE_NOT_ANSWERED) {
        m->relevance_answer_case = ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE;
        m->relevance = (uint32_t)scores[1];
    }
    if (scores[2] != STORE_NOT_ANSWERED) {
        m->safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
        m->safety = (uint32_t)scores[2];
    }
    if (scores[3] != STORE_NOT_ANSWERED) {
        m->fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
        m->fit = (uint32_t)scores[3];
    }
    return any ? m : NULL;
}

/* The words for symbol 0 to 7. */
static const char *symbol_word(unsigned symbol)
{
    static const char *const words[8] = {"leaf", "wave", "star", "moon",
                                         "sun",  "hill", "tree", "bird"};
    must(symbol < 8);
    return words[symbol];
}

struct session_message {
    Attune__Session session;
    Attune__Scores scores;
};

static void fill_session(struct session_message *m, const struct store_session *row)
{
    Attune__Session *s = &m->session;
    attune__session__init(s);
    s->session_id = id(row->session_id);
    s->client_ref = text(row->client_ref);
    s->room = text(row->room);
    s->start_ms = row->start;
    s->planned_end_ms = row->planned_end;
    s->closed_ms = row->closed;
    s->state = (Attune__SessionState)row->state;
    s->outcome = (Attune__SessionOutcome)row->outcome;
    s->scores = fill_scores(&m->scores, row->scores);
    s->talk = (Attune__Talk)row->talk;
    s->colour = row->colour;
    s->symbol = text(symbol_word(row->symbol));
    s->instrument = text(row->instrument);
    if (row->is_second) {
        s->together_with = id(row->together_with);
    }
    if (row->parked_other) {
        s->parked_session_id = id(row->parked_session_id);
    }
}

struct alert_message {
    Attune__Alert alert;
    Attune__Scores scores, usual;
};

static void fill_alert(struct alert_message *m, const struct store_alert *row)
{
    Attune__Alert *a = &m->alert;
    attune__alert__init(a);
    a->alert_id = id(row->alert_id);
    a->rule = text(row->rule);
    a->rule_version = row->rule_version;
    a->tier = (Attune__Tier)row->tier;
    a->client_ref = text(row->client_ref);
    a->session_id = id(row->session_id);
    a->rating_id = id(row->rating_id);
    a->session_start_ms = row->session_start;
    a->created_ms = row->created;
    a->scores = fill_scores(&m->scores, row->scores);
    a->usual = fill_scores(&m->usual, row->usual);
    a->talk = (Attune__Talk)row->talk;
    a->late = row->late;
    a->what = text(row->what);
    a->why = text(row->why);
    a->now = text(row->now);
    a->next_time = text(row->next_time);
    a->received = row->received;
    a->digest = row->digest;
}

/* A ticket, and the files that go with it: copied, since each ends with a NUL here. */
struct ticket_message {
    Attune__Ticket ticket;
    char *files, *at[LIMIT_INSTRUMENTS];
};

static void fill_files(struct ticket_message *m, const char *instruments)
{
    m->files = strdup(instruments);
    must(m->files != NULL);
    char *next = m->files;
    while (*next != '\0' && m->ticket.n_instruments < LIMIT_INSTRUMENTS) {
        char *end = strchr(next, STORE_FILE_END);
        must(end != NULL);
        *end = '\0';
        m->at[m->ticket.n_instruments++] = next;
        next = end + 1;
    }
    m->ticket.instruments = m->at;
}

static void fill_ticket(struct ticket_message *m, const struct store_room_now *row,
                        bool with_instruments)
{
    Attune__Ticket *t = &m->ticket;
    attune__ticket__init(t);
    t->ticket_id = id(row->ticket_id);
    t->therapist = text(row->therapist);
    t->session_start_ms = row->session_start;
    t->colour = row->colour;
    t->symbol = text(symbol_word(row->symbol));
    t->explain = row->first_time;
    t->ask_tension = row->ask_tension;
    t->ask_better = row->ask_better;
    t->audience =
        row->is_child ? ATTUNE__AUDIENCE__AUDIENCE_CHILD : ATTUNE__AUDIENCE__AUDIENCE_ADULT;
    fill_files(m, with_instruments ? row->instruments : "");
}

void push_room(struct peer *p, const struct store_room_now *rooms, size_t count)
{
    struct ticket_message messages[2];
    Attune__Push push = ATTUNE__PUSH__INIT;
    Attune__RoomState state = ATTUNE__ROOM_STATE__INIT;
    must(count <= 2);
    for (size_t i = 0; i < count; i++) {
        fill_ticket(&messages[i], &rooms[i], i == 0 || rooms[0].is_child != rooms[1].is_child);
    }
    state.ticket = count > 0 ? &messages[0].ticket : NULL;
    state.second = count > 1 ? &messages[1].ticket : NULL;
    state.invited = count > 0 && rooms[0].invited;
    push.body_case = ATTUNE__PUSH__BODY_ROOM_STATE;
    push.room_state = &state;
    peer_push(p, &push);
    for (size_t i = 0; i < count; i++) {
        free(messages[i].files);
    }
}

/* Of two whose rows a connection is told: nothing for its own. */
static char *whose(const struct peer *p, int64_t therapist_id)
{
    return text(therapist_id != p->therapist_id ? p->staff->acting_for : "");
}

struct kept_push *keep_session(const struct peer *p, const struct store_session *session)
{
    struct session_message message;
    Attune__Push push = ATTUNE__PUSH__INIT;
    Attune__SessionNews news = ATTUNE__SESSION_NEWS__INIT;
    fill_session(&message, session);
    news.session = &message.session;
    push.body_case = ATTUNE__PUSH__BODY_SESSION_NEWS;
    push.session_news = &news;
    push.therapist = whose(p, session->therapist_id);
    return peer_keep(&push);
}

struct kept_push *keep_alert(const struct peer *p, const struct store_alert *alert)
{
    struct alert_message message;
    Attune__Push push = ATTUNE__PUSH__INIT;
    fill_alert(&message, alert);
    push.body_case = ATTUNE__PUSH__BODY_ALERT;
    push.alert = &message.alert;
    push.therapist = whose(p, alert->therapist_id);
    return peer_keep(&push);
}

static void fill_goal(Attune__Goal *g, const struct store_goal *row)
{
    attune__goal__init(g);
    g->goal_id = id(row->goal_id);
    g->session_id = id(row->session_id);
    g->session_start_ms = row->session_start;
    g->area = (Attune__Area)row->area;
    g->words = text(row->words);
    g->ended_ms = row->ended;
    g->outcome = (Attune__GoalOutcome)row->outcome;
    g->before_answers = row->before_answers;
    g->before = row->before_answers > 0 ? (uint32_t)row->before : 0;
    g->after_answers = row->after_answers;
    g->after = row->after_answers > 0 ? (uint32_t)row->after : 0;
}

void answer_session(struct peer *p, uint64_t seq, const struct store_session *session)
{
    struct session_message message;
    Attune__Goal goals[LIMIT_GOALS_IN_FORCE], *pointers[LIMIT_GOALS_IN_FORCE];
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    must(session->goal_count <= LIMIT_GOALS_IN_FORCE);
    fill_session(&message, session);
    for (size_t i = 0; i < session->goal_count; i++) {
        fill_goal(&goals[i], &session->goals[i]);
        pointers[i] = &goals[i];
    }
    message.session.goals = pointers;
    message.session.n_goals = session->goal_count;
    response.body_case = ATTUNE__RESPONSE__BODY_SESSION;
    response.session = &message.session;
    peer_answer(p, seq, &response);
}

void answer_stored(struct peer *p, uint64_t seq, const uint8_t rating_id[STORE_ID], bool again)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__RatingStored stored = ATTUNE__RATING_STORED__INIT;
    stored.rating_id = id(rating_id);
    stored.again = again;
    response.body_case = ATTUNE__RESPONSE__BODY_RATING_STORED;
    response.rating_stored = &stored;
    peer_answer(p, seq, &response);
}

/* Room for the envelope around a list: seq, tags, lengths, `more`. */
enum { ENVELOPE_BYTES = 64, DETAIL_BYTES = LIMIT_FRAME_BODY / 2 };

/* A client's pseudonym is put in at the end, and may be longer than the token that stands for it.
 */
static size_t growth(const ProtobufCMessage *item)
{
    bool is_named =
        item->descriptor == &attune__practice_item__descriptor ||
        protobuf_c_message_descriptor_get_field_by_name(item->descriptor, "client_ref") != NULL;
    return is_named ? LIMIT_NAME_BYTES : 0;
}

/* How many of `count` messages, pointers to which are in `items`, fit into one frame. */
size_t answer_fitting(ProtobufCMessage *const *items, size_t count)
{
    size_t bytes = ENVELOPE_BYTES, each = 4 + (count > 0 ? growth(items[0]) : 0);
    for (size_t i = 0; i < count; i++) {
        bytes += protobuf_c_message_get_packed_size(items[i]) + each;
        if (bytes > LIMIT_FRAME_BODY) {
            return i;
        }
    }
    return count;
}

void answer_sessions(struct peer *p, uint64_t seq, const struct store_session *sessions,
                     size_t count, bool more)
{
    struct session_message messages[LIMIT_SESSIONS_PAGE];
    Attune__Session *items[LIMIT_SESSIONS_PAGE];
    must(count <= LIMIT_SESSIONS_PAGE);
    for (size_t i = 0; i < count; i++) {
        fill_session(&messages[i], &sessions[i]);
        items[i] = &messages[i].session;
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__SessionList list = ATTUNE__SESSION_LIST__INIT;
    list.n_sessions = answer_fitting((ProtobufCMessage *const *)items, count);
    list.sessions = items;
    list.more = more || list.n_sessions < count;
    response.body_case = ATTUNE__RESPONSE__BODY_SESSION_LIST;
    response.session_list = &list;
    peer_answer(p, seq, &response);
}

struct rating_message {
    Attune__StoredRating rating;
    Attune__Scores scores;
};

static void fill_rating(struct rating_message *m, const struct store_stored_rating *row)
{
    Attune__StoredRating *r = &m->rating;
    attune__stored_rating__init(r);
    r->rating_id = id(row->rating_id);
    r->session_id = id(row->session_id);
    r->session_start_ms = row->session_start;
    r->made_at_ms = row->made_at;
    r->received_ms = row->received_at;
    r->skipped = row->skipped;
    r->scores = fill_scores(&m->scores, row->scores);
    r->talk = (Attune__Talk)row->talk;
    r->instrument = text(row->instrument);
    r->better = (Attune__Better)row->better;
    r->tension = (Attune__Tension)row->tension;
}

void answer_ratings(struct peer *p, uint64_t seq, const struct store_stored_rating *ratings,
                    size_t count, bool more)
{
    struct rating_message messages[LIMIT_RATINGS_PAGE];
    Attune__StoredRating *items[LIMIT_RATINGS_PAGE];
    must(count <= LIMIT_RATINGS_PAGE);
    for (size_t i = 0; i < count; i++) {
        fill_rating(&messages[i], &ratings[i]);
        items[i] = &messages[i].rating;
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__RatingList list = ATTUNE__RATING_LIST__INIT;
    list.n_ratings = answer_fitting((ProtobufCMessage *const *)items, count);
    list.ratings = items;
    list.more = more || list.n_ratings < count;
    response.body_case = ATTUNE__RESPONSE__BODY_RATING_LIST;
    response.rating_list = &list;
    peer_answer(p, seq, &response);
}

void answer_alerts(struct peer *p, uint64_t seq, const struct store_alert *alerts, size_t count,
                   bool more)
{
    struct alert_message messages[LIMIT_ALERTS_PAGE];
    Attune__Alert *items[LIMIT_ALERTS_PAGE];
    must(count <= LIMIT_ALERTS_PAGE);
    for (size_t i = 0; i < count; i++) {
        fill_alert(&messages[i], &alerts[i]);
        items[i] = &messages[i].alert;
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__AlertList list = ATTUNE__ALERT_LIST__INIT;
    list.n_alerts = answer_fitting((ProtobufCMessage *const *)items, count);
    list.alerts = items;
    list.more = more || list.n_alerts < count;
    response.body_case = ATTUNE__RESPONSE__BODY_ALERT_LIST;
    response.alert_list = &list;
    peer_answer(p, seq, &response);
}

void answer_goals(struct peer *p, uint64_t seq, const struct store_goal *goals, size_t count,
                  bool more)
{
    Attune__Goal messages[LIMIT_GOALS_PAGE];
    Attune__Goal *items[LIMIT_GOALS_PAGE];
    must(count <= LIMIT_GOALS_PAGE);
    for (size_t i = 0; i < count; i++) {
        fill_goal(&messages[i], &goals[i]);
        items[i] = &messages[i];
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__GoalList list = ATTUNE__GOAL_LIST__INIT;
    list.n_goals = answer_fitting((ProtobufCMessage *const *)items, count);
    list.goals = items;
    list.more = more || list.n_goals < count;
    response.body_case = ATTUNE__RESPONSE__BODY_GOAL_LIST;
    response.goal_list = &list;
    peer_answer(p, seq, &response);
}

void answer_escalations(struct peer *p, uint64_t seq, const struct store_escalation *escalations,
                        size_t count, bool more)
{
    Attune__Escalation messages[LIMIT_ESCALATIONS_PAGE];
    Attune__Escalation *items[LIMIT_ESCALATIONS_PAGE];
    must(count <= LIMIT_ESCALATIONS_PAGE);
    for (size_t i = 0; i < count; i++) {
        const struct store_escalation *row = &escalations[i];
        attune__escalation__init(&messages[i]);
        messages[i].escalation_id = id(row->opened_rating);
        messages[i].therapist = text(row->therapist);
        messages[i].site = text(row->site);
        messages[i].opened_ms = row->opened;
        messages[i].escalated_ms = row->escalated;
        messages[i].state = text(row->state);
        messages[i].step = text(row->step);
        items[i] = &messages[i];
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__EscalationList list = ATTUNE__ESCALATION_LIST__INIT;
    list.n_escalations = answer_fitting((ProtobufCMessage *const *)items, count);
    list.escalations = items;
    list.more = more || list.n_escalations < count;
    response.body_case = ATTUNE__RESPONSE__BODY_ESCALATION_LIST;
    response.escalation_list = &list;
    peer_answer(p, seq, &response);
}

void answer_explanation(struct peer *p, uint64_t seq, const struct store_explanation *explanation)
{
    struct alert_message message;
    Attune__RuptureMove moves[LIMIT_RUPTURE_MOVES];
    Attune__RuptureMove *pointers[LIMIT_RUPTURE_MOVES];
    must(explanation->move_count <= LIMIT_RUPTURE_MOVES);
    fill_alert(&message, &explanation->alert);
    for (size_t i = 0; i < explanation->move_count; i++) {
        const struct store_rupture_move *row = &explanation->moves[i];
        attune__rupture_move__init(&moves[i]);
        moves[i].at_ms = row->at;
        moves[i].actor = text(row->actor);
        moves[i].move = text(row->move);
        moves[i].step = text(row->step);
        pointers[i] = &moves[i];
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__AlertExplanation e = ATTUNE__ALERT_EXPLANATION__INIT;
    e.alert = &message.alert;
    e.inputs = text(explanation->inputs);
    e.rupture = text(explanation->rupture);
    e.n_moves = answer_fitting((ProtobufCMessage *const *)pointers, explanation->move_count);
    e.moves = pointers;
    response.body_case = ATTUNE__RESPONSE__BODY_ALERT_EXPLANATION;
    response.alert_explanation = &e;
    peer_answer(p, seq, &response);
}

void answer_items(struct peer *p, uint64_t seq, const struct store_item *items, size_t count,
                  bool more)
{
    Attune__PracticeItem messages[LIMIT_PRACTICE_PAGE];
    Attune__PracticeItem *pointers[LIMIT_PRACTICE_PAGE];
    must(count <= LIMIT_PRACTICE_PAGE);
    for (size_t i = 0; i < count; i++) {
        attune__practice_item__init(&messages[i]);
        messages[i].name = text(items[i].name);
        /* An item always fits: a page that stays empty is never turned. */
        messages[i].detail = text(strlen(items[i].detail) <= DETAIL_BYTES ? items[i].detail : "");
        pointers[i] = &messages[i];
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__PracticeList list = ATTUNE__PRACTICE_LIST__INIT;
    list.n_items = answer_fitting((ProtobufCMessage *const *)pointers, count);
    list.items = pointers;
    list.more = more || list.n_items < count;
    response.body_case = ATTUNE__RESPONSE__BODY_PRACTICE_LIST;
    response.practice_list = &list;
    peer_answer(p, seq, &response);
}
