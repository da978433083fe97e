/* Happy path: one sentence a row. Failure: each thing that can be wrong has its sentence, with what
 * to do where there is something to do. */
#include "client/kiosk/screen/facts.h"
#include "client/link/wrong_clock.h"

#include <inttypes.h>
#include <stdio.h>

#include <gtk/gtk.h>

#include "proto/wire/err.h"
#include "proto/wire/tls_session.h"

enum { DAY_S = 24 * 3600 };

static void connection(const struct room *r, char *room)
{
    const struct link *l = &r->link;
    switch (l->state) {
    case LINK_UP:
        (void)snprintf(room, SCREEN_FACT, "connected to %s as %s in %s", l->options.address,
                       l->welcome->device, l->welcome->place);
        break;
    case LINK_WAITING:
        (void)snprintf(room, SCREEN_FACT,
                       "not connected to %s: %s (%s %d); tries again in %" PRId64
                       " s. Ratings are kept here until then.",
                       l->options.address, l->why, err_name(l->reason), -l->reason,
                       (link_retry_ms(l) + 999) / 1000);
        break;
    case LINK_STOPPED:
        (void)snprintf(room, SCREEN_FACT,
                       "stopped: another device uses this identity (%s). Give each its own.",
                       err_name(l->reason));
        break;
    default:
        (void)snprintf(room, SCREEN_FACT, "connecting to %s", l->options.address);
    }
}

static void disk(const struct room *r, char *room)
{
    int n = snprintf(room, SCREEN_FACT, "%s: %s", r->kiosk.folder,
                     r->kiosk.spool.why[0] != '\0' ? r->kiosk.spool.why : "good");
    if (n > 0 && n < SCREEN_FACT && r->kiosk.bad + r->refused > 0) {
        (void)snprintf(room + n, SCREEN_FACT - (size_t)n,
                       "; %u torn files in bad/, %u ratings refused by the server in refused/",
                       r->kiosk.bad, r->refused);
    }
}

static void clock_said(const struct room *r, char *room)
{
    char ahead[64];
    GDateTime *now = g_date_time_new_now_local();
    char *text = g_date_time_format(now, "%Y-%m-%d %H:%M %Z");
    wrong_clock_said(r->link.clock_ahead_ms, ahead, sizeof ahead);
    if (r->link.welcome == NULL) {
        (void)snprintf(room, SCREEN_FACT, "%s; the server's is not known yet", text);
    } else if (ahead[0] != '\0') {
        (void)snprintf(room, SCREEN_FACT,
                       "%s; %s: set it, or let it be set by NTP. Ratings carry the server's time.",
                       text, ahead);
    } else {
        (void)snprintf(room, SCREEN_FACT, "%s; agrees with the server's", text);
    }
    g_free(text);
    g_date_time_unref(now);
}

static void certificate(const struct room *r, char *room)
{
    int64_t left = tls_context_expires_in(r->identity.context, g_get_real_time() / G_USEC_PER_SEC);
    if (left < 0) {
        (void)snprintf(room, SCREEN_FACT, "expired %" PRId64 " days ago: enrol this kiosk anew",
                       -left / DAY_S);
    } else {
        (void)snprintf(room, SCREEN_FACT, "good for %" PRId64 " days%s", left / DAY_S,
                       left < 14 * (int64_t)DAY_S ? ": renew it now" : "");
    }
}

static void display(const struct room *r, char *room)
{
    const struct screen *s = &r->screen;
    int n = snprintf(room, SCREEN_FACT, "%u x %u pixels, %u mm wide, text of %u pixels",
                     s->width_px, s->height_px, s->panel_mm, s->layout.font_px);
    if (n > 0 && n < SCREEN_FACT && s->clipped[0] != '\0') {
        n += snprintf(room + n, SCREEN_FACT - (size_t)n, "; %s", s->clipped);
    }
    if (n > 0 && n < SCREEN_FACT && r->wordings_bad > 0) {
        (void)snprintf(room + n, SCREEN_FACT - (size_t)n,
                       "; %u of the practice's wordings cannot be used", r->wordings_bad);
    }
}

void facts_fill(struct room *r, struct screen_facts *facts)
{
    connection(r, facts->connection);
    disk(r, facts->disk);
    clock_said(r, facts->clock);
    certificate(r, facts->certificate);
    display(r, facts->display);
    facts->unsent = outbox_unsent(&r->kiosk.outbox);
    (void)snprintf(facts->version, SCREEN_FACT, "attune-kiosk %s, GTK %u.%u.%u", ATTUNE_VERSION,
                   gtk_get_major_version(), gtk_get_minor_version(), gtk_get_micro_version());
}
