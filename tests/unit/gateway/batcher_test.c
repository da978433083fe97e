/* Goal: every item that was accepted gets exactly one verdict, 0 only after its batch's own, and a
 * bad rating costs no neighbour. Method: items that note their verdicts; a database of a few lines
 * that refuses whatever batch has a bad item in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/gateway/ingest/batcher.h"

struct note {
    struct batch_item item;
    struct batcher *batcher;
    unsigned verdicts;
    int rc;
    bool bad;              /* The database refuses it. */
    unsigned writes;       /* Steps that it was part of. */
    struct note *add_next; /* Added from within this one's verdict. */
};

static void on_verdict(struct batch_item *item, int rc)
{
    struct note *n = container_of(item, struct note, item);
    n->verdicts++;
    n->rc = rc;
    if (n->add_next != NULL) {
        assert_int_equal(batcher_add(n->batcher, &n->add_next->item, on_verdict), 0);
    }
    memset(&n->item, 0xa5, sizeof n->item); /* It is ours again: it may be gone by now. */
}

static void add(struct batcher *b, struct note *notes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        notes[i].batcher = b;
        assert_int_equal(batcher_add(b, &notes[i].item, on_verdict), 0);
    }
}

static size_t length(const struct batch *batch)
{
    size_t n = 0;
    for (const struct batch_item *item = batch->items; item != NULL; item = item->next) {
        n++;
    }
    return n;
}

static void assert_told(const struct note *notes, size_t count, int rc)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(notes[i].verdicts, 1);
        assert_int_equal(notes[i].rc, rc);
    }
}

static void assert_silent(const struct note *notes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(notes[i].verdicts, 0);
    }
}

static void start(struct batcher *b, size_t held_max, size_t batch_max)
{
    batcher_init(b, (struct batcher_limits){.held_max = held_max, .batch_max = batch_max});
}

static void nothing_held_is_nothing_to_do(void **state)
{
    (void)state;
    struct batcher b;
    const struct batch *batch = NULL;
    start(&b, 4, 2);
    assert_true(batcher_idle(&b));
    assert_int_equal(batcher_next(&b, &batch), BATCH_NOTHING);
    assert_null(batch);
}

static void an_item_is_told_only_by_its_batchs_verdict(void **state)
{
    (void)state;
    struct batcher b;
    struct note notes[3] = {0};
    const struct batch *batch;
    start(&b, 4, 4);
    add(&b, notes, 3);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    assert_int_equal(batch->count, 3);
    assert_int_equal(length(batch), 3);
    assert_silent(notes, 3);
    batcher_verdict(&b, 0);
    assert_told(notes, 3, 0);
    assert_true(batcher_idle(&b));
}

static void items_keep_the_order_they_came_in(void **state)
{
    (void)state;
    struct batcher b;
    struct note notes[5] = {0};
    const struct batch *batch;
    start(&b, 8, 3);
    add(&b, notes, 5);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    const struct batch_item *item = batch->items;
    for (size_t i = 0; i < 3; i++, item = item->next) {
        assert_ptr_equal(item, &notes[i].item);
    }
    assert_null(item);
    batcher_verdict(&b, 0);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    assert_ptr_equal(batch->items, &notes[3].item);
    assert_int_equal(length(batch), 2);
    batcher_verdict(&b, 0);
    assert_told(notes, 5, 0);
}

static void one_batch_is_under_way_at_a_time_and_the_next_one_gathers(void **state)
{
    (void)state;
    struct batcher b;
    struct note notes[3] = {0};
    const struct batch *batch;
    start(&b, 4, 4);
    add(&b, notes, 1);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    add(&b, notes + 1, 2);
    assert_int_equal(batcher_next(&b, &batch), BATCH_NOTHING);
    assert_int_equal(batch->count, 1); /* What gathers does not join it. */
    batcher_verdict(&b, 0);
    assert_silent(notes + 1, 2);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    assert_int_equal(length(batch), 2);
    batcher_verdict(&b, 0);
    assert_told(notes, 3, 0);
}

static void a_batch_has_at_most_its_limit(void **state)
{
    (void)state;
    for (size_t count = 3; count <= 5; count++) { /* N-1, N, N+1. */
        struct batcher b;
        struct note notes[5] = {0};
        const struct batch *batch;
        start(&b, 8, 4);
        add(&b, notes, count);
        assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
        assert_int_equal(batch->count, count < 4 ? count : 4);
        batcher_verdict(&b, 0);
        assert_int_equal(batcher_next(&b, &batch), count > 4 ? BATCH_INSERT : BATCH_NOTHING);
        if (count > 4) {
            batcher_verdict(&b, 0);
        }
        assert_told(notes, count, 0);
    }
}

static void above_held_max_it_is_busy_and_the_item_stays_the_callers(void **state)
{
    (void)state;
    struct batcher b;
    struct note notes[6] = {0};
    const struct batch *batch;
    start(&b, 4, 2);
    add(&b, notes, 4);
    assert_int_equal(batcher_add(&b, &notes[4].item, on_verdict), ERR_BUSY);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT); /* What is under way is not held. */
    add(&b, notes + 4, 2);
    struct note more = {0};
    assert_int_equal(batcher_add(&b, &more.item, on_verdict), ERR_BUSY);
    batcher_verdict(&b, 0);
    while (batcher_next(&b, &batch) != BATCH_NOTHING) {
        batcher_verdict(&b, 0);
    }
    assert_told(notes, 6, 0);
    assert_silent(&more, 1);
}

