/* Happy path: one request that carries its own id, answered with what is so now. Failure: the
 * server's sentence is said; while the connection is away the request waits. */
#include "client/therapist/office_ask.h"

#include <openssl/rand.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { SESSION_MINUTES = 50 };

static void random_id(uint8_t ret_id[LIMIT_ID_SIZE])
{
    must(RAND_bytes(ret_id, LIMIT_ID_SIZE) == 1); /* Without randomness nothing may go on. */
    ret_id[0] |= 1;                               /* Never all zero. */
}

static void refused(struct office *o, int rc, const Attune__Response *response)
{
    if (rc == ERR_ROOM_TAKEN) {
        office_say(o, "Another session is open in that room. Open again and take it over, or "
                      "choose another room.");
        return;
    }
    office_say(o, response != NULL ? response->error->text : err_text(rc));
}

static void on_session(struct office *o, struct office_ask *ask, int rc,
                       const Attune__Response *response)
{
    (void)ask;
    office_read_rooms(o);
    if (rc != 0) {
        refused(o, rc, response);
    } else if (response->body_case == ATTUNE__RESPONSE__BODY_SESSION) {
        (void)desk_session(o->desk, response->session, DESK_NEWS);
        office_take_session(o, response->session);
    }
    office_read_caseload(o);
    office_read_client(o);
}

void office_open_session(struct office *o, const struct office_opening *opening)
{
    uint8_t id[LIMIT_ID_SIZE], first[LIMIT_ID_SIZE];
    char *client = g_strdup(opening->client_ref), *place = g_strdup(opening->room);
    Attune__OpenSession body = ATTUNE__OPEN_SESSION__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    random_id(id);
    body.session_id = (ProtobufCBinaryData){sizeof id, id};
    body.client_ref = client;
    body.room = place;
    body.planned_end_ms = g_get_real_time() / 1000 + (int64_t)SESSION_MINUTES * 60 * 1000;
    body.take_over = opening->take_over;
    body.first_time = opening->first_time;
    body.audience =
        opening->child ? ATTUNE__AUDIENCE__AUDIENCE_CHILD : ATTUNE__AUDIENCE__AUDIENCE_ADULT;
    if (opening->together_with != NULL) {
        memcpy(first, opening->together_with, sizeof first);
        body.together_with = (ProtobufCBinaryData){sizeof first, first};
    }
    request.body_case = ATTUNE__REQUEST__BODY_OPEN_SESSION;
    request.open_session = &body;
    office_ask(o, OFFICE_SAY, &request, on_session);
    g_free(client);
    g_free(place);
}

void office_invite(struct office *o, const uint8_t session_id[LIMIT_ID_SIZE])
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__InviteRating body = ATTUNE__INVITE_RATING__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    memcpy(id, session_id, sizeof id);
    body.session_id = (ProtobufCBinaryData){sizeof id, id};
    request.body_case = ATTUNE__REQUEST__BODY_INVITE_RATING;
    request.invite_rating = &body;
    office_ask(o, OFFICE_SAY, &request, on_session);
}

void office_close_session(struct office *o, const uint8_t session_id[LIMIT_ID_SIZE])
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__CloseSession body = ATTUNE__CLOSE_SESSION__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    memcpy(id, session_id, sizeof id);
    body.session_id = (ProtobufCBinaryData){sizeof id, id};
    request.body_case = ATTUNE__REQUEST__BODY_CLOSE_SESSION;
    request.close_session = &body;
    office_ask(o, OFFICE_SAY, &request, on_session);
}

static void on_goal(struct office *o, struct office_ask *ask, int rc,
                    const Attune__Response *response)
{
    (void)ask;
    if (rc != 0) {
        refused(o, rc, response);
    }
    office_read_client(o);
}

void office_put_goal(struct office *o, const uint8_t session_id[LIMIT_ID_SIZE], Attune__Area area,
                     const char *words)
{
    uint8_t id[LIMIT_ID_SIZE], session[LIMIT_ID_SIZE];
    char *said = g_strdup(words);
    Attune__PutGoal body = ATTUNE__PUT_GOAL__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    random_id(id);
    memcpy(session, session_id, sizeof session);
    body.goal_id = (ProtobufCBinaryData){sizeof id, id};
    body.session_id = (ProtobufCBinaryData){sizeof session, session};
    body.area = area;
    body.words = said;
    request.body_case = ATTUNE__REQUEST__BODY_PUT_GOAL;
    request.put_goal = &body;
    office_ask(o, OFFICE_SAY, &request, on_goal);
    g_free(said);
}

void office_end_goal(struct office *o, const uint8_t goal_id[LIMIT_ID_SIZE],
                     Attune__GoalOutcome outcome)
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__EndGoal body = ATTUNE__END_GOAL__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    memcpy(id, goal_id, sizeof id);
    body.goal_id = (ProtobufCBinaryData){sizeof id, id};
    body.outcome = outcome;
    request.body_case = ATTUNE__REQUEST__BODY_END_GOAL;
    request.end_goal = &body;
    office_ask(o, OFFICE_SAY, &request, on_goal);
}

/* --- who has looked --- */

const Attune__Look *office_look(const struct office *o)
{
    return o->looks->len > 0 && whose_is_own(o->whose) ? g_ptr_array_index(o->looks, 0) : NULL;
}

static void on_look_known(struct office *o, struct office_ask *ask, int rc,
                          const Attune__Response *response)
{
    (void)ask;
    if (rc != 0) {
        refused(o, rc, response);
    }
}

void office_look_known(struct office *o)
{
    uint8_t id[LIMIT_ID_SIZE];
    Attune__SeenLook body = ATTUNE__SEEN_LOOK__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    const Attune__Look *look = office_look(o);
    if (look == NULL) {
        return;
    }
    memcpy(id, look->look_id.data, sizeof id);
    body.look_id = (ProtobufCBinaryData){sizeof id, id};
    request.body_case = ATTUNE__REQUEST__BODY_SEEN_LOOK;
    request.seen_look = &body;
    office_ask(o, OFFICE_SAY, &request, on_look_known);
    g_ptr_array_remove_index(o->looks, 0);
    office_tell(o, OFFICE_LOOKS);
}
