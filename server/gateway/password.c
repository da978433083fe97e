/* Happy path: libsodium does it all. Failure: no memory; then nobody logs on, and the caller says
 * that the server is busy. */
#include "server/gateway/password.h"

#include <string.h>

#include <sodium.h>

#include "proto/wire/must.h"

_Static_assert(PASSWORD_HASH >= crypto_pwhash_STRBYTES, "the hash as text fits");

/* Of a password that nobody knows, made with the same cost: what a name without an account is
 * compared with. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

void password_init(void)
{
    must(sodium_init() >= 0);
}

bool password_make(const char *password, char ret_hash[PASSWORD_HASH])
{
    memset(ret_hash, 0, PASSWORD_HASH);
    return crypto_pwhash_str_alg(ret_hash, password, strlen(password), PASSWORD_PASSES,
                                 PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool password_is(const char *hash, const char *password)
{
    bool is_somebody = hash[0] != '\0';
    int rc = crypto_pwhash_str_verify(is_somebody ? hash : nobody, password, strlen(password));
    return rc == 0 && is_somebody;
}

void password_one_time(char ret_password[PASSWORD_ONE_TIME + 1])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32: five bits each. */
    _Static_assert(sizeof letters == 33, "five bits a letter");
    for (size_t i = 0; i < PASSWORD_ONE_TIME; i++) {
        ret_password[i] = i % 5 == 4 ? '-' : letters[randombytes_uniform(32)];
    }
    ret_password[PASSWORD_ONE_TIME] = '\0';
}

void password_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}
