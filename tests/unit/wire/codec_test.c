#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/codec.h"
#include "proto/wire/err.h"
#include "proto/wire/frame.h"
#include "proto/wire/limits.h"

/* One for all tests: it is too big for the stack. */
static struct codec_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = malloc(sizeof *arena);
    assert_non_null(arena);
    codec_arena_init(arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(arena);
    return 0;
}

struct bytes {
    size_t len;
    uint8_t at[LIMIT_FRAME_BODY];
};

static void put(struct bytes *b, const void *bytes, size_t len)
{
    assert_true(len <= sizeof b->at - b->len);
    memcpy(b->at + b->len, bytes, len);
    b->len += len;
}

static void put_varint(struct bytes *b, uint64_t value)
{
    do {
        uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        put(b, &byte, 1);
        value >>= 7;
    } while (value > 0);
}

static void put_tag(struct bytes *b, uint64_t number, unsigned wire)
{
    put_varint(b, number << 3 | wire);
}

/* From memory of exactly this size, so that the sanitizer sees a byte too many. */
static int unpack(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t len)
{
    const ProtobufCMessage *message = NULL;
    uint8_t *exact = malloc(len > 0 ? len : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    int check = codec_check(type, exact, len);
    int rc = codec_unpack(arena, type, exact, len, &message);
    free(exact);
    assert_true((rc == 0) == (message != NULL));
    assert_true(check == 0 || check == rc); /* What the pass refuses never comes to unpacking. */
    assert_true(arena->used <= sizeof arena->room);
    return rc;
}

static int unpack_request(const struct bytes *b)
{
    return unpack(&attune__request__descriptor, b->at, b->len);
}

/* A request that is good: seq 1, Ping. */
static const uint8_t ping[] = {0x08, 1, 0x1a, 0};

static void a_request_comes_back_as_it_was_packed(void **state)
{
    (void)state;
    char software[] = "attune-kiosk", version[] = "0.1.0", language[] = "de";
    Attune__Hello hello = ATTUNE__HELLO__INIT;
    hello.software = software;
    hello.version = version;
    hello.language = language;
    hello.clock_ms = INT64_C(1900000000000);
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.seq = UINT64_MAX;
    request.body_case = ATTUNE__REQUEST__BODY_HELLO;
    request.hello = &hello;
    size_t size = codec_frame_size(&request.base);
    uint8_t *frame = malloc(size);
    assert_non_null(frame);
    codec_frame_pack(&request.base, frame);
    assert_int_equal((size_t)frame[2] << 8 | frame[3], size - FRAME_HEAD);
    const Attune__Request *seen;
    assert_int_equal(codec_request(arena, frame + FRAME_HEAD, size - FRAME_HEAD, &seen), 0);
    assert_true(seen->seq == UINT64_MAX);
    assert_int_equal(seen->body_case, ATTUNE__REQUEST__BODY_HELLO);
    assert_string_equal(seen->hello->software, "attune-kiosk");
    assert_string_equal(seen->hello->language, "de");
    assert_true(seen->hello->clock_ms == INT64_C(1900000000000));
    free(frame);
}

static void an_absent_score_is_not_a_score_of_nothing(void **state)
{
    (void)state;
    static const uint8_t none[] = {0x10, 0x00}; /* relevance = 0, the others absent. */
    const ProtobufCMessage *message;
    assert_int_equal(codec_unpack(arena, &attune__scores__descriptor, none, sizeof none, &message),
                     0);
    const Attune__Scores *s = (const Attune__Scores *)(const void *)message;
    assert_int_equal(s->understanding_answer_case, 0);
    assert_int_equal(s->relevance_answer_case, ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE);
    assert_int_equal(s->relevance, 0);
    assert_int_equal(s->fit_answer_case, 0);
}

static void every_cut_of_a_message_is_refused_or_whole(void **state)
{
    (void)state;
    static const uint8_t whole[] = {0x08, 0x96, 0x01, 0x12, 0x06, 0x0a, 0x04, 'k', 'i', 'o', 's'};
    for (size_t len = 0; len <= sizeof whole; len++) {
        int rc = unpack(&attune__request__descriptor, whole, len);
        bool at_an_end = len == 0 || len == 3 || len == sizeof whole;
        assert_int_equal(rc, at_an_end ? 0 : ERR_MESSAGE);
    }
}

static void a_singular_field_comes_once(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[12];
        size_t len;
        int rc;
    } cases[] = {
        {{0x08, 1}, 2, 0},
        {{0x08, 1, 0x08, 2}, 4, ERR_MESSAGE_TAGS},           /* seq twice */
        {{0x1a, 0, 0x1a, 0}, 4, ERR_MESSAGE_TAGS},           /* ping twice: would be merged */
        {{0x12, 0, 0x1a, 0}, 4, ERR_MESSAGE_TAGS},           /* hello and ping: one oneof */
        {{0x12, 4, 0x20, 1, 0x20, 1}, 6, ERR_MESSAGE_TAGS},  /* hello.clock_ms twice, below */
        {{0x1a, 0, 0x08, 1}, 4, 0},                          /* any order */
        {{0xda, 0x01, 6, 0x0a, 1, 'a', 0x0a, 1, 'b'}, 9, 0}, /* a repeated field may repeat */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(unpack(&attune__request__descriptor, cases[i].bytes, cases[i].len),
                         cases[i].rc);
    }
}

