/* A practice, its sites or its therapists over the last weeks.
 *
 * Happy path: the roll-ups are read, what may be shown is added up, a page of it is the answer; a
 * therapist gets their own row. Failure: the store's verdict is the answer. */
#include <stdio.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"

_Static_assert((int)REPORT_WEEKS_MAX == (int)LIMIT_REPORT_WEEKS, "one limit");

static void on_cells(struct store_call *call, int rc, struct rollup_cell *cells, size_t count,
                     int64_t first_day)
{
    struct request *r = container_of(call, struct request, call);
    struct peer *p = r->pending.peer;
    struct report report;
    if (!request_good(r, rc)) {
        return;
    }
    report_make((enum report_kind)r->report.kind, cells, count, r->report.weeks, p->therapist_id,
                &report);
    answer_report(p, r->pending.seq, &report, first_day, r->report.after);
    report_fini(&report);
    request_free(r);
}

void on_get_report(struct peer *p, uint64_t seq, const Attune__GetReport *get)
{
    if (p->therapist_id != 0 && get->kind != ATTUNE__REPORT_KIND__REPORT_KIND_THERAPISTS) {
        peer_fail(p, seq, ERR_ROLE);
        return;
    }
    struct request *r = request_new(p, seq);
    r->report.kind = (uint8_t)get->kind;
    r->report.weeks = (uint8_t)get->weeks;
    (void)snprintf(r->report.after, sizeof r->report.after, "%s", get->after);
    request_started(
        r, store_report(&p->gateway->store, &r->call, p->practice_id, get->weeks, on_cells));
}
