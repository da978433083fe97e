/* answer.h - from the store's rows to the protocol's messages. Shells of one line each around a
 * mapping. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/gateway/peer.h"
#include "server/gateway/report/report.h"
#include "server/pg/store.h"

/* What is said of a certificate: its SHA-256, and who signed it. */
struct certificate_words {
    char sha256[2 * CHAIN_HASH + 1], signer[2 * CHAIN_KEY + 1];
};
enum certificate_verdict certificate_say(const struct store_certificate *c,
                                         const struct chain_key *own,
                                         struct certificate_words *ret_words);

/* The kiosk's room is now as told: two tickets where two came together; none: nobody is to rate
 * here. */
void push_room(struct peer *p, const struct store_room_now *rooms, size_t count);
/* About a client: to be said once the audit has it. The caller's to free. */
struct kept_push *keep_session(const struct peer *p, const struct store_session *session);
struct kept_push *keep_alert(const struct peer *p, const struct store_alert *alert);

void answer_session(struct peer *p, uint64_t seq, const struct store_session *session);
/* Lists: what does not fit into a frame is left to the next page. `more`: there were more rows than
 * asked for. */
void answer_sessions(struct peer *p, uint64_t seq, const struct store_session *sessions,
                     size_t count, bool more);
void answer_ratings(struct peer *p, uint64_t seq, const struct store_stored_rating *ratings,
                    size_t count, bool more);
void answer_alerts(struct peer *p, uint64_t seq, const struct store_alert *alerts, size_t count,
                   bool more);
void answer_goals(struct peer *p, uint64_t seq, const struct store_goal *goals, size_t count,
                  bool more);
void answer_escalations(struct peer *p, uint64_t seq, const struct store_escalation *escalations,
                        size_t count, bool more);
void answer_explanation(struct peer *p, uint64_t seq, const struct store_explanation *explanation);
/* The rows after the one named; `first_day` of the oldest week in days since 1970-01-01. */
void answer_report(struct peer *p, uint64_t seq, const struct report *report, int64_t first_day,
                   const char *after);
void answer_items(struct peer *p, uint64_t seq, const struct store_item *items, size_t count,
                  bool more);
void answer_stored(struct peer *p, uint64_t seq, const uint8_t rating_id[STORE_ID], bool again);

void answer_caseload(struct peer *p, uint64_t seq, const struct store_client *clients, size_t count,
                     bool more);
void answer_rooms(struct peer *p, uint64_t seq, const struct store_place *places, size_t count,
                  bool more);

struct store_acting;
struct store_right;
struct store_look;
void answer_acting(struct peer *p, uint64_t seq, unsigned kind, const char *client_ref,
                   const struct store_acting *found);
void answer_rights(struct peer *p, uint64_t seq, const struct store_right *rights, size_t count,
                   bool more);
void answer_looks(struct peer *p, uint64_t seq, const struct store_look *looks, size_t count);
/* Somebody has looked at one of the therapist's clients. As keep_session. */
struct kept_push *keep_look(const struct store_look *look);

/* How many of `count` messages fit into one frame: 0 when the first alone does not. */
size_t answer_fitting(ProtobufCMessage *const *items, size_t count);