static void fields_outside_a_oneof_and_different_oneofs_do_not_exclude_each_other(void **state)
{
    (void)state;
    static const uint8_t all[] = {0x08, 1, 0x10, 2, 0x18, 3, 0x20, 100};
    static const uint8_t twice[] = {0x08, 1, 0x08, 2};
    assert_int_equal(unpack(&attune__scores__descriptor, all, sizeof all), 0);
    assert_int_equal(unpack(&attune__scores__descriptor, twice, sizeof twice), ERR_MESSAGE_TAGS);
}

static void the_tags_of_all_levels_are_counted(void **state)
{
    (void)state;
    static const struct {
        unsigned ids;
        int rc;
    } cases[] = {{LIMIT_MESSAGE_TAGS - 2, 0},
                 {LIMIT_MESSAGE_TAGS - 1, 0},
                 {LIMIT_MESSAGE_TAGS, ERR_MESSAGE_TAGS}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes b = {0}; /* receive_alerts with so many empty ids: one tag more in all. */
        put_tag(&b, 27, 2);
        put_varint(&b, 2 * cases[i].ids);
        for (unsigned n = 0; n < cases[i].ids; n++) {
            put(&b, "\x0a\x00", 2);
        }
        assert_int_equal(unpack_request(&b), cases[i].rc);
    }
}

/* A number that no request will have. */
enum { UNKNOWN = 10000 };

static void eight_unknown_fields_pass_and_nine_do_not(void **state)
{
    (void)state;
    for (unsigned count = LIMIT_MESSAGE_UNKNOWN - 1; count <= LIMIT_MESSAGE_UNKNOWN + 1; count++) {
        struct bytes b = {0};
        put(&b, ping, sizeof ping);
        for (unsigned n = 0; n < count; n++) {
            put_tag(&b, UNKNOWN + n, n % 2 == 0 ? 0 : 2);
            put_varint(&b, 0);
        }
        assert_int_equal(unpack_request(&b), count <= LIMIT_MESSAGE_UNKNOWN ? 0 : ERR_MESSAGE_TAGS);
    }
}

/* Their sum over all levels counts. */
static void unknown_fields_within_sub_messages_count_too(void **state)
{
    (void)state;
    struct bytes b = {0}, inner = {0};
    for (unsigned n = 0; n < 5; n++) {
        put_tag(&inner, UNKNOWN + n, 0);
        put_varint(&inner, 1);
    }
    put(&b, inner.at, inner.len); /* 5 in the request itself … */
    put_tag(&b, 3, 2);            /* … and 5 in its ping. */
    put_varint(&b, inner.len);
    put(&b, inner.at, inner.len);
    assert_int_equal(unpack_request(&b), ERR_MESSAGE_TAGS);
}

