/* Goal: whatever comes to the health port has one verdict. Method: a table of requests; each also
 * in every part, which must not change it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/base/http.h"

static enum http_verdict judge(const char *text, enum http_path *ret_path)
{
    return http_judge(text, strlen(text), ret_path);
}

static void assert_path(const char *text, enum http_path path)
{
    enum http_path found = (enum http_path)99;
    assert_int_equal(judge(text, &found), HTTP_GET);
    assert_int_equal(found, path);
}

static void assert_bad(const char *text, enum http_verdict verdict)
{
    enum http_path found = (enum http_path)99;
    assert_int_equal(judge(text, &found), verdict);
    assert_int_equal(found, 99);
}

static void a_get_or_head_of_either_version_is_taken(void **state)
{
    (void)state;
    assert_path("GET /healthz HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n", HTTP_HEALTHZ);
    assert_path("GET /readyz HTTP/1.0\r\n\r\n", HTTP_READYZ);
    assert_path("HEAD /metrics HTTP/1.1\r\n\r\n", HTTP_METRICS);
}

static void any_other_path_is_not_found(void **state)
{
    (void)state;
    assert_path("GET / HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND);
    assert_path("GET /healthz/ HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND);
    assert_path("GET /HEALTHZ HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND);
    assert_path("GET /health HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND);
    assert_path("GET /../readyz HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND);
}

static void a_query_is_passed_over(void **state)
{
    (void)state;
    assert_path("GET /metrics? HTTP/1.1\r\n\r\n", HTTP_METRICS);
    assert_path("GET /?/metrics HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND);
}

static void what_is_no_request_line_is_bad(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /healthz\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        "GET healthz HTTP/1.1\r\n\r\n",
        "GET http://a/healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/2.0\r\n\r\n",
        "GET /healthz HTTP/1.1 \r\n\r\n",
        "GET /healthz  HTTP/1.1\r\n\r\n",
        "GET\r\n /healthz HTTP/1.1\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_bad(texts[i], HTTP_BAD);
    }
}

static void any_other_method_is_refused(void **state)
{
    (void)state;
    assert_bad("POST /healthz HTTP/1.1\r\n\r\n", HTTP_BAD_METHOD);
    assert_bad("get /healthz HTTP/1.1\r\n\r\n", HTTP_BAD_METHOD);
    assert_bad(" /healthz HTTP/1.1\r\n\r\n", HTTP_BAD_METHOD);
    assert_bad("GETT /healthz HTTP/1.1\r\n\r\n", HTTP_BAD_METHOD);
}

static void until_the_empty_line_there_is_more_to_come(void **state)
{
    (void)state;
    static const char text[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    enum http_path path;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        assert_int_equal(http_judge(text, len, &path), HTTP_MORE);
    }
    assert_int_equal(http_judge(text, sizeof text - 1, &path), HTTP_GET);
}

static void a_request_of_2047_bytes_may_go_on_and_of_2048_may_not(void **state)
{
    (void)state;
    char text[HTTP_REQUEST_MAX];
    enum http_path path;
    memset(text, 'a', sizeof text);
    assert_int_equal(http_judge(text, HTTP_REQUEST_MAX - 1, &path), HTTP_MORE);
    assert_int_equal(http_judge(text, HTTP_REQUEST_MAX, &path), HTTP_TOO_LONG);
}

static void a_head_ends_with_an_empty_line_and_says_how_long_the_body_is(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *line;
    } heads[] = {{200, "HTTP/1.1 200 OK\r\n"},
                 {400, "HTTP/1.1 400 Bad Request\r\n"},
                 {404, "HTTP/1.1 404 Not Found\r\n"},
                 {405, "HTTP/1.1 405 Method Not Allowed\r\n"},
                 {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
                 {503, "HTTP/1.1 503 Service Unavailable\r\n"}};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        char room[512];
        size_t len = http_head(heads[i].status, 1234, room, sizeof room);
        assert_int_equal(len, strlen(room));
        assert_memory_equal(room, heads[i].line, strlen(heads[i].line));
        assert_non_null(strstr(room, "\r\nContent-Length: 1234\r\n"));
        assert_non_null(strstr(room, "\r\nConnection: close\r\n"));
        assert_string_equal(room + len - 4, "\r\n\r\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_get_or_head_of_either_version_is_taken),
        cmocka_unit_test(any_other_path_is_not_found),
        cmocka_unit_test(a_query_is_passed_over),
        cmocka_unit_test(what_is_no_request_line_is_bad),
        cmocka_unit_test(any_other_method_is_refused),
        cmocka_unit_test(until_the_empty_line_there_is_more_to_come),
        cmocka_unit_test(a_request_of_2047_bytes_may_go_on_and_of_2048_may_not),
        cmocka_unit_test(a_head_ends_with_an_empty_line_and_says_how_long_the_body_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
