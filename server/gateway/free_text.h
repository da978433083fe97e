/* free_text.h - what people wrote about a client, sealed with that client's key before any SQL
 * sees it.
 *
 *     0  FREE_TEXT_MARK    1  base64 (URL's letters, no padding) of:
 *     0  token, 16 bytes   16  row's id, 16   32  nonce, 24   56  XChaCha20-Poly1305 of the padded
 *        words, with token and id as associated data
 *
 * So it says whose key opens it and which row it is about, and stays a text: it goes through the
 * server's structs, SQL and messages like the words themselves, which never begin with a control
 * character. The nonce is a keyed hash of all that is sealed: the same words for the same row are
 * the same bytes, so that a resend is the same row, and nothing is told by a nonce that a generator
 * gave twice. Words are padded to steps of 64 bytes (ISO/IEC 7816-4): a length says little.
 *
 * Pure. What was opened is the caller's to wipe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FREE_TEXT_MARK = 0x01,
    FREE_TEXT_WORDS_MAX = 255, /* Bytes; with padding 256. */
    FREE_TEXT_TOKEN = 16,
    FREE_TEXT_ID = 16,
    FREE_TEXT_KEY = 32,
    FREE_TEXT_ROOM = 440, /* Of any sealed text, the NUL counted. */
};

/* `words` has at most FREE_TEXT_WORDS_MAX bytes. */
void free_text_seal(const uint8_t key[FREE_TEXT_KEY], const uint8_t token[FREE_TEXT_TOKEN],
                    const uint8_t id[FREE_TEXT_ID], const char *words,
                    char ret_text[FREE_TEXT_ROOM]);

/* Does it begin as a sealed text does? */
bool free_text_is_sealed(const char *text);

/* Whose key opens it, and which row it is about. ERR_FIELD: it is no sealed text. */
int free_text_about(const char *text, uint8_t ret_token[FREE_TEXT_TOKEN],
                    uint8_t ret_id[FREE_TEXT_ID]);

/* ERR_FIELD: it is no sealed text, was changed, or is another key's. Then `ret_words` is "". */
int free_text_open(const uint8_t key[FREE_TEXT_KEY], const char *text,
                   char ret_words[FREE_TEXT_WORDS_MAX + 1]);
