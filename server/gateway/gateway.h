/* gateway.h - attune-server's heart: connections on one side, the store on the other.
 *
 * A request's way: net hands over a frame, gateway.c unpacks and judges it, the file of its kind
 * (on_rating.c, on_session.c, on_read.c, on_practice.c) asks the store and answers from the store's
 * callback. */
#pragma once

#include "proto/wire/codec.h"
#include "proto/wire/tls_session_enrol.h"
#include "server/base/metrics.h"
#include "server/gateway/chains.h"
#include "server/gateway/ended.h"
#include "server/gateway/feed/feed.h"
#include "server/gateway/hashing.h"
#include "server/gateway/ingest/ingest.h"
#include "server/gateway/naming.h"
#include "server/gateway/issuer.h"
#include "server/gateway/options.h"
#include "server/gateway/peer.h"
#include "server/gateway/refused.h"
#include "server/gateway/resend.h"
#include "server/gateway/revocation.h"
#include "server/gateway/sealing.h"
#include "server/net/net.h"
#include "server/pg/store.h"

enum { GATEWAY_BUCKETS = 4096 };

struct gateway_counters {
    int64_t refused_frames, refused_requests, replaced, busy, pauses, unopened, heads, clocks_off,
        wrong_passwords, enrolled, enrol_refused, renewed;
};

typedef void (*gateway_close_cb)(struct gateway *g);

struct gateway {
    uv_loop_t *loop;
    const struct options *options;
    struct net net;
    struct store store;
    struct naming naming;
    struct ingest ingest;
    struct feed feed;
    struct refused refused;
    struct resend resend;
    struct revocation revocation;
    struct ended ended;
    uv_prepare_t turn;
    uv_timer_t drain, staff_timer, seen;
    struct peer_list known[GATEWAY_BUCKETS]; /* Greeted devices by fingerprint. */
    struct peer_list kiosks, watchers, staff;
    struct hashing hashing;
    struct gateway_counters counters;
    struct codec_arena frame_arena, record_arena;
    struct sealing sealing;
    struct chains *chains; /* From gateway_sealing on. */
    struct issuer issuer;
    struct tls_authorities authorities;
    unsigned enrolling; /* Connections of attune-enrol/1. */
    bool seen_busy;
    struct seen *seen_left; /* Ours. */
    unsigned seen_left_count;
    bool sealing_required, unopened_said;
    bool draining, held; /* `held`: some kiosks are paused. */
    unsigned handles;
    uint64_t drain_until;
    gateway_close_cb close_cb;
};

/* `options` and `journal` are borrowed until close; `audit_key` is copied, NULL is none. */
void gateway_init(struct gateway *g, const struct options *options,
                  const struct chain_key *audit_key, struct journal *journal);
/* `*context` is taken. Returns 0 or ERR_CONFIG; close is owed. */
int gateway_start(struct gateway *g, uv_loop_t *loop, SSL_CTX **context);
/* Limits of net that may change while it runs: time-outs, connections, handshakes. */
void gateway_reload(struct gateway *g, const struct options *fresh);
/* From here on ratings are opened with these keys, and each kiosk is offered the newest at its next
 * Welcome. `fresh` is copied and wiped. */
void gateway_sealing(struct gateway *g, struct sealing *fresh, bool required);
/* Whom devices are to trust from here on, and who signs them: told to all that are connected, if it
 * is news. Both are taken. Before gateway_start, and at a reload. */
void gateway_authorities(struct gateway *g, struct tls_authorities *fresh,
                         struct issuer *fresh_issuer);
/* Tell every device when to return, finish what is under way, then close by itself and call `cb`. A
 * second call hurries. */
void gateway_drain(struct gateway *g, gateway_close_cb cb);

/* ---- for the files of the request kinds -------------------------------------------------------
 */

/* A request under way with the store. Allocated by request_new, freed by request_free. */
struct request {
    struct store_call call;
    struct pending pending;
    bool lists_clients; /* Their names are to be translated. */
    struct {            /* A report's: what was asked for. */
        uint8_t kind, weeks;
        char after[LIMIT_NAME_BYTES + 1];
    } report;
    int64_t told_ms;    /* That somebody is there: when. */
    uint8_t secret[16]; /* A code's. */
};
/* One that is the first member of something larger, from malloc. */
void request_begin(struct request *r, struct peer *p, uint64_t seq);
struct request *request_new(struct peer *p, uint64_t seq);
void request_free(struct request *r);
/* Answers a failure and frees; returns false. True: go on with the success. */
bool request_good(struct request *r, int rc);
/* What an operation returned at once: 0, or the failure is answered and the request freed. */
void request_started(struct request *r, int rc);

