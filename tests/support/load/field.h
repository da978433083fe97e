/* field.h - one run of the load generator: kiosks that rate, therapists that watch, one loop.
 *
 * Ratings are taken from the plan in order, by whichever kiosk has room, as fast as it goes or at a
 * rate. With `copies` > 1 the kiosks are so many groups and each group sends every rating, each in
 * another order. Nothing is sent before all devices have had their Welcome, but in a run with
 * spools. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "proto/wire/backoff.h"
#include "proto/wire/codec.h"
#include "proto/wire/seal.h"
#include "tests/support/load/fleet.h"
#include "tests/support/load/line.h"
#include "tests/support/load/plan.h"
#include "tests/support/load/sheet.h"

enum { FIELD_ADDRESSES_MAX = 8, FIELD_PLACES = 1000000 };

struct kiosk;
struct watcher;

struct field_options {
    struct sockaddr_in addresses[FIELD_ADDRESSES_MAX];
    uint32_t address_count;
    struct plan plan;
    uint32_t kiosks, therapists, copies, outstanding;
    uint32_t begin_at;        /* The first so many of the plan were taken by an earlier run. */
    uint32_t kiosk_from;      /* The first kiosk's place in the fleet. */
    uint32_t kiosks_of_fleet; /* Where the therapists' certificates begin. */
    uint32_t rate;            /* Ratings a second; 0: as fast as it goes. */
    uint32_t warm_ms;         /* Not measured. */
    uint32_t run_ms;          /* Then nothing new is sent; 0: until the plan is whole. */
    uint32_t grace_ms;        /* For what is unanswered then. */
    uint32_t reconnect_ms_max;
    bool preseal; /* The plan's records are made, and sealed, before anything is sent, and each
                     kiosk has its share: what is measured then is the server. */
    const char *spools; /* A folder for the kiosks' spools; NULL: none. */
    const char *journal;
};

struct field_box {
    uint32_t len;
    uint8_t bytes[LIMIT_SEALED_SIZE + 16];
};

struct field {
    struct field_options options;
    struct line_hub hub;
    struct fleet *fleet;
    struct codec_arena arena;
    struct sheet sheet;
    struct kiosk *kiosks;
    struct watcher *watchers;
    struct seal_key key; /* What the server offers, once `has_key`. */
    bool has_key;
    struct field_box *boxes; /* One a rating of the plan with options.preseal, or NULL. */
    uint32_t next[8];        /* Of each group: how many of the plan it has taken. */
    uint32_t allowed;        /* How many may have been taken by now. */
    uint32_t turn;           /* The kiosk that is asked first. */
    uint32_t welcomed;       /* Devices that are connected. */
    uint32_t opening;        /* That are about to be. */
    uint32_t busy, reconnects, redelivered, misdirected, unexpected, unsaved;
    int64_t start_us, measure_us, stop_us;
    int first_refusal, last_loss;
    bool started, stopping, ended;
    uv_timer_t token, sweep;
    uv_signal_t term, interrupt;
    FILE *journal;
};

int64_t field_now_us(void);
int64_t field_clock_ms(void);

/* Run until it is over; prints the line "load …". Returns 0 or an err code. */
int field_run(const struct field_options *options, struct fleet *fleet);

/* For kiosks and watchers: open a line, unless too many are being opened; then later.
 * True: field_opened is owed, once it is welcome or gone. */
bool field_open(struct field *f, struct line *l, uint32_t device);
void field_opened(struct field *f);
/* The next number for this kiosk, which may be any of its group's; false: none now. */
bool field_take(struct field *f, struct kiosk *k, uint32_t *ret_number);
void field_welcomed(struct field *f, bool up);
/* What a Welcome offers; the key to seal to, NULL: none. */
void field_offer(struct field *f, const ProtobufCBinaryData *key);
const struct seal_key *field_key(const struct field *f);
/* How long to wait before the next try to connect. */
int64_t field_pause_us(struct backoff *b);
