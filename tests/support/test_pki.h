/* test_pki.h - authorities and certificates for one test, in a folder of its own.
 *
 * Whatever goes wrong here ends the test: nothing returns an error. */
#pragma once

#include "proto/wire/tls_session.h"

enum { TEST_PKI_PATH = 256 };

enum test_pki_usage { TEST_PKI_SERVER, TEST_PKI_CLIENT, TEST_PKI_AUTHORITY };

struct test_pki {
    char dir[TEST_PKI_PATH / 2];
};

/* What to issue; all zero is a server's certificate without a name, signed by "ca", in date. */
struct test_pki_wish {
    enum test_pki_usage usage;
    const char *issuer;       /* NULL: "ca". */
    const char *organisation; /* O: a device's practice; NULL: none. */
    const char *name;         /* CN: a device's label; NULL: none. */
    const char *alternative;  /* "DNS:localhost,IP:127.0.0.1"; NULL: none. */
    long from_s, until_s;     /* Seconds from now; 0: an hour ago, an hour ahead. */
};

/* A folder with the two authorities "ca" and "other". */
void test_pki_init(struct test_pki *p);

/* Writes NAME.crt and NAME.key. */
void test_pki_issue(const struct test_pki *p, const char *name, const struct test_pki_wish *wish);

/* The usual ones: "server" for localhost and 127.0.0.1, "device" of practice 7, labelled room-1. */
void test_pki_issue_usual(const struct test_pki *p);

void test_pki_path(const struct test_pki *p, const char *name, const char *ending,
                   char ret_path[TEST_PKI_PATH]);

/* A context of `name`'s that trusts `authority`; free it with SSL_CTX_free. */
SSL_CTX *test_pki_context(const struct test_pki *p, enum tls_role role, const char *name,
                          const char *authority);

/* From now on `context` shows `name`'s certificate, however bad: what tls_context_new refuses to
 * load, but a stranger may well have. */
void test_pki_show(const struct test_pki *p, SSL_CTX *context, const char *name);

/* Removes the folder. */
void test_pki_fini(struct test_pki *p);