/* To the function below that is for its kind. */
void gateway_dispatch(struct peer *p, const Attune__Request *q);

void on_submit_rating(struct peer *p, uint64_t seq, const Attune__SubmitRating *submit);
void on_import_rating(struct peer *p, uint64_t seq, const Attune__ImportRating *import);
void on_open_session(struct peer *p, uint64_t seq, const Attune__OpenSession *open);
void on_invite_rating(struct peer *p, uint64_t seq, const Attune__InviteRating *invite);
void on_close_session(struct peer *p, uint64_t seq, const Attune__CloseSession *close);
void on_list_sessions(struct peer *p, uint64_t seq, const Attune__ListSessions *list);
void on_list_ratings(struct peer *p, uint64_t seq, const Attune__ListRatings *list);
void on_list_alerts(struct peer *p, uint64_t seq, const Attune__ListAlerts *list);
void on_watch(struct peer *p, uint64_t seq);
void on_acknowledge_alert(struct peer *p, uint64_t seq,
                          const Attune__AcknowledgeAlert *acknowledge);
void on_explain_alert(struct peer *p, uint64_t seq, const Attune__ExplainAlert *explain);
void on_put_goal(struct peer *p, uint64_t seq, const Attune__PutGoal *put);
void on_end_goal(struct peer *p, uint64_t seq, const Attune__EndGoal *end);
void on_list_goals(struct peer *p, uint64_t seq, const Attune__ListGoals *list);
void on_list_caseload(struct peer *p, uint64_t seq, const Attune__ListCaseload *list);
void on_list_rooms(struct peer *p, uint64_t seq, const Attune__ListRooms *list);
void on_put_rules(struct peer *p, uint64_t seq, const Attune__PutRules *put);
void on_get_rules(struct peer *p, uint64_t seq);
/* The place of "ask.tension" in a practice's numbers, from 1. */
unsigned on_rules_ask_tension_at(void);
void on_put_instrument(struct peer *p, uint64_t seq, const Attune__PutInstrument *message);
void on_list_instruments(struct peer *p, uint64_t seq);
void on_get_instrument(struct peer *p, uint64_t seq, const Attune__GetInstrument *get);
void on_get_report(struct peer *p, uint64_t seq, const Attune__GetReport *get);
void on_list_escalations(struct peer *p, uint64_t seq, const Attune__ListEscalations *list);
void on_receive_alerts(struct peer *p, uint64_t seq, const Attune__ReceiveAlerts *receive);
void on_act_for(struct peer *p, uint64_t seq, const Attune__ActFor *act);
void on_rights(struct peer *p, const Attune__Request *q);
void on_practice(struct peer *p, const Attune__Request *q);
void on_erase_client(struct peer *p, uint64_t seq, const Attune__EraseClient *erase);
void on_copy_client(struct peer *p, uint64_t seq, const Attune__CopyClient *copy);
void on_retention(struct peer *p, const Attune__Request *q);
/* LogOn, ResumeLogOn, LogOff, SetPassword. */
void on_log_on(struct peer *p, const Attune__Request *q);
/* BeginSecondFactor, ConfirmSecondFactor. */
void on_second_factor(struct peer *p, const Attune__Request *q);
/* AddAccount, ResetPassword, ListAccounts, PutLogOn. */
void on_account(struct peer *p, const Attune__Request *q);
void on_verify_audit(struct peer *p, uint64_t seq, const Attune__VerifyAudit *verify);
void on_who_saw(struct peer *p, uint64_t seq, const Attune__WhoSaw *saw);
void on_hello(struct peer *p, uint64_t seq, const Attune__Hello *hello);

void on_device_request(struct peer *p, const Attune__Request *q);
void on_enrol(struct peer *p, uint64_t seq, const Attune__Enrol *enrol);
void on_renew_certificate(struct peer *p, uint64_t seq, const Attune__RenewCertificate *renew);
void on_renew_expired(struct peer *p, uint64_t seq, const Attune__RenewExpired *renew);
void answer_authority(struct peer *p, uint64_t seq);

/* The queue of ratings is full: read no more from this kiosk until it is low again. */
void gateway_hold(struct gateway *g, struct peer *p);

/* Unix time in milliseconds by the database's clock, once it was heard: what devices are told and
 * what is stored. */
int64_t gateway_true_ms(const struct gateway *g);
