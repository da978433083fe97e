/* Happy path: pushes and touches go into the flow; what comes out is done at once: a rating is
 * saved, the page drawn, the clock set. Failure: a server that is away is the link's business and
 * nobody's worry; a disk that refuses goes back into the flow, which says so. */
#include "client/kiosk/screen/room.h"

#include <stdio.h>
#include <string.h>

#include <glib-unix.h>
#include <openssl/rand.h>

#include "client/kiosk/screen/facts.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

static void arm(struct room *r)
{
    int64_t due = r->flow.until_ms;
    if (r->clock != NULL) {
        g_source_set_ready_time(r->clock, due == INT64_MAX ? -1 : MAX(due, 0) * 1000);
    }
}

/* ---- saving ---------------------------------------------------------------------------------- */

static int save(struct room *r)
{
    Attune__Rating rating;
    Attune__Scores scores;
    uint8_t id[LIMIT_ID_SIZE];
    char name[INSTRUMENT_NAME_ROOM];
    int64_t made = flow_made_at(&r->flow, g_get_real_time() / 1000, r->link.clock_ahead_ms);
    must(RAND_bytes(id, sizeof id) == 1); /* Without randomness nothing may go on. */
    id[0] |= 1;
    flow_rating(&r->flow, id, made, name, &rating, &scores);
    int rc = kiosk_save(&r->kiosk, &rating);
    explicit_bzero(&rating, sizeof rating);
    explicit_bzero(&scores, sizeof scores);
    if (rc != 0) {
        fprintf(stderr, "attune-kiosk: a rating was not saved: %s (%s)\n", err_text(rc),
                r->kiosk.spool.why);
    }
    return rc;
}

static void happen(struct room *r, enum flow_event event, size_t area, uint32_t number)
{
    int64_t now = link_now_ms();
    enum flow_do what = flow_event(&r->flow, event, area, number, now);
    if (what == FLOW_DO_SAVE) {
        int rc = save(r);
        what = flow_event(&r->flow, rc == 0 ? FLOW_SAVED : FLOW_REFUSED, 0, 0, now);
        must(what == FLOW_DO_NOTHING);
        kiosk_pump(&r->kiosk);
    } else if (what == FLOW_DO_RESTART) {
        fprintf(stderr, "attune-kiosk: ends, as the staff corner asked\n");
        g_main_loop_quit(r->loop);
    }
    arm(r);
    screen_refresh(&r->screen);
}

static void on_event(struct screen *s, enum flow_event event, size_t area, uint32_t number)
{
    happen(container_of(s, struct room, screen), event, area, number);
}

static void on_facts(struct screen *s, struct screen_facts *facts)
{
    facts_fill(container_of(s, struct room, screen), facts);
}

static gboolean on_clock(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    g_source_set_ready_time(source, -1);
    happen(data, FLOW_TIME, 0, 0);
    return G_SOURCE_CONTINUE;
}

/* ---- the link -------------------------------------------------------------------------------- */

static void on_state(struct link *l, enum link_state state)
{
    struct room *r = container_of(l, struct room, link);
    if (state == LINK_UP) {
        fprintf(stderr, "attune-kiosk: connected to %s\n", l->options.address);
    } else if (state == LINK_WAITING || state == LINK_STOPPED) {
        fprintf(stderr, "attune-kiosk: not connected: %s\n", l->why);
    }
    kiosk_state(&r->kiosk, state);
    if (link_shut_out(&r->link) != r->screen.shut_out) {
        /* Nobody is to rate where nothing is taken any more. What was invited goes with it. */
        const Attune__RoomState nobody = ATTUNE__ROOM_STATE__INIT;
        if (!r->screen.shut_out) {
            (void)flow_room(&r->flow, &nobody, link_now_ms()); /* It has no wordings. */
            arm(r);
        }
        screen_shut_out(&r->screen, !r->screen.shut_out);
    }
}

static void on_push(struct link *l, const Attune__Push *push)
{
    struct room *r = container_of(l, struct room, link);
    kiosk_push(&r->kiosk, push);
    if (push->body_case != ATTUNE__PUSH__BODY_ROOM_STATE) {
        return;
    }
    r->wordings_bad = (uint32_t)flow_room(&r->flow, push->room_state, link_now_ms());
    arm(r);
    screen_refresh(&r->screen);
}

