/* Happy path: five bits of each byte choose a sign; the other three are not used. Failure: none. */
#include "client/therapist/copy/passphrase.h"

void passphrase_text(const uint8_t random[PASSPHRASE_SIGNS], char ret_text[PASSPHRASE_TEXT + 1])
{
    static const char signs[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford's 32. */
    char *at = ret_text;
    for (int i = 0; i < PASSPHRASE_SIGNS; i++) {
        if (i > 0 && i % PASSPHRASE_GROUP == 0) {
            *at++ = '-';
        }
        *at++ = signs[random[i] & 31];
    }
    *at = '\0';
}
