/* Happy path: 210 bits become 42 symbols, two more make both check sums zero; reading is the way
 * back. The check sums are those of a code over GF(32): the sum of all symbols, each times a power
 * of the generator by its place, and the same with the squares of these powers. A wrong symbol
 * changes the first sum by itself times a power: never by zero; a swap of neighbours by their
 * difference times the difference of two powers: never by zero.
 * Failure: what is wrong is told by kind, so that people know whether to look for a letter that is
 * missing or for one that is wrong. */
#include "proto/wire/enrol_code.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char scheme[] = "attune:";
enum { DATA = ENROL_SYMBOLS - 2, FIELD = 32, FIELD_POLYNOMIAL = 0x25 /* x^5 + x^2 + 1 */ };

/* ---- GF(32) ---------------------------------------------------------------------------------- */

static unsigned times(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b != 0; b >>= 1) {
        product ^= b & 1 ? a : 0;
        a <<= 1;
        a ^= a & FIELD ? FIELD_POLYNOMIAL : 0;
    }
    return product;
}

static void sums(const uint8_t values[ENROL_SYMBOLS], unsigned *ret_first, unsigned *ret_second)
{
    unsigned power = 1, square = 1;
    *ret_first = *ret_second = 0;
    for (size_t i = 0; i < ENROL_SYMBOLS; i++) {
        *ret_first ^= times(values[i], power);
        *ret_second ^= times(values[i], square);
        power = times(power, 2);
        square = times(square, 4);
    }
}

/* Two equations with two unknowns; with 1,024 pairs, trying is shorter than solving. */
static void add_checks(uint8_t values[ENROL_SYMBOLS])
{
    for (unsigned pair = 0; pair < FIELD * FIELD; pair++) {
        unsigned first, second;
        values[DATA] = (uint8_t)(pair / FIELD);
        values[DATA + 1] = (uint8_t)(pair % FIELD);
        sums(values, &first, &second);
        if (first == 0 && second == 0) {
            return;
        }
    }
    must(false); /* There is always one. */
}

/* ---- text ------------------------------------------------------------------------------------ */

char enrol_code_symbol(char c)
{
    c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    return c != '\0' && strchr(symbols, c) != NULL ? c : '\0';
}

void enrol_code_write(const struct enrol_code *code, char ret_text[ENROL_TEXT])
{
    uint8_t bytes[ENROL_SECRET + ENROL_AUTHORITY], values[ENROL_SYMBOLS] = {0};
    memcpy(bytes, code->secret, ENROL_SECRET);
    memcpy(bytes + ENROL_SECRET, code->authority, ENROL_AUTHORITY);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        size_t at = bit + 2; /* Behind the form. */
        unsigned one = bytes[bit / 8] >> (7 - bit % 8) & 1;
        values[at / 5] = (uint8_t)(values[at / 5] | one << (4 - at % 5));
    }
    add_checks(values);
    for (size_t i = 0; i < ENROL_SYMBOLS; i++) {
        *ret_text++ = symbols[values[i]];
        if (i % ENROL_GROUP == ENROL_GROUP - 1) {
            *ret_text++ = i + 1 < ENROL_SYMBOLS ? '-' : '\0';
        }
    }
}

static bool passes_over(char c)
{
    return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r';
}

static enum enrol_typed values_of(const char *text, uint8_t values[ENROL_SYMBOLS])
{
    size_t count = 0;
    bool letter = false;
    for (; *text != '\0'; text++) {
        char symbol = enrol_code_symbol(*text);
        if (passes_over(*text)) {
            continue;
        }
        letter = letter || symbol == '\0';
        if (symbol != '\0' && count < ENROL_SYMBOLS) {
            values[count] = (uint8_t)(strchr(symbols, symbol) - symbols);
        }
        count++;
    }
    return letter                  ? ENROL_LETTER
           : count < ENROL_SYMBOLS ? ENROL_SHORT
           : count > ENROL_SYMBOLS ? ENROL_LONG
                                   : ENROL_GOOD;
}

enum enrol_typed enrol_code_judge(const char *text, struct enrol_code *ret_code)
{
    uint8_t values[ENROL_SYMBOLS] = {0}, bytes[ENROL_SECRET + ENROL_AUTHORITY] = {0};
    unsigned first, second;
    enum enrol_typed typed = values_of(text, values);
    if (typed != ENROL_GOOD) {
        return typed;
    }
    sums(values, &first, &second);
    if (first != 0 || second != 0 || values[0] >> 3 != 0) { /* Another form is not ours. */
        return ENROL_CHECK;
    }
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        size_t at = bit + 2;
        unsigned one = values[at / 5] >> (4 - at % 5) & 1;
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] | one << (7 - bit % 8));
    }
    memcpy(ret_code->secret, bytes, ENROL_SECRET);
    memcpy(ret_code->authority, bytes + ENROL_SECRET, ENROL_AUTHORITY);
    return ENROL_GOOD;
}

const char *enrol_code_says(enum enrol_typed typed)
{
    switch (typed) {
    case ENROL_SHORT:
        return "the code is not complete: it has 44 letters and digits";
    case ENROL_LONG:
        return "the code is too long: it has 44 letters and digits";
    case ENROL_LETTER:
        return "a code has digits and the letters A to Z without I, L, O and U";
    case ENROL_CHECK:
        return "there is a typing error in the code: compare it with what was printed";
    default:
        return NULL;
    }
}

int enrol_code_read(const char *text, struct enrol_code *ret_code)
{
    return enrol_code_judge(text, ret_code) == ENROL_GOOD ? 0 : ERR_CODE_TYPED;
}

void enrol_uri_write(const char *address, const struct enrol_code *code, char ret_text[ENROL_URI])
{
    char text[ENROL_TEXT];
    must(strlen(address) < ENROL_ADDRESS);
    enrol_code_write(code, text);
    (void)snprintf(ret_text, ENROL_URI, "%s%s/%s", scheme, address, text);
    explicit_bzero(text, sizeof text);
}

int enrol_uri_read(const char *text, char ret_address[ENROL_ADDRESS], struct enrol_code *ret_code)
{
    const char *slash = strchr(text, '/');
    size_t len = 0;
    while (passes_over(*text)) {
        text++;
    }
    if (slash != NULL) {
        if (strncmp(text, scheme, sizeof scheme - 1) != 0) {
            return ERR_CODE_TYPED;
        }
        text += sizeof scheme - 1;
        len = (size_t)(slash - text);
    }
    if (len >= ENROL_ADDRESS) {
        return ERR_CODE_TYPED;
    }
    int rc = enrol_code_read(slash != NULL ? slash + 1 : text, ret_code);
    if (rc == 0) {
        memcpy(ret_address, text, len);
        ret_address[len] = '\0';
    }
    return rc;
}
