/* Happy path: HMAC of the step's number, four bytes of it, six digits of them (RFC 4226, 5.3).
 * Failure: a code that is none of the steps' around; all are compared, whichever fits. */
#include "server/gateway/totp.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "proto/wire/be.h"
#include "proto/wire/must.h"

void totp_code(const uint8_t *secret, size_t len, int64_t step, char ret_code[TOTP_DIGITS + 1])
{
    uint8_t counter[8], mac[20];
    unsigned size = sizeof mac;
    (void)put_be(counter, sizeof counter, (uint64_t)step);
    must(HMAC(EVP_sha1(), secret, (int)len, counter, sizeof counter, mac, &size) != NULL &&
         size == sizeof mac);
    uint64_t number = get_be(mac + (mac[sizeof mac - 1] & 15), 4) & INT32_MAX;
    (void)snprintf(ret_code, TOTP_DIGITS + 1, "%06u", (unsigned)(number % 1000000)); /* It fits. */
    OPENSSL_cleanse(mac, sizeof mac);
}

bool totp_check(const uint8_t secret[TOTP_SECRET], const char *code, int64_t now_ms,
                int64_t last_step, int64_t *ret_step)
{
    int64_t now = now_ms / 1000 / TOTP_STEP_S, found = 0;
    char right[TOTP_DIGITS + 1];
    bool fits = false;
    if (strlen(code) != TOTP_DIGITS) {
        return false;
    }
    for (int64_t step = now - 1; step <= now + 1; step++) {
        totp_code(secret, TOTP_SECRET, step, right);
        bool same = CRYPTO_memcmp(right, code, TOTP_DIGITS) == 0;
        if (same && step > last_step && !fits) {
            fits = true;
            found = step;
        }
    }
    OPENSSL_cleanse(right, sizeof right);
    if (fits) {
        *ret_step = found;
    }
    return fits;
}

/* RFC 4648: five bytes are eight letters, and twenty bytes need no padding. */
static void put_base32(const uint8_t secret[TOTP_SECRET], char text[TOTP_SECRET * 8 / 5 + 1])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    size_t at = 0;
    for (size_t i = 0; i < TOTP_SECRET; i += 5) {
        uint64_t bits = get_be(secret + i, 5);
        for (int shift = 35; shift >= 0; shift -= 5) {
            text[at++] = letters[bits >> shift & 31];
        }
    }
    text[at] = '\0';
}

void totp_uri(const uint8_t secret[TOTP_SECRET], const char *account, char ret_uri[TOTP_URI])
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    char text[TOTP_SECRET * 8 / 5 + 1];
    int len = snprintf(ret_uri, TOTP_URI, "otpauth://totp/Attune:");
    for (const char *c = account; *c != '\0' && len < TOTP_URI - 128; c++) {
        len += snprintf(ret_uri + len, (size_t)(TOTP_URI - len),
                        strchr(plain, *c) != NULL ? "%c" : "%%%02X", (unsigned char)*c);
    }
    put_base32(secret, text);
    len += snprintf(ret_uri + len, (size_t)(TOTP_URI - len),
                    "?secret=%s&issuer=Attune&algorithm=SHA1&digits=6&period=30", text);
    must(len < TOTP_URI);
    OPENSSL_cleanse(text, sizeof text);
}
