/* totp.h - the second factor: RFC 6238 with SHA-1, 30 seconds, 6 digits, as every authenticator has
 * it.
 *
 * Pure but for OpenSSL's HMAC: secret, code and the time come in. One step either way is taken,
 * since clocks differ; a step that was taken once is not taken again, nor one before it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOTP_SECRET = 20, TOTP_DIGITS = 6, TOTP_STEP_S = 30, TOTP_URI = 512 };

/* The code of a step, six digits and NUL. A secret of any length, so that RFC 4226's vectors fit.
 */
void totp_code(const uint8_t *secret, size_t len, int64_t step, char ret_code[TOTP_DIGITS + 1]);

/* True, and the step it is of: later than `last_step`, and this one or one beside it. */
bool totp_check(const uint8_t secret[TOTP_SECRET], const char *code, int64_t now_ms,
                int64_t last_step, int64_t *ret_step);

/* "otpauth://totp/Attune:PRACTICE…?secret=…&issuer=Attune": what a QR code shows. Wipe it. */
void totp_uri(const uint8_t secret[TOTP_SECRET], const char *account, char ret_uri[TOTP_URI]);
