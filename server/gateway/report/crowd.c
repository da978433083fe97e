/* Happy path: sorted, each week is its practice, then its sites, each with its therapists; one pass
 * adds up; then each site, and the practice over its sites, hides the smallest until what is hidden
 * is safe. Failure: none. */
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

/* ---- hiding ---------------------------------------------------------------------------------- */

/* What is hidden within a cell that is shown. Whoever takes all that is shown from that one has the
 * sum over these, and a therapist among them can take their own cells out of it, too. */
struct rest {
    int64_t left;      /* Clients of the one that holds them, less those of the cells shown. */
    int64_t most;      /* Clients of the largest of them, and */
    int64_t therapist; /* whose it is. */
    int64_t other;     /* Of the largest of anybody else; 0: there is none. */
    int64_t own;       /* No therapist's own cells have more: the largest of each site, added. */
    int64_t own_here;  /* The largest of the site that is being added. */
    int64_t site_id;
};

static void rest_add(struct rest *r, const struct rollup_cell *c, enum rollup_crowd of)
{
    if (c->site_id != r->site_id) {
        r->own += r->own_here;
        r->own_here = 0;
        r->site_id = c->site_id;
    }
    r->own_here = c->clients[of] > r->own_here ? c->clients[of] : r->own_here;
    if (c->clients[of] > r->most) {
        r->other = c->therapist_id != r->therapist ? r->most : r->other;
        r->most = c->clients[of];
        r->therapist = c->therapist_id;
    } else if (c->therapist_id != r->therapist && c->clients[of] > r->other) {
        r->other = c->clients[of];
    }
}

/* Clients may be in several of the cells, so the largest cell is one bound of how many there are in
 * all, what is left the other. Nobody in a cell is nobody to tell of, and not safe either: they are
 * counted a moment later, or have gone for good. */
static bool is_safe(const struct rest *r, size_t cells)
{
    bool alone = r->other == 0;
    return cells == 0 ||
           (alone ? r->most >= CROWD_MIN || r->left >= CROWD_MIN
                  : r->other >= CROWD_MIN || r->left - r->own - r->own_here >= CROWD_MIN);
}

/* Nobody answered here: there is nothing to tell, nor to take from what is told. */
static bool is_nobodys(const struct rollup_cell *c, enum rollup_crowd of)
{
    return of == ROLLUP_ANSWERED && c->clients[of] == 0 && c->numbers[ROLLUP_RATED] == 0;
}

static struct rollup_cell *smaller(struct rollup_cell *a, struct rollup_cell *b,
                                   enum rollup_crowd of)
{
    return a == NULL || b->clients[of] < a->clients[of] ? b : a;
}

/* The therapists' cells of a site follow it. */
static size_t site_size(const struct rollup_cell *site, size_t count)
{
    size_t size = 1;
    while (size < count && site[size].week == site->week && site[size].site_id == site->site_id) {
        size++;
    }
    return size;
}

static void judge_site(struct rollup_cell *site, size_t size, enum rollup_crowd of)
{
    site->hidden[of] = site->clients[of] < CROWD_MIN;
    for (size_t i = 1; i < size; i++) {
        site[i].hidden[of] = site[i].clients[of] < CROWD_MIN;
    }
    while (!site->hidden[of]) {
        struct rest rest = {.left = site->clients[of], .site_id = site->site_id};
        struct rollup_cell *next = NULL;
        size_t hidden = 0;
        for (size_t i = 1; i < size; i++) {
            if (is_nobodys(&site[i], of)) {
                continue;
            }
            if (site[i].hidden[of]) {
                rest_add(&rest, &site[i], of);
                hidden++;
            } else {
                rest.left -= site[i].clients[of];
                next = smaller(next, &site[i], of);
            }
        }
        if (is_safe(&rest, hidden)) {
            return;
        }
        *(next != NULL ? &next->hidden[of] : &site->hidden[of]) = true;
    }
}

/* A site is not hidden while all that it is the sum of is shown. */
static void hide(struct rollup_cell *c, size_t count, enum rollup_crowd of)
{
    struct rollup_cell *next = NULL;
    size_t size = c->therapist_id == 0 ? site_size(c, count) : 1;
    c->hidden[of] = true;
    for (size_t i = 1; i < size; i++) {
        if (is_nobodys(&c[i], of)) {
            continue;
        }
        if (c[i].hidden[of]) {
            return;
        }
        next = smaller(next, &c[i], of);
    }
    if (next != NULL) {
        next->hidden[of] = true;
    }
}

/* Sites that are hidden, and within them what is, are what a practice has besides what it shows. */
static void judge_practice(struct rollup_cell *practice, size_t count, enum rollup_crowd of)
{
    practice->hidden[of] = practice->clients[of] < CROWD_MIN;
    while (!practice->hidden[of]) {
        struct rest rest = {.left = practice->clients[of]};
        struct rollup_cell *next = NULL;
        const struct rollup_cell *site = NULL;
        size_t hidden = 0;
        for (size_t i = 1; i < count; i++) {
            struct rollup_cell *c = &practice[i];
            site = c->therapist_id == 0 ? c : site;
            must(site != NULL); /* A site's cell comes before its therapists'. */
            if (is_nobodys(c, of)) {
                continue;
            }
            bool counts = c == site ? !c->hidden[of] : site->hidden[of];
            if (counts && c->hidden[of]) {
                rest_add(&rest, c, of);
                hidden++;
            } else if (counts) {
                rest.left -= c->clients[of];
                next = smaller(next, c, of);
            }
        }
        if (is_safe(&rest, hidden)) {
            return;
        }
        if (next == NULL) {
            practice->hidden[of] = true;
        } else {
            hide(next, count - (size_t)(next - practice), of);
        }
    }
}

static size_t week_size(const struct rollup_cell *practice, size_t count)
{
    size_t size = 1;
    while (size < count && practice[size].week == practice->week) {
        size++;
    }
    return size;
}

static void judge_week(struct rollup_cell *practice, size_t week, enum rollup_crowd of)
{
    for (size_t site = 1; site < week;) {
        size_t size = site_size(&practice[site], week - site);
        judge_site(&practice[site], size, of);
        site += size;
    }
    judge_practice(practice, week, of);
}

void crowd_judge(struct rollup_cell *cells, size_t count)
{
    if (count == 0) {
        return;
    }
    qsort(cells, count, sizeof *cells, by_place);
    add_up(cells, count);
    for (size_t i = 0; i < count;) {
        size_t week = week_size(&cells[i], count - i);
        for (int of = 0; of < ROLLUP_CROWDS; of++) {
            judge_week(&cells[i], week, (enum rollup_crowd)of);
        }
        i += week;
    }
}
