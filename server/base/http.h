/* http.h - as much of HTTP/1.1 as a health check needs: one request line, one answer. Pure.
 *
 * RFC 9112: the request line is `METHOD SP TARGET SP VERSION CRLF`. Header lines are read past,
 * bodies are not taken. */
#pragma once

#include <stddef.h>

enum { HTTP_REQUEST_MAX = 2048 }; /* Bytes until the empty line. */

enum http_path { HTTP_HEALTHZ, HTTP_READYZ, HTTP_METRICS, HTTP_NOT_FOUND };

enum http_verdict {
    HTTP_MORE,       /* The empty line has not come yet. */
    HTTP_GET,        /* A whole GET (or HEAD); the path is set. */
    HTTP_BAD,        /* 400. */
    HTTP_BAD_METHOD, /* 405. */
    HTTP_TOO_LONG,   /* 431. */
};

/* Judge the bytes that have come so far, from the start of the connection. */
enum http_verdict http_judge(const char *bytes, size_t len, enum http_path *ret_path);

/* The answer's head for a body of `body_len` bytes; returns its length. `status` is one of 200,
 * 400, 404, 405, 431, 503. */
size_t http_head(int status, size_t body_len, char *room, size_t room_size);
