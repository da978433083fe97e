/* Happy path: the line is made whole in memory and goes out in one write, so that lines of two
 * processes do not mix. Failure: a full or closed standard error loses the line; nothing waits for
 * it. */
#include "server/base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512 };

void log_line(enum log_level level, const char *tag, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    int head = snprintf(line, sizeof line, "<%d>%s: ", (int)level, tag);
    size_t len = head > 0 && (size_t)head < sizeof line ? (size_t)head : 0;
    va_list arguments;
    va_start(arguments, format);
    int body = vsnprintf(line + len, sizeof line - len, format, arguments);
    va_end(arguments);
    if (body < 0) {
        return;
    }
    len += (size_t)body;
    if (len > sizeof line - 2) {
        len = sizeof line - 2;
    }
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '\n' || line[i] == '\r') {
            line[i] = ' ';
        }
    }
    line[len++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written; /* Nobody to tell. */
}
