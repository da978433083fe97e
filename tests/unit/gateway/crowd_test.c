/* Goal: what is shown never tells of fewer than five clients, whatever one takes from whatever
 * else, nor a therapist who takes their own numbers from it. Method: known weeks; then random ones,
 * in which every set of therapists' cells is tried: if its sum follows from what is shown (it lies
 * in the row space of the shown sums), it must hold five clients or more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/gateway/report/crowd.h"

enum { CELLS_MAX = 7, SITES_MAX = 3, ALL_MAX = CELLS_MAX + SITES_MAX + 1, WEEKS = 4000 };

/* A week in the making: each therapist's clients are bits. */
struct week {
    size_t count; /* Of therapists' cells. */
    int site[CELLS_MAX];
    uint32_t clients[CELLS_MAX], silent; /* The silent ones have answered nothing. */
    struct rollup_cell cells[ALL_MAX];
    size_t cell_count;
};

static void add(struct week *w, int64_t site, int64_t therapist, uint32_t clients)
{
    w->cells[w->cell_count++] = (struct rollup_cell){
        .site_id = site,
        .therapist_id = therapist,
        .clients = {__builtin_popcount(clients), __builtin_popcount(clients & ~w->silent)},
        .numbers = {[ROLLUP_HELD] = therapist,
                    [ROLLUP_RATED] = therapist != 0 && (clients & ~w->silent) != 0}};
}

static void judge(struct week *w)
{
    uint32_t everyone = 0, of_site[SITES_MAX] = {0};
    w->cell_count = 0;
    for (size_t i = 0; i < w->count; i++) {
        everyone |= w->clients[i];
        of_site[w->site[i]] |= w->clients[i];
        add(w, w->site[i] + 1, (int64_t)i + 1, w->clients[i]);
    }
    for (int site = 0; site < SITES_MAX; site++) {
        if (of_site[site] != 0) {
            add(w, site + 1, 0, of_site[site]);
        }
    }
    add(w, 0, 0, everyone);
    crowd_judge(w->cells, w->cell_count);
}

static const struct rollup_cell *cell_at(const struct week *w, int64_t site, int64_t therapist)
{
    for (size_t i = 0; i < w->cell_count; i++) {
        if (w->cells[i].site_id == site && w->cells[i].therapist_id == therapist) {
            return &w->cells[i];
        }
    }
    fail_msg("no such cell");
    return NULL;
}

/* The shown sums, a row of ones and zeros each, brought to echelon form. */
struct space {
    double row[ALL_MAX][CELLS_MAX];
    size_t rows, columns;
};

/* What is left of a vector when the space is taken out; it is in the space if nothing is. */
static void reduce(const struct space *s, double *vector)
{
    for (size_t i = 0; i < s->rows; i++) {
        size_t pivot = 0;
        while (fabs(s->row[i][pivot]) < 1e-9) {
            pivot++;
        }
        double factor = vector[pivot] / s->row[i][pivot];
        for (size_t c = 0; c < s->columns; c++) {
            vector[c] -= factor * s->row[i][c];
        }
    }
}

static bool is_zero(const double *vector, size_t columns)
{
    for (size_t c = 0; c < columns; c++) {
        if (fabs(vector[c]) > 1e-9) {
            return false;
        }
    }
    return true;
}

static void show(struct space *s, const struct week *w, const struct rollup_cell *shown)
{
    double *row = s->row[s->rows];
    for (size_t c = 0; c < w->count; c++) {
        bool within = shown->therapist_id != 0
                          ? (int64_t)c + 1 == shown->therapist_id
                          : shown->site_id == 0 || w->site[c] + 1 == shown->site_id;
        row[c] = within ? 1 : 0;
    }
    reduce(s, row);
    s->rows += !is_zero(row, s->columns);
}

/* Who knows `own`, a therapist's place, or nothing else. */
static void attack(const struct week *w, size_t own, enum rollup_crowd of)
{
    struct space s = {.columns = w->count};
    if (own < w->count) {
        s.row[s.rows++][own] = 1;
    }
    for (size_t i = 0; i < w->cell_count; i++) {
        if (!w->cells[i].hidden[of]) {
            show(&s, w, &w->cells[i]);
        }
    }
    for (unsigned set = 1; set < 1U << w->count; set++) {
        double vector[CELLS_MAX] = {0};
        uint32_t clients = 0;
        for (size_t c = 0; c < w->count; c++) {
            vector[c] = set >> c & 1;
            clients |= set >> c & 1 ? w->clients[c] : 0;
        }
        reduce(&s, vector);
        if ((own == w->count || !(set >> own & 1)) && is_zero(vector, w->count)) {
            clients &= of == ROLLUP_ANSWERED ? ~w->silent : UINT32_MAX;
            assert_true(clients == 0 || __builtin_popcount(clients) >= CROWD_MIN);
        }
    }
}

static void nothing_shown_tells_of_fewer_than_five(void **state)
{
    (void)state;
    unsigned seed = 7, shown[ROLLUP_CROWDS] = {0};
    for (int n = 0; n < WEEKS; n++) {
        struct week w = {.count = 1 + (size_t)(rand_r(&seed) % CELLS_MAX)};
        for (size_t i = 0; i < w.count; i++) {
            int size = 1 + rand_r(&seed) % 9;
            w.site[i] = rand_r(&seed) % SITES_MAX;
            for (int c = 0; c < size; c++) {
                w.clients[i] |= UINT32_C(1) << rand_r(&seed) % 32; /* Some have two therapists. */
            }
        }
        for (int c = 0; c < 32; c++) {
            w.silent |= (uint32_t)(rand_r(&seed) % 4 == 0) << c;
        }
        judge(&w);
        for (int of = 0; of < ROLLUP_CROWDS; of++) {
            for (size_t own = 0; own <= w.count; own++) {
                attack(&w, own, (enum rollup_crowd)of);
            }
            for (size_t i = 0; i < w.cell_count; i++) {
                shown[of] += !w.cells[i].hidden[of];
            }
        }
    }
    assert_true(shown[ROLLUP_CAME] > WEEKS); /* Showing nothing would be safe, too. */
    assert_true(shown[ROLLUP_ANSWERED] > WEEKS / 2);
}