static void field_numbers_end_at_2_to_the_29(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        int rc;
    } cases[] = {
        {0, ERR_MESSAGE},
        {1000, 0},
        {LIMIT_FIELD_NUMBER - 1, 0},
        {LIMIT_FIELD_NUMBER, 0},
        {LIMIT_FIELD_NUMBER + UINT64_C(1), ERR_MESSAGE},
        {UINT64_C(1) << 40, ERR_MESSAGE},
        {UINT64_MAX >> 3, ERR_MESSAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes b = {0};
        put_tag(&b, cases[i].number, 0);
        put_varint(&b, 7);
        assert_int_equal(unpack_request(&b), cases[i].rc);
    }
}

static void groups_and_wire_types_without_a_meaning_are_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned wire;
        int rc;
    } cases[] = {{0, 0},           {1, 0}, {2, 0},           {3, ERR_MESSAGE},
                 {4, ERR_MESSAGE}, {5, 0}, {6, ERR_MESSAGE}, {7, ERR_MESSAGE}};
    static const size_t sizes[8] = {1, 8, 8, 0, 0, 4, 1, 1};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes b = {0};
        put_tag(&b, 900, cases[i].wire);
        put(&b, "\x07\x00\x00\x00\x00\x00\x00\x00", sizes[cases[i].wire]);
        assert_int_equal(unpack_request(&b), cases[i].rc);
    }
}

static void a_wire_type_that_does_not_fit_the_field_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[10];
        size_t len;
    } cases[] = {
        {{0x0a, 1, 1}, 3},                   /* seq as bytes */
        {{0x09, 1, 0, 0, 0, 0, 0, 0, 0}, 9}, /* seq as fixed64 */
        {{0x0d, 1, 0, 0, 0}, 5},             /* seq as fixed32 */
        {{0x18, 1}, 2},                      /* ping as a number */
        {{0x1d, 1, 0, 0, 0}, 5},             /* ping as fixed32 */
        {{0x12, 2, 0x08, 1}, 4},             /* hello.software as a number */
        {{0xda, 0x01, 2, 0x08, 1}, 5},       /* receive_alerts.alert_id as a number */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(unpack(&attune__request__descriptor, cases[i].bytes, cases[i].len),
                         ERR_MESSAGE);
    }
}

