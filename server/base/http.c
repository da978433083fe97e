/* Happy path: the empty line has come, the first line is cut at its two spaces, the path is looked
 * up. Failure: anything else has its verdict; nothing is kept and nothing is allocated. */
#include "server/base/http.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/must.h"

static bool is(const char *at, size_t len, const char *text)
{
    return strlen(text) == len && memcmp(at, text, len) == 0;
}

static enum http_path path_of(const char *at, size_t len)
{
    static const struct {
        const char *text;
        enum http_path path;
    } paths[] = {{"/healthz", HTTP_HEALTHZ}, {"/readyz", HTTP_READYZ}, {"/metrics", HTTP_METRICS}};
    const char *query = memchr(at, '?', len);
    size_t path_len = query == NULL ? len : (size_t)(query - at);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (is(at, path_len, paths[i].text)) {
            return paths[i].path;
        }
    }
    return HTTP_NOT_FOUND;
}

enum http_verdict http_judge(const char *bytes, size_t len, enum http_path *ret_path)
{
    if (memmem(bytes, len, "\r\n\r\n", 4) == NULL) {
        return len >= HTTP_REQUEST_MAX ? HTTP_TOO_LONG : HTTP_MORE;
    }
    const char *line_end = memmem(bytes, len, "\r\n", 2);
    size_t line = (size_t)(line_end - bytes);
    const char *first = memchr(bytes, ' ', line);
    if (first == NULL) {
        return HTTP_BAD;
    }
    const char *target = first + 1;
    const char *second = memchr(target, ' ', line - (size_t)(target - bytes));
    if (second == NULL || second == target || target[0] != '/') {
        return HTTP_BAD;
    }
    size_t version_len = line - (size_t)(second + 1 - bytes);
    if (!is(second + 1, version_len, "HTTP/1.1") && !is(second + 1, version_len, "HTTP/1.0")) {
        return HTTP_BAD;
    }
    size_t method_len = (size_t)(first - bytes);
    if (!is(bytes, method_len, "GET") && !is(bytes, method_len, "HEAD")) {
        return HTTP_BAD_METHOD;
    }
    *ret_path = path_of(target, (size_t)(second - target));
    return HTTP_GET;
}

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {400, "Bad Request"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {431, "Request Header Fields Too Large"},
                   {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    must(false);
    return NULL;
}

size_t http_head(int status, size_t body_len, char *room, size_t room_size)
{
    int n = snprintf(room, room_size,
                     "HTTP/1.1 %d %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                     "Content-Length: %zu\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
                     status, reason(status), body_len);
    must(n > 0 && (size_t)n < room_size);
    return (size_t)n;
}
