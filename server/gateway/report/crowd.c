/* Happy path: sorted, each week is its practice, then its sites, each with its therapists; one pass
 * from the last to the first adds up, one from the first to the last hides. Failure: none. */
#include "server/gateway/report/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *left, const void *right)
{
    const struct rollup_cell *a = left, *b = right;
    int first = order(a->week, b->week);
    int second = first != 0 ? first : order(a->site_id, b->site_id);
    return second != 0 ? second : order(a->therapist_id, b->therapist_id);
}

static void add(struct rollup_cell *to, const struct rollup_cell *from)
{
    for (int i = 0; i < ROLLUP_NUMBERS; i++) {
        to->numbers[i] += from->numbers[i];
    }
}

static void add_up(struct rollup_cell *cells, size_t count)
{
    struct rollup_cell *practice = NULL, *site = NULL;
    for (size_t i = 0; i < count; i++) {
        struct rollup_cell *c = &cells[i];
        if (c->therapist_id == 0) {
            memset(c->numbers, 0, sizeof c->numbers);
        }
        if (c->site_id == 0) {
            practice = c;
        } else if (c->therapist_id == 0) {
            site = c;
        } else {
            must(practice != NULL && practice->week == c->week);
            must(site != NULL && site->week == c->week && site->site_id == c->site_id);
            add(site, c);
            add(practice, c);
        }
    }
}

/* Those that lie directly in the one at cells[0]; they follow it. */
static bool is_within(const struct rollup_cell *holder, const struct rollup_cell *c)
{
    return c->week == holder->week && (holder->site_id == 0 || c->site_id == holder->site_id);
}

static bool is_child(const struct rollup_cell *holder, const struct rollup_cell *c)
{
    return holder->site_id == 0 ? c->therapist_id == 0 : true;
}

static void hide_within(struct rollup_cell *cells, size_t count)
{
    struct rollup_cell *holder = &cells[0], *smallest = NULL;
    bool hides = holder->hidden;
    for (size_t i = 1; i < count && is_within(holder, &cells[i]); i++) {
        struct rollup_cell *c = &cells[i];
        if (!is_child(holder, c)) {
            continue;
        }
        c->hidden = c->clients < CROWD_MIN;
        hides = hides || c->hidden;
        if (!c->hidden && (smallest == NULL || c->clients < smallest->clients)) {
            smallest = c;
        }
    }
    if (hides && smallest != NULL) {
        smallest->hidden = true;
    }
}

void crowd_judge(struct rollup_cell *cells, size_t count)
{
    if (count == 0) {
        return;
    }
    qsort(cells, count, sizeof *cells, by_place);
    add_up(cells, count);
    for (size_t i = 0; i < count; i++) {
        if (cells[i].site_id == 0) {
            cells[i].hidden = cells[i].clients < CROWD_MIN;
        }
        if (cells[i].therapist_id == 0) {
            hide_within(&cells[i], count - i);
        }
    }
}
