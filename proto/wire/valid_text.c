/* Happy path: sequence by sequence to the NUL. Failure: the first that is no UTF-8, or a control
 * character. */
#include <stdint.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/valid.h"

/* Bytes of the UTF-8 sequence at `s`, 0 when it is none (RFC 3629, section 4). */
static size_t sequence(const uint8_t *s)
{
    if (s[0] < 0x80) {
        return 1;
    }
    if (s[0] < 0xc2 || s[0] > 0xf4) {
        return 0;
    }
    size_t len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    uint8_t low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    uint8_t high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if (s[i] < 0x80 || s[i] > 0xbf) {
            return 0;
        }
    }
    return len;
}

int valid_text(const char *text, size_t bytes_max)
{
    const uint8_t *s = (const uint8_t *)text;
    size_t len = strlen(text);
    if (len == 0 || len > bytes_max) {
        return ERR_FIELD;
    }
    while (*s != '\0') {
        size_t n = sequence(s);
        bool control = *s < 0x20 || *s == 0x7f || (*s == 0xc2 && s[1] < 0xa0);
        if (n == 0 || control) {
            return ERR_FIELD;
        }
        s += n;
    }
    return 0;
}

/* Lines of text: line feeds and tabs are the only controls. */
bool valid_lines(const char *text, size_t bytes_max)
{
    const uint8_t *s = (const uint8_t *)text;
    size_t len = strlen(text);
    if (len == 0 || len > bytes_max) {
        return false;
    }
    while (*s != '\0') {
        size_t n = sequence(s);
        bool control = (*s < 0x20 && *s != '\n' && *s != '\r' && *s != '\t') || *s == 0x7f;
        if (n == 0 || control) {
            return false;
        }
        s += n;
    }
    return true;
}
