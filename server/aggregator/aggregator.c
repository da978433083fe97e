/* Happy path: wake, claim, evaluate, write, commit, and again until a claim is empty; then the
 * sessions opened since are counted, ruptures that have waited too long are put on the lists, and
 * at night what is too old goes, where a practice wants that.
 * Failure: a step that fails has undone the claim; the next wake (a poll at the latest) begins
 * anew. So does a wake that comes in the middle of a claim, when that is done. */
#include "server/aggregator/aggregator.h"

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"
#include "server/base/log.h"
#include "server/pg/store_retention.h"

/* Sessions counted in one transaction: no longer than a claim takes. */
enum { SESSIONS_MAX = 1000 };
/* Between two looks at what goes at night: a rating that comes meanwhile waits for none of them. */
enum { NIGHT_LOOK_MS = 10 * 1000 };

static void start_claim(struct aggregator *a);

static void on_store_closed(struct store *s)
{
    struct aggregator *a = container_of(s, struct aggregator, store);
    review_fini(&a->review);
    a->close_cb(a);
}

static void maybe_close(struct aggregator *a)
{
    if (a->stopping && !a->working && !a->closing) {
        a->closing = true;
        store_close(&a->store, on_store_closed);
    }
}

/* The claim is over. Calls out last. */
static void finish(struct aggregator *a, int rc)
{
    bool again = a->woken || (rc == 0 && a->more);
    a->working = false;
    if (rc != 0) {
        a->counters.failures++;
        if (rc != ERR_CANCELED) {
            log_line(LOG_LEVEL_WARNING, "aggregator",
                     "a claim was undone (%s); it will be found again", err_name(rc));
        }
        again = false; /* Not in a spin: the poll comes soon. */
    }
    if (a->stopping) {
        maybe_close(a);
    } else if (again) {
        start_claim(a);
    }
}

/* The place of a member of struct rule_settings in the array that is stored, from 1. */
#define PLACE_OF(member) ((unsigned)(offsetof(struct rule_settings, member) / sizeof(int32_t)) + 1)

static void on_night(struct store_call *call, int rc, unsigned steps)
{
    struct aggregator *a = container_of(call, struct aggregator, counting);
    a->more = rc == 0 && steps > 0; /* Ratings first, then the next step. */
    a->night_next = uv_now(a->loop) + (a->more ? 0 : NIGHT_LOOK_MS);
    finish(a, rc);
}

static void on_escalated(struct store_call *call, int rc, unsigned escalated)
{
    struct aggregator *a = container_of(call, struct aggregator, counting);
    (void)escalated; /* The lists are read, not pushed. */
    if (rc == 0 && !a->stopping && uv_now(a->loop) >= a->night_next) {
        rc = store_retention_night(&a->store, &a->counting, on_night);
        if (rc == 0) {
            return;
        }
    }
    finish(a, rc);
}

/* What time alone does to ruptures. */
static void escalate(struct aggregator *a)
{
    int rc = store_ruptures_escalate(&a->store, &a->counting, PLACE_OF(escalate_unrepaired),
                                     PLACE_OF(escalate_unacknowledged), on_escalated);
    if (rc != 0) {
        finish(a, rc);
    }
}

static void on_counted(struct store_call *call, int rc, unsigned counted)
{
    struct aggregator *a = container_of(call, struct aggregator, counting);
    a->more = counted == SESSIONS_MAX;
    if (rc == 0 && !a->more && !a->stopping) {
        escalate(a);
        return;
    }
    finish(a, rc);
}

/* No ratings are left to claim: nothing waits for this, and this holds nothing up. */
static void count_sessions(struct aggregator *a)
{
    int rc = store_rollup_sessions(&a->store, &a->counting, SESSIONS_MAX, on_counted);
    if (rc != 0) {
        finish(a, rc);
    }
}

