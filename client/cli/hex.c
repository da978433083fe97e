/* Happy path: two digits a byte.
 * Failure: any other character, any other length, and the id that means "none". */
#include "client/cli/hex.h"

#include <string.h>

#include "proto/wire/err.h"

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    c = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

int hex_id_parse(const char *text, uint8_t ret_id[LIMIT_ID_SIZE])
{
    uint8_t id[LIMIT_ID_SIZE];
    int any = 0;
    if (strlen(text) != 2 * sizeof id) {
        return ERR_FIELD;
    }
    for (size_t at = 0; at < sizeof id; at++) {
        int high = digit(text[2 * at]), low = digit(text[2 * at + 1]);
        if (high < 0 || low < 0) {
            return ERR_FIELD;
        }
        id[at] = (uint8_t)(high << 4 | low);
        any |= id[at];
    }
    if (any == 0) {
        return ERR_FIELD;
    }
    memcpy(ret_id, id, sizeof id);
    return 0;
}

void hex_print(char *text, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t at = 0; at < len; at++) {
        *text++ = digits[bytes[at] >> 4];
        *text++ = digits[bytes[at] & 15];
    }
    *text = '\0';
}