static void high_is_from_three_quarters_and_low_up_to_half(void **state)
{
    (void)state;
    struct batcher b;
    struct note notes[8] = {0};
    start(&b, 8, 8);
    for (size_t held = 0; held <= 8; held++) {
        assert_int_equal(batcher_high(&b), held >= 6);
        assert_int_equal(batcher_low(&b), held <= 4);
        if (held < 8) {
            add(&b, notes + held, 1);
        }
    }
    batcher_cancel(&b, ERR_CANCELED);
}

static void an_unknown_outcome_is_told_to_every_item_and_nothing_is_tried_again(void **state)
{
    (void)state;
    static const int outcomes[] = {ERR_DATABASE, ERR_CANCELED, ERR_BUSY};
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        struct batcher b;
        struct note notes[3] = {0};
        const struct batch *batch;
        start(&b, 4, 4);
        add(&b, notes, 3);
        assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
        batcher_verdict(&b, outcomes[i]);
        assert_told(notes, 3, outcomes[i]);
        assert_true(batcher_idle(&b));
    }
}

/* ---- bisecting ------------------------------------------------------------------------------- */

/* Runs until nothing is left to do, as the database would; returns the steps it took. */
static size_t run(struct batcher *b)
{
    size_t steps = 0;
    const struct batch *batch;
    for (;;) {
        enum batch_step step = batcher_next(b, &batch);
        if (step == BATCH_NOTHING) {
            return steps;
        }
        steps++;
        bool bad = false;
        assert_int_equal(length(batch), batch->count);
        for (struct batch_item *item = batch->items; item != NULL; item = item->next) {
            struct note *n = container_of(item, struct note, item);
            n->writes++;
            bad |= n->bad;
        }
        if (step == BATCH_QUARANTINE) {
            assert_int_equal(batch->count, 1);
            assert_true(bad);
            batcher_verdict(b, 0);
        } else {
            batcher_verdict(b, bad ? ERR_RATING_REFUSED : 0);
        }
    }
}

static void one_bad_item_goes_to_quarantine_and_the_others_are_stored(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 9; count++) {
        for (size_t bad = 0; bad < count; bad++) {
            struct batcher b;
            struct note notes[9] = {0};
            start(&b, 16, 16);
            notes[bad].bad = true;
            add(&b, notes, count);
            (void)run(&b);
            for (size_t i = 0; i < count; i++) {
                assert_told(&notes[i], 1, i == bad ? ERR_RATING_REFUSED : 0);
            }
            assert_true(batcher_idle(&b));
        }
    }
}

static void any_set_of_bad_items_is_found(void **state)
{
    (void)state;
    enum { COUNT = 7 };
    for (unsigned set = 0; set < 1U << COUNT; set++) {
        struct batcher b;
        struct note notes[COUNT] = {0};
        start(&b, COUNT, COUNT);
        for (unsigned i = 0; i < COUNT; i++) {
            notes[i].bad = (set >> i & 1) != 0;
        }
        add(&b, notes, COUNT);
        (void)run(&b);
        for (unsigned i = 0; i < COUNT; i++) {
            assert_told(&notes[i], 1, notes[i].bad ? ERR_RATING_REFUSED : 0);
        }
    }
}

/* Also that the stack of suspects never overflows: all of the largest batch are bad. */
static void a_batch_of_65536_bad_items_is_borne(void **state)
{
    (void)state;
    enum { COUNT = 65536 };
    struct batcher b;
    struct note *notes = calloc(COUNT, sizeof *notes);
    assert_non_null(notes);
    start(&b, COUNT, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        notes[i].bad = true;
    }
    add(&b, notes, COUNT);
    (void)run(&b);
    assert_told(notes, COUNT, ERR_RATING_REFUSED);
    free(notes);
}

static void a_bad_one_in_500_delays_its_neighbours_by_a_few_writes(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    struct batcher b;
    struct note *notes = calloc(COUNT, sizeof *notes);
    assert_non_null(notes);
    start(&b, COUNT, COUNT);
    notes[321].bad = true;
    add(&b, notes, COUNT);
    assert_true(run(&b) <= 2 * 9 + 2); /* Two a halving, nine halvings; the first, the last. */
    for (size_t i = 0; i < COUNT; i++) {
        assert_told(&notes[i], 1, i == 321 ? ERR_RATING_REFUSED : 0);
        assert_true(notes[i].writes <= 11);
    }
    free(notes);
}