static void on_committed(struct store_claim *c, int rc)
{
    struct aggregator *a = container_of(c, struct aggregator, claim);
    if (rc == 0 && a->more) {
        a->counters.claims++;
        a->counters.evaluated += (int64_t)a->review.evaluated;
        a->counters.alerts += (int64_t)a->review.count;
        rc = failpoint(FAILPOINT_aggregator_committed);
    } else if (rc == 0 && !a->stopping) {
        count_sessions(a);
        return;
    }
    finish(a, rc);
}

static void commit(struct aggregator *a)
{
    int rc = store_claim_commit(&a->claim, on_committed);
    if (rc != 0) {
        finish(a, rc);
    }
}

static void on_written(struct store_claim *c, int rc)
{
    struct aggregator *a = container_of(c, struct aggregator, claim);
    if (rc != 0) {
        finish(a, rc);
        return;
    }
    (void)failpoint(FAILPOINT_aggregator_alerts_written); /* There is no error to make here. */
    commit(a);
}

static void on_claimed(struct store_claim *c, int rc, const struct store_claimed *ratings,
                       size_t count)
{
    struct aggregator *a = container_of(c, struct aggregator, claim);
    if (rc != 0) {
        finish(a, rc);
        return;
    }
    a->more = count > 0;
    if (count > 0) {
        (void)failpoint(FAILPOINT_aggregator_claimed); /* Nor here. */
    }
    if (count == 0) {
        commit(a);
        return;
    }
    review_take(&a->review, ratings, count);
    const struct store_claim_news news = {
        .alerts = a->review.alerts,
        .alert_count = a->review.count,
        .ruptures = a->review.ruptures,
        .rupture_count = a->review.rupture_count,
        .asks = a->review.asks,
        .ask_count = a->review.ask_count,
        .pushes_at = PLACE_OF(pushes_a_day),
        .pushes = a->defaults.pushes_a_day,
    };
    rc = store_claim_write(&a->claim, &news, on_written);
    if (rc != 0) {
        finish(a, rc);
    }
}

static void start_claim(struct aggregator *a)
{
    a->woken = a->more = false;
    int rc = store_claim(&a->store, &a->claim, a->options->claim_ratings_max, on_claimed);
    a->working = rc == 0; /* Otherwise no connection is up; its coming wakes us. */
}

static void look(struct aggregator *a)
{
    if (a->stopping) {
        return;
    }
    if (a->working) {
        a->woken = true;
    } else {
        start_claim(a);
    }
}

static void on_wake(struct store *s, unsigned wakes)
{
    (void)wakes; /* Only ratings wake us. */
    look(container_of(s, struct aggregator, store));
}

static void on_state(struct store *s, unsigned up, unsigned wanted)
{
    (void)wanted;
    if (up > 0) {
        look(container_of(s, struct aggregator, store));
    }
}

void aggregator_init(struct aggregator *a, const struct aggregator_options *options,
                     const struct languages *languages, const struct chain_key *audit_key)
{
    const struct store_options store = {
        .conninfo = options->database,
        .application = "attune-aggregator",
        .is_aggregator = true,
        .connections = 1, /* One claim at a time, on one connection. */
        .calls_max = 4,
        .call_ms_max = options->database_call_s * 1000,
        .poll_ms = options->poll_ms,
        .listen_rating = true,
        .audit_key = audit_key,
        .audit_head_ms = options->audit_head_s * 1000,
    };
    *a = (struct aggregator){.options = options};
    rule_settings_defaults(&a->defaults);
    review_init(&a->review, languages);
    store_init(&a->store, &store, on_wake, on_state);
}

void aggregator_start(struct aggregator *a, uv_loop_t *loop)
{
    a->loop = loop;
    store_start(&a->store, loop);
}

bool aggregator_ready(const struct aggregator *a)
{
    return !a->stopping && store_ready(&a->store);
}

void aggregator_stop(struct aggregator *a, aggregator_close_cb cb)
{
    if (!a->stopping) {
        a->stopping = true;
        a->close_cb = cb;
        maybe_close(a);
    }
}