/* Clients of a therapist, none shared: bits from `from` on. */
static uint32_t some(unsigned from, unsigned count)
{
    return ((UINT32_C(1) << count) - 1) << from;
}

static void five_are_enough_and_four_are_not(void **state)
{
    (void)state;
    struct week w = {.count = 2, .site = {0, 0}, .clients = {some(0, 5), some(5, 6)}};
    judge(&w);
    for (size_t i = 0; i < w.cell_count; i++) {
        assert_false(w.cells[i].hidden[ROLLUP_CAME]);
    }
    w.clients[0] = some(0, 4); /* Whoever has the other six would know them from any sum. */
    judge(&w);
    for (size_t i = 0; i < w.cell_count; i++) {
        assert_true(w.cells[i].hidden[ROLLUP_CAME]);
    }
}

/* Goal: one who answered is not found among those who did not. */
static void five_who_came_tell_nothing_of_one_who_answered(void **state)
{
    (void)state;
    struct week w = {.count = 3,
                     .clients = {some(0, 5), some(5, 6), some(11, 5)},
                     .silent = some(1, 4) | some(11, 5)};
    judge(&w);
    for (size_t i = 0; i < w.cell_count; i++) {
        assert_false(w.cells[i].hidden[ROLLUP_CAME]);
        assert_true(w.cells[i].hidden[ROLLUP_ANSWERED]); /* Beside six, too: 7 - 6 is one. */
    }
    w.silent = some(11, 5); /* One whom nobody answered hides nobody else. */
    judge(&w);
    assert_false(cell_at(&w, 1, 1)->hidden[ROLLUP_ANSWERED]);
    assert_false(cell_at(&w, 1, 2)->hidden[ROLLUP_ANSWERED]);
    assert_false(cell_at(&w, 1, 0)->hidden[ROLLUP_ANSWERED]);
    assert_false(cell_at(&w, 0, 0)->hidden[ROLLUP_ANSWERED]);
}

static void the_smallest_beside_it_go_too(void **state)
{
    (void)state;
    struct week w = {.count = 4, .clients = {some(0, 3), some(3, 6), some(9, 7), some(16, 8)}};
    judge(&w);
    assert_true(cell_at(&w, 1, 1)->hidden[ROLLUP_CAME]);
    assert_true(
        cell_at(&w, 1, 2)->hidden[ROLLUP_CAME]); /* Else the site without it would be the first. */
    assert_true(cell_at(&w, 1, 3)->hidden[ROLLUP_CAME]); /* Else the second would know the first. */
    assert_false(cell_at(&w, 1, 4)->hidden[ROLLUP_CAME]);
    assert_false(cell_at(&w, 1, 0)->hidden[ROLLUP_CAME]);
    assert_false(cell_at(&w, 0, 0)->hidden[ROLLUP_CAME]);
}

static void sites_go_with_one_that_is_small(void **state)
{
    (void)state;
    struct week w = {.count = 4,
                     .site = {0, 1, 2, 2},
                     .clients = {some(0, 3), some(3, 6), some(9, 8), some(17, 7)}};
    judge(&w);
    assert_true(cell_at(&w, 1, 0)->hidden[ROLLUP_CAME]);
    assert_true(cell_at(&w, 2, 0)->hidden[ROLLUP_CAME]); /* 6, the smaller of the two left, */
    assert_true(cell_at(&w, 2, 2)->hidden[ROLLUP_CAME]); /* all that there is of that site. */
    assert_true(cell_at(&w, 3, 0)->hidden[ROLLUP_CAME]); /* Else the six would know the three. */
    assert_true(cell_at(&w, 3, 4)->hidden[ROLLUP_CAME]);
    assert_false(cell_at(&w, 3, 3)->hidden[ROLLUP_CAME]);
    assert_false(cell_at(&w, 0, 0)->hidden[ROLLUP_CAME]);
}

static void those_that_hold_others_are_their_sum(void **state)
{
    (void)state;
    struct week w = {
        .count = 3, .site = {0, 0, 2}, .clients = {some(0, 5), some(5, 5), some(10, 5)}};
    judge(&w);
    assert_int_equal(cell_at(&w, 1, 0)->numbers[ROLLUP_HELD], 1 + 2);
    assert_int_equal(cell_at(&w, 3, 0)->numbers[ROLLUP_HELD], 3);
    assert_int_equal(cell_at(&w, 0, 0)->numbers[ROLLUP_HELD], 1 + 2 + 3);
    crowd_judge(NULL, 0); /* No week at all. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_are_enough_and_four_are_not),
        cmocka_unit_test(five_who_came_tell_nothing_of_one_who_answered),
        cmocka_unit_test(the_smallest_beside_it_go_too),
        cmocka_unit_test(sites_go_with_one_that_is_small),
        cmocka_unit_test(those_that_hold_others_are_their_sum),
        cmocka_unit_test(nothing_shown_tells_of_fewer_than_five),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
