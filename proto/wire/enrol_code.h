/* enrol_code.h - the one-time code of a device that is to be, as people type it and cameras read
 * it.
 *
 * 44 symbols in groups of four: 2 bits of form (0), the secret (16 bytes), how the authority's
 * fingerprint begins (10 bytes), and two check symbols. Every single wrong symbol and every swap
 * of neighbours is told; of other errors one in 1,024 is not. Symbols are Crockford's 32: no I, L,
 * O, U; small letters, O for 0, I and L for 1 are read; spaces and hyphens do not count. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    ENROL_SECRET = 16,
    ENROL_AUTHORITY = 10,
    ENROL_SYMBOLS = 44,
    ENROL_GROUP = 4,
    ENROL_TEXT = ENROL_SYMBOLS + ENROL_SYMBOLS / ENROL_GROUP, /* With hyphens and NUL. */
    ENROL_ADDRESS = 128,
    ENROL_URI = 7 + ENROL_ADDRESS + 1 + ENROL_TEXT,
};

struct enrol_code {
    uint8_t secret[ENROL_SECRET];
    uint8_t authority[ENROL_AUTHORITY];
};

/* "0ABC-DEFG-…". */
void enrol_code_write(const struct enrol_code *code, char ret_text[ENROL_TEXT]);

/* What is wrong with a text, for who types it. */
enum enrol_typed { ENROL_GOOD, ENROL_SHORT, ENROL_LONG, ENROL_LETTER, ENROL_CHECK };
enum enrol_typed enrol_code_judge(const char *text, struct enrol_code *ret_code);
/* For people; NULL for ENROL_GOOD. Static. */
const char *enrol_code_says(enum enrol_typed typed);

/* The same, 0 or ERR_CODE_TYPED. `ret_code` is touched only on success. */
int enrol_code_read(const char *text, struct enrol_code *ret_code);

/* What a QR code holds: "attune:HOST:PORT/CODE"; without an address "attune:/CODE". */
void enrol_uri_write(const char *address, const struct enrol_code *code, char ret_text[ENROL_URI]);

/* Either: a code alone leaves the address "". */
int enrol_uri_read(const char *text, char ret_address[ENROL_ADDRESS], struct enrol_code *ret_code);

/* The symbol that a character stands for, as it is written ('o' is '0'); 0: none. */
char enrol_code_symbol(char c);