static void what_is_suspect_goes_before_what_is_new(void **state)
{
    (void)state;
    struct batcher b;
    struct note old[2] = {0}, new[1] = {0};
    const struct batch *batch;
    start(&b, 4, 4);
    add(&b, old, 2);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    add(&b, new, 1);
    batcher_verdict(&b, ERR_RATING_REFUSED);
    assert_silent(old, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
        assert_ptr_equal(batch->items, &old[i].item);
        assert_int_equal(batch->count, 1);
        batcher_verdict(&b, 0);
    }
    assert_silent(new, 1);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    assert_ptr_equal(batch->items, &new[0].item);
    batcher_verdict(&b, 0);
    assert_told(old, 2, 0);
    assert_told(new, 1, 0);
}

static void while_parts_of_a_refused_batch_wait_it_is_not_idle(void **state)
{
    (void)state;
    struct batcher b;
    struct note notes[2] = {0};
    const struct batch *batch;
    start(&b, 4, 4);
    add(&b, notes, 2);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    assert_false(batcher_idle(&b));
    batcher_verdict(&b, ERR_RATING_REFUSED);
    assert_false(batcher_idle(&b));
    assert_int_equal(run(&b), 2);
    assert_true(batcher_idle(&b));
}

static void a_quarantine_that_failed_is_told_so_that_the_kiosk_sends_again(void **state)
{
    (void)state;
    struct batcher b;
    struct note note = {0};
    const struct batch *batch;
    start(&b, 4, 4);
    add(&b, &note, 1);
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    batcher_verdict(&b, ERR_RATING_REFUSED);
    assert_silent(&note, 1);
    assert_int_equal(batcher_next(&b, &batch), BATCH_QUARANTINE);
    assert_false(batcher_idle(&b));
    batcher_verdict(&b, ERR_DATABASE);
    assert_told(&note, 1, ERR_DATABASE);
    assert_true(batcher_idle(&b));
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void stopped_it_takes_nothing_new_and_still_writes_what_it_holds(void **state)
{
    (void)state;
    struct batcher b;
    struct note notes[2] = {0}, late = {0};
    start(&b, 4, 4);
    add(&b, notes, 2);
    batcher_stop(&b);
    assert_int_equal(batcher_add(&b, &late.item, on_verdict), ERR_CLOSING);
    assert_false(batcher_idle(&b));
    assert_int_equal(run(&b), 1);
    assert_true(batcher_idle(&b));
    assert_told(notes, 2, 0);
    assert_silent(&late, 1);
}

static void cancelled_everything_that_waits_hears_it_suspects_and_condemned_too(void **state)
{
    (void)state;
    struct batcher b;
    struct note notes[6] = {0};
    const struct batch *batch;
    start(&b, 8, 4);
    add(&b, notes, 6); /* Four go first, two stay held. */
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    batcher_verdict(&b, ERR_RATING_REFUSED); /* 0 1 and 2 3 are suspects. */
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    batcher_verdict(&b, ERR_RATING_REFUSED); /* 0 and 1. */
    assert_int_equal(batcher_next(&b, &batch), BATCH_INSERT);
    batcher_verdict(&b, ERR_RATING_REFUSED); /* 0 is condemned. */
    assert_silent(notes, 6);
    batcher_cancel(&b, ERR_CANCELED);
    assert_told(notes, 6, ERR_CANCELED);
    assert_true(batcher_idle(&b));
    assert_int_equal(batcher_next(&b, &batch), BATCH_NOTHING);
}

static void an_item_may_be_added_from_within_a_verdict(void **state)
{
    (void)state;
    struct batcher b;
    struct note first = {0}, second = {0};
    start(&b, 1, 1);
    first.add_next = &second;
    second.batcher = &b;
    add(&b, &first, 1);
    assert_int_equal(run(&b), 2);
    assert_told(&first, 1, 0);
    assert_told(&second, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_held_is_nothing_to_do),
        cmocka_unit_test(an_item_is_told_only_by_its_batchs_verdict),
        cmocka_unit_test(items_keep_the_order_they_came_in),
        cmocka_unit_test(one_batch_is_under_way_at_a_time_and_the_next_one_gathers),
        cmocka_unit_test(a_batch_has_at_most_its_limit),
        cmocka_unit_test(above_held_max_it_is_busy_and_the_item_stays_the_callers),
        cmocka_unit_test(high_is_from_three_quarters_and_low_up_to_half),
        cmocka_unit_test(an_unknown_outcome_is_told_to_every_item_and_nothing_is_tried_again),
        cmocka_unit_test(one_bad_item_goes_to_quarantine_and_the_others_are_stored),
        cmocka_unit_test(any_set_of_bad_items_is_found),
        cmocka_unit_test(a_batch_of_65536_bad_items_is_borne),
        cmocka_unit_test(a_bad_one_in_500_delays_its_neighbours_by_a_few_writes),
        cmocka_unit_test(what_is_suspect_goes_before_what_is_new),
        cmocka_unit_test(while_parts_of_a_refused_batch_wait_it_is_not_idle),
        cmocka_unit_test(a_quarantine_that_failed_is_told_so_that_the_kiosk_sends_again),
        cmocka_unit_test(stopped_it_takes_nothing_new_and_still_writes_what_it_holds),
        cmocka_unit_test(cancelled_everything_that_waits_hears_it_suspects_and_condemned_too),
        cmocka_unit_test(an_item_may_be_added_from_within_a_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
