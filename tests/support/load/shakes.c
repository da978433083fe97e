/* Happy path: every line opens, shakes hands, says that it ends, hears the same, opens again.
 * Failure: counted; the line goes on. */
#include "tests/support/load/shakes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { OPENING_MAX = 200, SWEEP_MS = 50 };

struct shakes;

struct shaker {
    struct line line;
    struct shakes *shakes;
    uint32_t index;
    bool shaken, idle;
};

struct shakes {
    struct shakes_options options;
    struct fleet *fleet;
    struct line_hub hub;
    struct shaker *shakers;
    uint32_t done, failed, up, opening;
    uint64_t start;
    bool ready, ended;
    uv_timer_t sweep;
    uv_signal_t term;
};

static void open_line(struct shaker *h)
{
    struct shakes *s = h->shakes;
    h->idle = h->shaken = false;
    s->opening++;
    line_open(&h->line, &s->options.address, &s->fleet->devices[h->index % s->fleet->count]);
}

static void on_up(struct line *l)
{
    struct shaker *h = container_of(l, struct shaker, line);
    struct shakes *s = h->shakes;
    h->shaken = true;
    if (!s->options.stay) {
        line_end(l);
        return;
    }
    s->opening--;
    s->up++;
    if (s->options.say != NULL) {
        size_t len = strlen(s->options.say);
        memcpy(line_room(l, len), s->options.say, len);
    }
}

static int on_frame(struct line *l, const uint8_t *body, size_t len)
{
    (void)l;
    (void)body;
    (void)len;
    return 0;
}

static void on_gone(struct line *l, int rc)
{
    struct shaker *h = container_of(l, struct shaker, line);
    struct shakes *s = h->shakes;
    bool stayed = s->options.stay && h->shaken;
    s->opening -= !stayed;
    s->up -= stayed;
    h->idle = true;
    if (s->ended) {
        return;
    }
    if (h->shaken && rc == ERR_CLOSED && !s->options.stay) {
        s->done++;
        open_line(h);
    } else {
        s->failed++; /* The sweep opens it again, in a while. */
    }
}

static const struct line_handler handler = {on_up, on_frame, on_gone};

static void end(struct shakes *s)
{
    s->ended = true;
    for (uint32_t i = 0; i < s->options.lines; i++) {
        line_close(&s->shakers[i].line, ERR_CANCELED);
    }
    line_hub_close(&s->hub);
    uv_close((uv_handle_t *)&s->sweep, NULL);
    uv_close((uv_handle_t *)&s->term, NULL);
}

static void on_sweep(uv_timer_t *timer)
{
    struct shakes *s = container_of(timer, struct shakes, sweep);
    if (s->options.run_ms > 0 && (uv_hrtime() - s->start) / 1000000 >= s->options.run_ms) {
        end(s);
        return;
    }
    for (uint32_t i = 0; i < s->options.lines && s->opening < OPENING_MAX; i++) {
        if (s->shakers[i].idle) {
            open_line(&s->shakers[i]);
        }
    }
    if (s->options.stay && !s->ready && s->up == s->options.lines) {
        s->ready = true;
        printf("ready devices=%u\n", (unsigned)s->up);
        (void)fflush(stdout); /* Whoever waits for it sees the time-out otherwise. */
    }
}

static void on_term(uv_signal_t *handle, int number)
{
    (void)number;
    struct shakes *s = container_of(handle, struct shakes, term);
    if (!s->ended) {
        end(s);
    }
}

static void begin(struct shakes *s, uv_loop_t *loop)
{
    line_hub_init(&s->hub, loop, s->fleet->context);
    s->hub.foreign = s->options.foreign;
    s->start = uv_hrtime();
    s->shakers = calloc(s->options.lines, sizeof *s->shakers);
    must(s->shakers != NULL);
    for (uint32_t i = 0; i < s->options.lines; i++) {
        s->shakers[i] = (struct shaker){.shakes = s, .index = i, .idle = true};
        line_init(&s->shakers[i].line, &s->hub, &handler);
    }
    int rc = uv_timer_init(loop, &s->sweep);
    rc = rc != 0 ? rc : uv_timer_start(&s->sweep, on_sweep, 0, SWEEP_MS);
    rc = rc != 0 ? rc : uv_signal_init(loop, &s->term);
    rc = rc != 0 ? rc : uv_signal_start(&s->term, on_term, SIGTERM);
    must(rc == 0);
}

int shakes_run(const struct shakes_options *options, struct fleet *fleet)
{
    uv_loop_t loop;
    struct shakes *s = calloc(1, sizeof *s);
    int rc = uv_loop_init(&loop);
    must(s != NULL && rc == 0);
    s->options = *options;
    s->fleet = fleet;
    begin(s, &loop);
    (void)uv_run(&loop, UV_RUN_DEFAULT); /* Until nothing is left. */
    rc = uv_loop_close(&loop);
    must(rc == 0);
    double seconds = (double)(uv_hrtime() - s->start) / 1e9;
    printf("shakes count=%u failed=%u per_s=%.0f\n", (unsigned)s->done, (unsigned)s->failed,
           seconds > 0 ? s->done / seconds : 0);
    free(s->shakers);
    free(s);
    return 0;
}
