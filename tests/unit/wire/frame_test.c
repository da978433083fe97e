#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/frame.h"
#include "proto/wire/limits.h"

enum { LIMIT = 1000 };

struct seen {
    struct frame_reader reader;
    char text[256];      /* The frames, each ended by '|'. */
    const uint8_t *body; /* Where the last one lay. */
    size_t frames, last; /* How many; the length of the last one. */
    size_t stop_at;      /* Refuse this one; 0: none. */
    uint32_t raise_to;   /* Raise the limit at the first one; 0: do not. */
    unsigned holding;    /* What the reader held during the last callback. */
};

static int on_frame(struct frame_reader *r, const uint8_t *body, size_t len)
{
    struct seen *s = container_of(r, struct seen, reader);
    s->frames++;
    s->body = body;
    s->last = len;
    s->holding = r->have;
    size_t used = strlen(s->text);
    if (used + len + 2 < sizeof s->text) {
        memcpy(s->text + used, body, len);
        memcpy(s->text + used + len, "|", 2);
    }
    if (s->raise_to != 0) {
        frame_reader_limit(r, s->raise_to);
    }
    return s->frames == s->stop_at ? ERR_FIELD : 0;
}

static void seen_init(struct seen *s)
{
    *s = (struct seen){.text = ""};
    frame_reader_init(&s->reader, LIMIT, on_frame);
}

/* From memory of exactly this size, so that the sanitizer sees a byte too many. */
static int feed(struct seen *s, const uint8_t *bytes, size_t len)
{
    uint8_t *exact = malloc(len > 0 ? len : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    int rc = frame_reader_feed(&s->reader, exact, len);
    free(exact);
    return rc;
}

static uint8_t *frame_of(size_t len, size_t *ret_size)
{
    uint8_t *frame = calloc(1, FRAME_HEAD + len);
    assert_non_null(frame);
    frame_head(frame, len);
    *ret_size = FRAME_HEAD + len;
    return frame;
}

static const uint8_t wire[] = {0, 0, 0, 2, 'h', 'i', 0, 0, 0, 1, '!', 0, 0, 0, 3, 'y', 'o', 'u'};

/* Goal: how the network cuts the bytes must not matter. Method: every pair of cuts. */
static void any_two_cuts_give_the_same_frames(void **state)
{
    (void)state;
    for (size_t a = 0; a <= sizeof wire; a++) {
        for (size_t b = a; b <= sizeof wire; b++) {
            struct seen s;
            seen_init(&s);
            assert_int_equal(feed(&s, wire, a), 0);
            assert_int_equal(feed(&s, wire + a, b - a), 0);
            assert_int_equal(feed(&s, wire + b, sizeof wire - b), 0);
            assert_string_equal(s.text, "hi|!|you|");
            assert_false(frame_reader_inside(&s.reader));
            assert_null(s.reader.held);
        }
    }
}

static void byte_by_byte_gives_the_same_frames(void **state)
{
    (void)state;
    struct seen s;
    seen_init(&s);
    for (size_t i = 0; i < sizeof wire; i++) {
        assert_int_equal(feed(&s, wire + i, 1), 0);
    }
    assert_string_equal(s.text, "hi|!|you|");
}

static void a_whole_frame_is_handed_over_where_it_lies(void **state)
{
    (void)state;
    struct seen s;
    seen_init(&s);
    assert_int_equal(frame_reader_feed(&s.reader, wire, sizeof wire), 0);
    assert_ptr_equal(s.body, wire + sizeof wire - 3);
    assert_null(s.reader.held);
}

/* Also the frame after one that was completed from two pieces. */
static void no_memory_is_held_between_frames_nor_during_the_callback(void **state)
{
    (void)state;
    struct seen s;
    seen_init(&s);
    assert_int_equal(frame_reader_feed(&s.reader, wire, 5), 0);
    assert_true(frame_reader_inside(&s.reader));
    assert_non_null(s.reader.held);
    assert_int_equal(frame_reader_feed(&s.reader, wire + 5, 1), 0);
    assert_int_equal(s.holding, 0);
    assert_null(s.reader.held);
    assert_false(frame_reader_inside(&s.reader));
    assert_int_equal(frame_reader_feed(&s.reader, wire + 6, sizeof wire - 6), 0);
    assert_ptr_equal(s.body, wire + sizeof wire - 3);
    assert_string_equal(s.text, "hi|!|you|");
}

static void a_frame_of_the_limit_passes_and_one_more_byte_does_not(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        int rc;
    } cases[] = {{1, 0}, {LIMIT - 1, 0}, {LIMIT, 0}, {LIMIT + 1, ERR_FRAME_SIZE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t cut = 0; cut <= FRAME_HEAD; cut++) {
            struct seen s;
            size_t size;
            uint8_t *frame = frame_of(cases[i].len, &size);
            seen_init(&s);
            (void)feed(&s, frame, cut);
            assert_int_equal(feed(&s, frame + cut, size - cut), cases[i].rc);
            assert_int_equal(s.frames, cases[i].rc == 0);
            assert_int_equal(s.last, cases[i].rc == 0 ? cases[i].len : 0);
            frame_reader_fini(&s.reader);
            free(frame);
        }
    }
}

