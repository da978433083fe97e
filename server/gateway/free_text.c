/* Happy path: pad, hash for the nonce, seal, write as text; back: read the text, open, unpad.
 * Failure: a text that is none of ours, a bit that was changed, another key: ERR_FIELD. */
#include "server/gateway/free_text.h"

#include <string.h>

#include <sodium.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum {
    STEP = 64,
    PADDED_MAX = FREE_TEXT_WORDS_MAX + 1,
    HEAD = FREE_TEXT_TOKEN + FREE_TEXT_ID,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    BODY_AT = HEAD + NONCE,
    BYTES_MAX = BODY_AT + PADDED_MAX + TAG,
    FOR_SEALING = 1,
    FOR_NONCES = 2,
};
_Static_assert(FREE_TEXT_ROOM >=
                   1 + sodium_base64_ENCODED_LEN(BYTES_MAX,
                                                 sodium_base64_VARIANT_URLSAFE_NO_PADDING),
               "the longest has room");
_Static_assert((int)FREE_TEXT_KEY == (int)crypto_kdf_KEYBYTES, "libsodium's");
_Static_assert((int)FREE_TEXT_KEY == (int)crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
               "libsodium's");
_Static_assert(PADDED_MAX % STEP == 0, "the longest is padded as the others");

/* One key, one use: two are made of the client's. */
static void part_of(const uint8_t key[FREE_TEXT_KEY], uint64_t use, uint8_t ret_part[FREE_TEXT_KEY])
{
    must(sodium_init() >= 0);
    must(crypto_kdf_derive_from_key(ret_part, FREE_TEXT_KEY, use, "attunetx", key) == 0);
}

static void fill_nonce(const uint8_t key[FREE_TEXT_KEY], const uint8_t head[HEAD],
                       const uint8_t *padded, size_t len, uint8_t ret_nonce[NONCE])
{
    crypto_generichash_state state;
    uint8_t part[FREE_TEXT_KEY];
    part_of(key, FOR_NONCES, part);
    must(crypto_generichash_init(&state, part, sizeof part, NONCE) == 0);
    must(crypto_generichash_update(&state, head, HEAD) == 0);
    must(crypto_generichash_update(&state, padded, len) == 0);
    must(crypto_generichash_final(&state, ret_nonce, NONCE) == 0);
    sodium_memzero(part, sizeof part);
    sodium_memzero(&state, sizeof state);
}

void free_text_seal(const uint8_t key[FREE_TEXT_KEY], const uint8_t token[FREE_TEXT_TOKEN],
                    const uint8_t id[FREE_TEXT_ID], const char *words,
                    char ret_text[FREE_TEXT_ROOM])
{
    uint8_t bytes[BYTES_MAX], padded[PADDED_MAX], part[FREE_TEXT_KEY];
    size_t len = strlen(words), padded_len = 0;
    must(len <= FREE_TEXT_WORDS_MAX);
    memcpy(bytes, token, FREE_TEXT_TOKEN);
    memcpy(bytes + FREE_TEXT_TOKEN, id, FREE_TEXT_ID);
    memcpy(padded, words, len);
    must(sodium_pad(&padded_len, padded, len, STEP, sizeof padded) == 0);
    fill_nonce(key, bytes, padded, padded_len, bytes + HEAD);
    part_of(key, FOR_SEALING, part);
    must(crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + BODY_AT, NULL, padded, padded_len,
                                                    bytes, HEAD, NULL, bytes + HEAD, part) == 0);
    ret_text[0] = FREE_TEXT_MARK;
    (void)sodium_bin2base64(ret_text + 1, FREE_TEXT_ROOM - 1, bytes, BODY_AT + padded_len + TAG,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(part, sizeof part);
    sodium_memzero(padded, sizeof padded);
}

bool free_text_is_sealed(const char *text)
{
    return text[0] == FREE_TEXT_MARK;
}

/* Returns the number of bytes; 0: it is no sealed text. */
static size_t read_bytes(const char *text, uint8_t ret_bytes[BYTES_MAX])
{
    size_t len = 0;
    must(sodium_init() >= 0);
    if (!free_text_is_sealed(text) ||
        sodium_base642bin(ret_bytes, BYTES_MAX, text + 1, strlen(text + 1), NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
        return 0;
    }
    return len >= BODY_AT + STEP + TAG && (len - BODY_AT - TAG) % STEP == 0 ? len : 0;
}

int free_text_about(const char *text, uint8_t ret_token[FREE_TEXT_TOKEN],
                    uint8_t ret_id[FREE_TEXT_ID])
{
    uint8_t bytes[BYTES_MAX];
    if (read_bytes(text, bytes) == 0) {
        return ERR_FIELD;
    }
    memcpy(ret_token, bytes, FREE_TEXT_TOKEN);
    memcpy(ret_id, bytes + FREE_TEXT_TOKEN, FREE_TEXT_ID);
    return 0;
}

int free_text_open(const uint8_t key[FREE_TEXT_KEY], const char *text,
                   char ret_words[FREE_TEXT_WORDS_MAX + 1])
{
    uint8_t bytes[BYTES_MAX], padded[PADDED_MAX], part[FREE_TEXT_KEY];
    size_t len = read_bytes(text, bytes), padded_len = len - BODY_AT - TAG, words_len = 0;
    ret_words[0] = '\0';
    if (len == 0) {
        return ERR_FIELD;
    }
    part_of(key, FOR_SEALING, part);
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(
        padded, NULL, NULL, bytes + BODY_AT, len - BODY_AT, bytes, HEAD, bytes + HEAD, part);
    rc = rc == 0 ? sodium_unpad(&words_len, padded, padded_len, STEP) : rc;
    rc = rc == 0 && memchr(padded, '\0', words_len) == NULL ? 0 : ERR_FIELD;
    if (rc == 0) {
        memcpy(ret_words, padded, words_len);
        ret_words[words_len] = '\0';
    }
    sodium_memzero(part, sizeof part);
    sodium_memzero(padded, sizeof padded);
    return rc;
}
