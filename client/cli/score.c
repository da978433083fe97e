/* Happy path: one or two digits, then perhaps a point and one digit.
 * Failure: anything else is refused; a score is never guessed. */
#include "client/cli/score.h"

#include <stdbool.h>
#include <stdio.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

int score_parse(const char *text, uint32_t *ret_tenths)
{
    if (!digit(*text)) {
        return ERR_FIELD;
    }
    uint32_t whole = (uint32_t)(*text++ - '0');
    if (whole > 0 && digit(*text)) { /* "07" is no score. */
        whole = whole * 10 + (uint32_t)(*text++ - '0');
    }
    uint32_t tenths = whole * 10;
    if (*text == '.' && digit(text[1])) {
        tenths += (uint32_t)(text[1] - '0');
        text += 2;
    }
    if (*text != '\0' || tenths > LIMIT_SCORE_TENTHS) {
        return ERR_FIELD;
    }
    *ret_tenths = tenths;
    return 0;
}

void score_print(char text[SCORE_TEXT], uint32_t tenths)
{
    (void)snprintf(text, SCORE_TEXT, "%u.%u", (tenths / 10) % 1000, tenths % 10);
}
