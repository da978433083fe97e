/* One line a metric; the values are read where they are kept. */
#include "server/gateway/metrics_list.h"

#include <string.h>

#include "proto/wire/must.h"

static size_t enrolment_metrics(const struct gateway *g, struct metric *metrics, size_t room)
{
    const struct metric list[] = {
        {"attune_enrolled_total", "Certificates given for codes.", METRIC_COUNTER,
         g->counters.enrolled},
        {"attune_enrol_refused_total", "Enrolments and renewals that were refused.", METRIC_COUNTER,
         g->counters.enrol_refused},
        {"attune_renewed_total", "Certificates given for older ones.", METRIC_COUNTER,
         g->counters.renewed},
        {"attune_enrolling", "Connections without a certificate now.", METRIC_GAUGE, g->enrolling},
        {"attune_device_certificate_expires_seconds",
         "Until the first certificate of a connected device expires.", METRIC_GAUGE,
         seen_expires_first_s(g)},
    };
    size_t count = sizeof list / sizeof list[0];
    must(count <= room);
    memcpy(metrics, list, sizeof list);
    return count;
}

/* What kiosks' records need: keys, chains, to be asked for again, and the time. */
static size_t list_sealing(const struct gateway *g, struct metric *metrics)
{
    const struct metric list[] = {
        {"attune_ratings_unopened_total", "Ratings sealed to a key that is not on this server.",
         METRIC_COUNTER, g->counters.unopened},
        {"attune_chain_heads_opened_total", "Chains of sealed ratings that X25519 was worked for.",
         METRIC_COUNTER, g->counters.heads + chains_heads(g->chains)},
        {"attune_clocks_off_total", "Devices whose clock was a minute off or more, when they came.",
         METRIC_COUNTER, g->counters.clocks_off},
        {"attune_clock_ahead_seconds", "This machine's clock, ahead of the database's.",
         METRIC_GAUGE, g->resend.clock_ahead_ms / 1000},
        {"attune_resends_asked_total", "Kiosks asked to send again what was acknowledged.",
         METRIC_COUNTER, g->resend.told},
    };
    memcpy(metrics, list, sizeof list);
    return sizeof list / sizeof list[0];
}

/* Strangers and their bytes. */
static size_t net_metrics(const struct net *net, struct metric *metrics, size_t room)
{
    const struct net_counters *n = &net->counters;
    const struct metric list[] = {
        {"attune_connections", "Devices connected now.", METRIC_GAUGE, n->open},
        {"attune_connections_total", "Connections accepted.", METRIC_COUNTER, n->accepted},
        {"attune_at_the_door", "Strangers accepted whose TLS handshake has not begun.",
         METRIC_GAUGE, net->door.waiting},
        {"attune_turned_away_total", "Strangers that were too many, or in others' places.",
         METRIC_COUNTER, n->turned_away},
        {"attune_handshaking", "TLS handshakes under way.", METRIC_GAUGE, n->handshaking},
        {"attune_handshakes_total", "TLS handshakes done.", METRIC_COUNTER, n->handshakes},
        {"attune_handshake_failures_total", "TLS handshakes that failed or were given up.",
         METRIC_COUNTER, n->handshake_failures},
        {"attune_frames_total", "Frames read.", METRIC_COUNTER, n->frames},
        {"attune_bytes_in_total", "Bytes read, encrypted.", METRIC_COUNTER, n->bytes_in},
        {"attune_bytes_out_total", "Bytes sent, encrypted.", METRIC_COUNTER, n->bytes_out},
        {"attune_cut_slow_total", "Connections cut for being slow, silent or unread.",
         METRIC_COUNTER, n->cut_slow},
    };
    size_t count = sizeof list / sizeof list[0];
    must(count <= room);
    memcpy(metrics, list, sizeof list);
    return count;
}

size_t gateway_metrics(const struct gateway *g, int64_t certificate_expires_in_s,
                       struct metric metrics[GATEWAY_METRICS])
{
    const struct ingest_counters *in = &g->ingest.counters;
    const struct feed_counters *f = &g->feed.counters;
    const struct metric list[] = {
        {"attune_refused_frames_total", "Frames that are no message of ours.", METRIC_COUNTER,
         g->counters.refused_frames},
        {"attune_refused_requests_total", "Requests answered with an error of the request.",
         METRIC_COUNTER, g->counters.refused_requests},
        {"attune_replaced_total", "Connections that gave way to a newer one of their device.",
         METRIC_COUNTER, g->counters.replaced},
        {"attune_revoked_total", "Connections ended because of what was revoked.", METRIC_COUNTER,
         g->revocation.cut},
        {"attune_busy_total", "Ratings told to come back.", METRIC_COUNTER, g->counters.busy},
        {"attune_pauses_total", "Times that reading from a kiosk was paused.", METRIC_COUNTER,
         g->counters.pauses},
        {"attune_ratings_held", "Ratings waiting for the database.", METRIC_GAUGE,
         (int64_t)g->ingest.batcher.held},
        {"attune_ratings_stored_total", "Ratings stored.", METRIC_COUNTER, in->stored},
        {"attune_ratings_again_total", "Ratings that came again.", METRIC_COUNTER, in->again},
        {"attune_ratings_refused_total", "Ratings never to be stored.", METRIC_COUNTER,
         in->refused},
        {"attune_log_ons_waiting", "Passwords that wait to be hashed.", METRIC_GAUGE,
         (int64_t)g->hashing.waiting},
        {"attune_passwords_wrong_total", "Log-ons with a wrong password or code.", METRIC_COUNTER,
         g->counters.wrong_passwords},
        {"attune_batches_total", "Transactions of ratings.", METRIC_COUNTER, in->batches},
        {"attune_batches_failed_total", "Of these, those that failed.", METRIC_COUNTER,
         in->failed_batches},
        {"attune_feed_scans_total", "Looks at the tables for connected devices.", METRIC_COUNTER,
         f->scans},
        {"attune_rooms_pushed_total", "Room states pushed to kiosks.", METRIC_COUNTER,
         f->rooms_pushed},
        {"attune_sessions_pushed_total", "Session news pushed to therapists.", METRIC_COUNTER,
         f->offered.sessions},
        {"attune_alerts_pushed_total", "Alerts pushed to therapists.", METRIC_COUNTER,
         f->offered.alerts},
        {"attune_alerts_held_back_total", "Alerts left in the table, too many being open.",
         METRIC_COUNTER, f->offered.alerts_held_back},
        {"attune_database_ready", "1: ratings can be stored.", METRIC_GAUGE,
         store_ready(&g->store)},
        {"attune_certificate_expires_seconds", "Until the server's certificate expires.",
         METRIC_GAUGE, certificate_expires_in_s},
    };
    size_t count = sizeof list / sizeof list[0];
    must(count <= GATEWAY_METRICS);
    memcpy(metrics, list, sizeof list);
    count += net_metrics(&g->net, metrics + count, GATEWAY_METRICS - count);
    count += enrolment_metrics(g, metrics + count, GATEWAY_METRICS - count);
    count += list_sealing(g, metrics + count);
    must(count <= GATEWAY_METRICS);
    return count;
}