static void a_length_that_overruns_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[16];
        size_t len;
    } cases[] = {
        {{0x1a, 1}, 2},
        {{0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f}, 6},
        {{0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 11},
        {{0x1a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02}, 11},
        {{0x1a, 0x80}, 2},
        {{0x12, 2, 0x0a, 5, 'a', 'b', 'c', 'd', 'e'}, 9}, /* Beyond its own sub-message. */
        {{0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, 11},
        {{0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, 12},
        {{0x80}, 1},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(unpack(&attune__request__descriptor, cases[i].bytes, cases[i].len),
                         ERR_MESSAGE);
    }
}

/* protobuf-c would cut it at the NUL, and what was judged would not be what was sent. */
static void a_text_with_nul_in_it_is_refused_and_bytes_with_it_are_not(void **state)
{
    (void)state;
    static const uint8_t text[] = {0x12, 5, 0x0a, 3, 'a', 0, 'b'};
    static const uint8_t bytes[] = {0x52, 5, 0x12, 3, 'a', 0, 'b'};
    assert_int_equal(unpack(&attune__request__descriptor, text, sizeof text), ERR_MESSAGE);
    assert_int_equal(unpack(&attune__request__descriptor, bytes, sizeof bytes), 0);
}

/* The longest pages that a server sends, every field at its longest. */
static void a_servers_fullest_page_is_taken(void **state)
{
    (void)state;
    static uint8_t id[LIMIT_ID_SIZE] = {1};
    static char name[LIMIT_NAME_BYTES / 4 + 1] = "0123456789abcdef";
    Attune__Scores scores = ATTUNE__SCORES__INIT;
    scores.understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
    scores.relevance_answer_case = ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE;
    scores.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    scores.fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
    Attune__StoredRating one = ATTUNE__STORED_RATING__INIT;
    one.rating_id = one.session_id = (ProtobufCBinaryData){sizeof id, id};
    one.session_start_ms = one.made_at_ms = one.received_ms = INT64_C(1900000000000);
    one.skipped = true;
    one.talk = ATTUNE__TALK__TALK_NOW;
    one.instrument = name;
    one.scores = &scores;
    Attune__StoredRating *all[LIMIT_RATINGS_PAGE];
    for (size_t i = 0; i < LIMIT_RATINGS_PAGE; i++) {
        all[i] = &one;
    }
    Attune__RatingList list = ATTUNE__RATING_LIST__INIT;
    list.ratings = all;
    list.n_ratings = LIMIT_RATINGS_PAGE;
    list.more = true;
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    response.seq = 1;
    response.body_case = ATTUNE__RESPONSE__BODY_RATING_LIST;
    response.rating_list = &list;
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    frame.response = &response;
    size_t size = codec_frame_size(&frame.base);
    assert_true(size <= FRAME_HEAD + LIMIT_FRAME_BODY);
    uint8_t *room = malloc(size);
    assert_non_null(room);
    codec_frame_pack(&frame.base, room);
    const Attune__ServerFrame *seen;
    assert_int_equal(codec_server_frame(arena, room + FRAME_HEAD, size - FRAME_HEAD, &seen), 0);
    assert_int_equal(seen->response->rating_list->n_ratings, LIMIT_RATINGS_PAGE);
    free(room);
}

static void a_servers_frame_has_its_own_bound_on_tags(void **state)
{
    (void)state;
    for (unsigned items = LIMIT_ANSWER_TAGS - 3; items <= LIMIT_ANSWER_TAGS - 1; items++) {
        struct bytes b = {0}; /* response { practice_list { items {} … } }: two tags more. */
        unsigned list_len = 2 * items, list_head = 2 + 2; /* Tag 45 and a length of two bytes. */
        put_tag(&b, 1, 2);
        put_varint(&b, list_head + list_len);
        put_tag(&b, 45, 2);
        put_varint(&b, list_len);
        for (unsigned n = 0; n < items; n++) {
            put(&b, "\x0a\x00", 2);
        }
        assert_int_equal(unpack(&attune__server_frame__descriptor, b.at, b.len),
                         items + 2 <= LIMIT_ANSWER_TAGS ? 0 : ERR_MESSAGE_TAGS);
    }
}

/* As codec_unpack does, but with only `left` bytes of the room to spare. */
static const ProtobufCMessage *unpack_within(size_t left, const struct bytes *b)
{
    arena->used = sizeof arena->room - left;
    arena->exceeded = 0;
    return protobuf_c_message_unpack(&attune__receive_alerts__descriptor, &arena->allocator, b->len,
                                     b->at);
}

static void the_last_byte_of_the_budget_can_be_used_and_no_more(void **state)
{
    (void)state;
    struct bytes b = {0};
    static const uint8_t id[LIMIT_ID_SIZE] = {7};
    for (unsigned n = 0; n < 60; n++) {
        put(&b, "\x0a\x10", 2);
        put(&b, id, sizeof id);
    }
    assert_int_equal(unpack(&attune__receive_alerts__descriptor, b.at, b.len), 0);
    size_t needed = arena->used;
    assert_true(needed > 60 * 16 && needed % 16 == 0);
    assert_non_null(unpack_within(needed, &b));
    assert_int_equal(arena->used, sizeof arena->room);
    assert_int_equal(arena->exceeded, 0);
    assert_null(unpack_within(needed - 16, &b));
    assert_int_equal(arena->exceeded, 1);
    assert_true(arena->used <= sizeof arena->room);
}

/* One field longer than the budget: no frame takes it, and the codec does not rely on that. */
static void a_big_message_says_memory_and_the_next_one_is_well(void **state)
{
    (void)state;
    struct bytes head = {0};
    put_tag(&head, 2, 2); /* SubmitRating.record */
    put_varint(&head, LIMIT_UNPACK_BYTES);
    uint8_t *bytes = calloc(1, head.len + LIMIT_UNPACK_BYTES);
    assert_non_null(bytes);
    memcpy(bytes, head.at, head.len);
    assert_int_equal(
        unpack(&attune__submit_rating__descriptor, bytes, head.len + LIMIT_UNPACK_BYTES),
        ERR_MESSAGE_MEMORY);
    free(bytes);
    assert_int_equal(unpack(&attune__request__descriptor, ping, sizeof ping), 0);
}

static void what_was_allocated_is_aligned(void **state)
{
    (void)state;
    for (size_t size = 1; size < 100; size += 7) {
        void *at = arena->allocator.alloc(arena->allocator.allocator_data, size);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % 16, 0);
        arena->allocator.free(arena->allocator.allocator_data, at);
    }
    assert_null(arena->allocator.alloc(arena->allocator.allocator_data, SIZE_MAX));
    assert_null(arena->allocator.alloc(arena->allocator.allocator_data, SIZE_MAX - 14));
    assert_int_equal(arena->exceeded, 1);
}

/* What protobuf-c turns from 1 MiB into 84: as much of it as a frame takes. */
static void a_frame_of_empty_sub_messages_is_refused_by_its_tags(void **state)
{
    (void)state;
    struct bytes b = {0};
    while (b.len + 2 <= LIMIT_FRAME_BODY) {
        put(&b, "\x0a\x00", 2);
    }
    assert_int_equal(unpack(&attune__practice_list__descriptor, b.at, b.len), ERR_MESSAGE_TAGS);
    assert_int_equal(unpack(&attune__server_frame__descriptor, b.at, b.len), ERR_MESSAGE_TAGS);
}

static void an_empty_message_is_a_message(void **state)
{
    (void)state;
    const Attune__Request *request;
    assert_int_equal(codec_request(arena, (const uint8_t *)"", 0, &request), 0);
    assert_int_equal(request->body_case, ATTUNE__REQUEST__BODY__NOT_SET);
}

/* The pass goes no deeper than our messages do; the depth is a bound for those to come. */
static void no_message_of_ours_is_deeper_than_the_bound(void **state)
{
    (void)state;
    /* server_frame { push { session_news { session { scores {} } } } } */
    static const uint8_t deepest[] = {0x12, 6, 0x1a, 4, 0x0a, 2, 0x4a, 0};
    assert_int_equal(unpack(&attune__server_frame__descriptor, deepest, sizeof deepest), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_comes_back_as_it_was_packed),
        cmocka_unit_test(an_absent_score_is_not_a_score_of_nothing),
        cmocka_unit_test(every_cut_of_a_message_is_refused_or_whole),
        cmocka_unit_test(a_singular_field_comes_once),
        cmocka_unit_test(fields_outside_a_oneof_and_different_oneofs_do_not_exclude_each_other),
        cmocka_unit_test(the_tags_of_all_levels_are_counted),
        cmocka_unit_test(eight_unknown_fields_pass_and_nine_do_not),
        cmocka_unit_test(unknown_fields_within_sub_messages_count_too),
        cmocka_unit_test(field_numbers_end_at_2_to_the_29),
        cmocka_unit_test(groups_and_wire_types_without_a_meaning_are_refused),
        cmocka_unit_test(a_wire_type_that_does_not_fit_the_field_is_refused),
        cmocka_unit_test(a_length_that_overruns_is_refused),
        cmocka_unit_test(a_text_with_nul_in_it_is_refused_and_bytes_with_it_are_not),
        cmocka_unit_test(a_servers_fullest_page_is_taken),
        cmocka_unit_test(a_servers_frame_has_its_own_bound_on_tags),
        cmocka_unit_test(the_last_byte_of_the_budget_can_be_used_and_no_more),
        cmocka_unit_test(a_big_message_says_memory_and_the_next_one_is_well),
        cmocka_unit_test(what_was_allocated_is_aligned),
        cmocka_unit_test(a_frame_of_empty_sub_messages_is_refused_by_its_tags),
        cmocka_unit_test(an_empty_message_is_a_message),
        cmocka_unit_test(no_message_of_ours_is_deeper_than_the_bound),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