static void on_settled(struct kiosk_shell *k, const uint8_t *id, int rc, bool again)
{
    (void)id;
    (void)again;
    struct room *r = container_of(k, struct room, kiosk);
    if (rc != 0) {
        r->refused++;
        fprintf(stderr, "attune-kiosk: a rating was refused: %s. It is kept in %s/refused\n",
                err_text(rc), k->folder);
    }
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static int open_link(struct room *r)
{
    const char *address =
        r->settings->server[0] != '\0' ? r->settings->server : r->identity.address;
    if (address == NULL) {
        g_strlcpy(r->why, "server: must be given: the identity does not say where it is",
                  sizeof r->why);
        return ERR_CONFIG;
    }
    const struct link_options options = {
        .address = address,
        .software = "attune-kiosk",
        .language = r->settings->language,
        .context = r->identity.context,
        .identity = &r->identity,
    };
    int rc = link_init(&r->link, &options, on_state, on_push);
    if (rc != 0) {
        g_strlcpy(r->why, r->link.why, sizeof r->why);
        return rc;
    }
    r->linked = true;
    return 0;
}

int room_open(struct room *r, const struct settings *settings, const char *locale_dir)
{
    const struct flow_rules rules = {
        .idle_ms = 1000 * (int64_t)settings->idle_s,
        .warning_ms = 1000 * (int64_t)settings->warning_s,
        .thanks_ms = 1000 * (int64_t)settings->thanks_s,
        .language = settings->language,
        .pin = settings->pin,
    };
    memset(r, 0, sizeof *r);
    r->settings = settings;
    flow_init(&r->flow, &rules);
    catalogs_load(locale_dir, &r->catalogs);
    int rc = identity_load(&r->identity, settings->identity, r->why, sizeof r->why);
    rc = rc == 0 ? open_link(r) : rc;
    if (rc != 0) {
        return rc;
    }
    r->spooled = true;
    rc = kiosk_open(&r->kiosk, settings->spool, on_settled);
    if (rc != 0) {
        (void)snprintf(r->why, sizeof r->why, "spool: %s", r->kiosk.spool.why);
    }
    return rc;
}

static gboolean on_signal(gpointer data)
{
    struct room *r = data;
    g_main_loop_quit(r->loop);
    return G_SOURCE_CONTINUE;
}

/* After the first picture, while nobody is there. */
static gboolean on_check(gpointer data)
{
    struct room *r = data;
    r->check = 0;
    unsigned clipped = screen_check(&r->screen);
    if (clipped > 0) {
        fprintf(stderr, "attune-kiosk: %u pages do not fit this screen\n", clipped);
    }
    fprintf(stderr, "attune-kiosk: ready, %u x %u pixels on %s\n", r->screen.width_px,
            r->screen.height_px, screen_system());
    link_start(&r->link);
    return G_SOURCE_REMOVE;
}

static void start_clock(struct room *r)
{
    static GSourceFuncs funcs = {.dispatch = on_clock}; /* GLib wants it writable, and keeps it. */
    r->clock = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(r->clock, NULL, r, NULL);
    g_source_attach(r->clock, NULL);
}

void room_run(struct room *r)
{
    r->loop = g_main_loop_new(NULL, FALSE);
    start_clock(r);
    r->term = g_unix_signal_add(SIGTERM, on_signal, r);
    r->interrupt = g_unix_signal_add(SIGINT, on_signal, r);
    r->screen = (struct screen){.flow = &r->flow,
                                .catalogs = &r->catalogs,
                                .event_cb = on_event,
                                .facts_cb = on_facts,
                                .language = r->settings->language,
                                .panel_mm = r->settings->panel_mm,
                                .windowed = r->settings->windowed != 0};
    screen_open(&r->screen);
    r->shown = true;
    kiosk_use(&r->kiosk, &r->link, 0);
    r->check = g_idle_add_full(G_PRIORITY_LOW, on_check, r, NULL);
    g_main_loop_run(r->loop);
}

static void on_closed(struct link *l)
{
    struct room *r = container_of(l, struct room, link);
    r->closed = true;
    g_main_loop_quit(r->loop);
}

static void close_link(struct room *r)
{
    if (r->shown && r->check == 0) { /* It was started. */
        link_close(&r->link, on_closed);
        while (!r->closed) {
            g_main_loop_run(r->loop);
        }
    } else if (r->linked) {
        link_fini(&r->link);
    }
}

void room_close(struct room *r)
{
    close_link(r);
    if (r->check != 0) {
        g_source_remove(r->check);
    }
    if (r->spooled) {
        kiosk_fini(&r->kiosk);
    }
    if (r->shown) {
        screen_close(&r->screen);
        g_source_remove(r->term);
        g_source_remove(r->interrupt);
        g_source_destroy(r->clock);
        g_source_unref(r->clock);
        g_main_loop_unref(r->loop);
    }
    identity_fini(&r->identity);
    explicit_bzero(&r->flow, sizeof r->flow);
}
