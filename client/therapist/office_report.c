/* The practice's figures, from the roll-ups.
 *
 * Happy path: weeks, sites, therapists one after the other, page by page; then the sites' names and
 * the escalations. A site that was added since is there: all is asked anew each time. Failure: as
 * with all that is read. */
#include "client/therapist/office_ask.h"

#include "proto/wire/err.h"

enum { REPORT_WEEKS = 26 };

static void ask_report(struct office *o, Attune__ReportKind kind, const char *after);

static void *keep(const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = g_malloc(size + 1);
    protobuf_c_message_pack(message, bytes);
    void *kept = protobuf_c_message_unpack(message->descriptor, NULL, size, bytes);
    g_free(bytes);
    return kept;
}

static void done(struct office *o)
{
    o->reading_report = false;
    office_tell(o, OFFICE_REPORT);
}

static void on_escalations(struct office *o, struct office_ask *ask, int rc,
                           const Attune__Response *response)
{
    (void)ask;
    if (rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_ESCALATION_LIST) {
        g_ptr_array_set_size(o->escalations, 0);
        for (size_t at = 0; at < response->escalation_list->n_escalations; at++) {
            g_ptr_array_add(o->escalations,
                            keep(&response->escalation_list->escalations[at]->base));
        }
    }
    done(o);
}

static void on_site_names(struct office *o, struct office_ask *ask, int rc,
                          const Attune__Response *response)
{
    (void)ask;
    if (rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_PRACTICE_LIST) {
        g_ptr_array_set_size(o->site_names, 0);
        for (size_t at = 0; at < response->practice_list->n_items; at++) {
            g_ptr_array_add(o->site_names, g_strdup(response->practice_list->items[at]->name));
        }
    }
    Attune__ListEscalations body = ATTUNE__LIST_ESCALATIONS__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_ESCALATIONS;
    request.list_escalations = &body;
    office_ask(o, OFFICE_READ, &request, on_escalations);
}

static void ask_site_names(struct office *o)
{
    Attune__ListPractice body = ATTUNE__LIST_PRACTICE__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.kind = ATTUNE__PRACTICE_KIND__PRACTICE_SITES;
    request.body_case = ATTUNE__REQUEST__BODY_LIST_PRACTICE;
    request.list_practice = &body;
    office_ask(o, OFFICE_READ, &request, on_site_names);
}

/* The rows that have come are the kind's now. */
static void settle(struct office *o, struct office_report *report)
{
    GPtrArray *was = report->rows;
    report->rows = o->rows_coming;
    report->known = true;
    o->rows_coming = was;
    g_ptr_array_set_size(o->rows_coming, 0);
}

/* False: there are more pages. */
static bool take_rows(struct office *o, Attune__ReportKind kind, const Attune__Response *response)
{
    const Attune__Report *report = response->report;
    for (size_t at = 0; at < report->n_rows && o->rows_coming->len < OFFICE_ROWS_MAX; at++) {
        g_ptr_array_add(o->rows_coming, keep(&report->rows[at]->base));
    }
    if (report->more && report->n_rows > 0 && o->rows_coming->len < OFFICE_ROWS_MAX) {
        ask_report(o, kind, report->rows[report->n_rows - 1]->name);
        return false;
    }
    return true;
}

static bool report_answer(struct office *o, int rc, const Attune__Response *response)
{
    if (rc == 0 && response->body_case == ATTUNE__RESPONSE__BODY_REPORT) {
        return true;
    }
    done(o);
    return false;
}

static void on_weeks(struct office *o, struct office_ask *ask, int rc,
                     const Attune__Response *response)
{
    (void)ask;
    if (report_answer(o, rc, response) &&
        take_rows(o, ATTUNE__REPORT_KIND__REPORT_KIND_PRACTICE, response)) {
        settle(o, &o->weeks);
        ask_report(o, ATTUNE__REPORT_KIND__REPORT_KIND_SITES, "");
    }
}

static void on_sites(struct office *o, struct office_ask *ask, int rc,
                     const Attune__Response *response)
{
    (void)ask;
    if (report_answer(o, rc, response) &&
        take_rows(o, ATTUNE__REPORT_KIND__REPORT_KIND_SITES, response)) {
        settle(o, &o->sites);
        ask_report(o, ATTUNE__REPORT_KIND__REPORT_KIND_THERAPISTS, "");
    }
}

static void on_therapists(struct office *o, struct office_ask *ask, int rc,
                          const Attune__Response *response)
{
    (void)ask;
    if (!report_answer(o, rc, response) ||
        !take_rows(o, ATTUNE__REPORT_KIND__REPORT_KIND_THERAPISTS, response)) {
        return;
    }
    settle(o, &o->therapists);
    if (office_is_administrator(o)) {
        ask_site_names(o);
    } else {
        done(o);
    }
}

static void ask_report(struct office *o, Attune__ReportKind kind, const char *after)
{
    char *from = g_strdup(after);
    Attune__GetReport body = ATTUNE__GET_REPORT__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.kind = kind;
    body.weeks = REPORT_WEEKS;
    body.after = from;
    request.body_case = ATTUNE__REQUEST__BODY_GET_REPORT;
    request.get_report = &body;
    office_ask(o, OFFICE_READ, &request,
               kind == ATTUNE__REPORT_KIND__REPORT_KIND_PRACTICE ? on_weeks
               : kind == ATTUNE__REPORT_KIND__REPORT_KIND_SITES  ? on_sites
                                                                 : on_therapists);
    g_free(from);
}

void office_read_report(struct office *o)
{
    if (o->link.state != LINK_UP || o->reading_report) {
        return;
    }
    o->reading_report = true;
    g_ptr_array_set_size(o->rows_coming, 0);
    ask_report(o,
               office_is_administrator(o) ? ATTUNE__REPORT_KIND__REPORT_KIND_PRACTICE
                                          : ATTUNE__REPORT_KIND__REPORT_KIND_THERAPISTS,
               "");
}