static void lengths_of_nothing_and_of_4_gigabytes_are_refused_at_the_prefix(void **state)
{
    (void)state;
    static const uint8_t wrong[][FRAME_HEAD] = {
        {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}, {0x80, 0, 0, 1}, {0, 1, 0, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct seen s;
        seen_init(&s);
        assert_int_equal(feed(&s, wrong[i], 3), 0);
        assert_int_equal(feed(&s, wrong[i] + 3, 1), ERR_FRAME_SIZE);
        assert_int_equal(s.frames, 0);
        frame_reader_fini(&s.reader);
    }
}

/* A claim of 1,000 bytes costs nothing until they come; no frame takes more than the limit. */
static void memory_grows_with_what_came_and_never_above_the_limit(void **state)
{
    (void)state;
    struct seen s;
    size_t size;
    uint8_t *frame = frame_of(LIMIT, &size);
    seen_init(&s);
    assert_int_equal(feed(&s, frame, FRAME_HEAD + 1), 0);
    assert_true(s.reader.room <= 256);
    for (size_t i = FRAME_HEAD + 1; i < size - 1; i++) {
        assert_int_equal(feed(&s, frame + i, 1), 0);
        assert_true(s.reader.room >= s.reader.have);
        assert_true(s.reader.room <= FRAME_HEAD + LIMIT);
        assert_true(s.reader.room <= 256 || s.reader.room <= 2 * s.reader.have);
    }
    assert_int_equal(feed(&s, frame + size - 1, 1), 0);
    assert_int_equal(s.frames, 1);
    free(frame);
}

static void an_error_sticks(void **state)
{
    (void)state;
    struct seen s;
    static const uint8_t zero[FRAME_HEAD];
    seen_init(&s);
    assert_int_equal(feed(&s, zero, sizeof zero), ERR_FRAME_SIZE);
    assert_int_equal(feed(&s, wire, sizeof wire), ERR_FRAME_SIZE);
    assert_int_equal(feed(&s, wire, 0), ERR_FRAME_SIZE);
    assert_int_equal(s.frames, 0);
}

static void what_the_callback_refuses_ends_the_stream(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= sizeof wire; cut++) {
        struct seen s;
        seen_init(&s);
        s.stop_at = 2;
        int first = feed(&s, wire, cut);
        assert_int_equal(first, cut < 11 ? 0 : ERR_FIELD);
        assert_int_equal(feed(&s, wire + cut, sizeof wire - cut), ERR_FIELD);
        assert_string_equal(s.text, "hi|!|");
        frame_reader_fini(&s.reader);
    }
}

static void the_limit_can_be_raised_in_the_callback_for_the_next_frame(void **state)
{
    (void)state;
    struct seen s;
    size_t size;
    uint8_t *big = frame_of(LIMIT + 1, &size);
    uint8_t *both = malloc(5 + size);
    assert_non_null(both);
    memcpy(both, (const uint8_t[]){0, 0, 0, 1, 'x'}, 5);
    memcpy(both + 5, big, size);
    seen_init(&s);
    s.raise_to = LIMIT + 1;
    assert_int_equal(feed(&s, both, 5 + size), 0);
    assert_int_equal(s.frames, 2);
    assert_int_equal(s.last, LIMIT + 1);
    free(big);
    free(both);
}

static void a_reader_cut_off_in_a_frame_gives_its_memory_back(void **state)
{
    (void)state;
    struct seen s;
    seen_init(&s);
    assert_int_equal(feed(&s, wire, 5), 0);
    frame_reader_fini(&s.reader);
    assert_null(s.reader.held);
    assert_false(frame_reader_inside(&s.reader));
    frame_reader_fini(&s.reader);
}

static void nothing_fed_changes_nothing(void **state)
{
    (void)state;
    struct seen s;
    seen_init(&s);
    assert_int_equal(frame_reader_feed(&s.reader, NULL, 0), 0);
    assert_false(frame_reader_inside(&s.reader));
}

static void the_prefix_is_big_endian(void **state)
{
    (void)state;
    uint8_t head[FRAME_HEAD];
    frame_head(head, 1);
    assert_memory_equal(head, ((const uint8_t[]){0, 0, 0, 1}), FRAME_HEAD);
    frame_head(head, LIMIT_FRAME_BODY);
    assert_memory_equal(head, ((const uint8_t[]){0, 0, 0x40, 0}), FRAME_HEAD);
    frame_head(head, UINT32_C(0xfedcba98));
    assert_memory_equal(head, ((const uint8_t[]){0xfe, 0xdc, 0xba, 0x98}), FRAME_HEAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_two_cuts_give_the_same_frames),
        cmocka_unit_test(byte_by_byte_gives_the_same_frames),
        cmocka_unit_test(a_whole_frame_is_handed_over_where_it_lies),
        cmocka_unit_test(no_memory_is_held_between_frames_nor_during_the_callback),
        cmocka_unit_test(a_frame_of_the_limit_passes_and_one_more_byte_does_not),
        cmocka_unit_test(lengths_of_nothing_and_of_4_gigabytes_are_refused_at_the_prefix),
        cmocka_unit_test(memory_grows_with_what_came_and_never_above_the_limit),
        cmocka_unit_test(an_error_sticks),
        cmocka_unit_test(what_the_callback_refuses_ends_the_stream),
        cmocka_unit_test(the_limit_can_be_raised_in_the_callback_for_the_next_frame),
        cmocka_unit_test(a_reader_cut_off_in_a_frame_gives_its_memory_back),
        cmocka_unit_test(nothing_fed_changes_nothing),
        cmocka_unit_test(the_prefix_is_big_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
