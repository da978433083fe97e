/* Happy path: a key, a certificate with the extensions of its usage, signed, two PEM files.
 * Failure: must() ends the test. */
#include "tests/support/test_pki.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "proto/wire/must.h"

enum { HOUR_S = 3600 };

void test_pki_path(const struct test_pki *p, const char *name, const char *ending,
                   char ret_path[TEST_PKI_PATH])
{
    int n = snprintf(ret_path, TEST_PKI_PATH, "%s/%s%s", p->dir, name, ending);
    must(n > 0 && n < TEST_PKI_PATH);
}

static FILE *open_file(const struct test_pki *p, const char *name, const char *ending,
                       const char *mode)
{
    char path[TEST_PKI_PATH];
    test_pki_path(p, name, ending, path);
    FILE *file = fopen(path, mode);
    must(file != NULL);
    return file;
}

static void write_pair(const struct test_pki *p, const char *name, X509 *certificate, EVP_PKEY *key)
{
    FILE *file = open_file(p, name, ".crt", "we");
    must(PEM_write_X509(file, certificate) == 1);
    must(fclose(file) == 0);
    file = open_file(p, name, ".key", "we");
    must(PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
    must(fclose(file) == 0);
}

static void add_name(X509 *certificate, const char *field, const char *value)
{
    if (value != NULL) {
        must(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), field, MBSTRING_UTF8,
                                        (const unsigned char *)value, -1, -1, 0) == 1);
    }
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *begin(const struct test_pki_wish *wish, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    long from_s = wish->from_s != 0 ? wish->from_s : -HOUR_S;
    long until_s = wish->until_s != 0 ? wish->until_s : HOUR_S;
    uint64_t serial = 0;
    must(certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1);
    must(RAND_bytes((unsigned char *)&serial, sizeof serial - 1) == 1);
    must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1);
    must(X509_gmtime_adj(X509_getm_notBefore(certificate), from_s) != NULL);
    must(X509_gmtime_adj(X509_getm_notAfter(certificate), until_s) != NULL);
    must(X509_set_pubkey(certificate, key) == 1);
    add_name(certificate, "O", wish->organisation);
    add_name(certificate, "CN", wish->name);
    return certificate;
}

static void add_usage(X509 *certificate, X509 *issuer, const struct test_pki_wish *wish)
{
    if (wish->usage == TEST_PKI_AUTHORITY) {
        add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    } else {
        add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
        add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
        add_extension(certificate, issuer, NID_ext_key_usage,
                      wish->usage == TEST_PKI_SERVER ? "serverAuth" : "clientAuth");
    }
    if (wish->alternative != NULL) {
        add_extension(certificate, issuer, NID_subject_alt_name, wish->alternative);
    }
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
}

/* `issuer_key` NULL: signed by itself. */
static void sign(X509 *certificate, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                 const struct test_pki_wish *wish)
{
    X509 *by = issuer_key != NULL ? issuer : certificate;
    must(X509_set_issuer_name(certificate, X509_get_subject_name(by)) == 1);
    add_usage(certificate, by, wish);
    must(X509_sign(certificate, issuer_key != NULL ? issuer_key : key, EVP_sha256()) > 0);
}

void test_pki_issue(const struct test_pki *p, const char *name, const struct test_pki_wish *wish)
{
    const char *by = wish->issuer != NULL ? wish->issuer : "ca";
    X509 *issuer = NULL;
    EVP_PKEY *issuer_key = NULL, *key = EVP_EC_gen("P-256");
    must(key != NULL);
    if (strcmp(by, name) != 0) {
        FILE *file = open_file(p, by, ".crt", "re");
        issuer = PEM_read_X509(file, NULL, NULL, NULL);
        must(fclose(file) == 0);
        file = open_file(p, by, ".key", "re");
        issuer_key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        must(fclose(file) == 0 && issuer != NULL && issuer_key != NULL);
    }
    X509 *certificate = begin(wish, key);
    sign(certificate, key, issuer, issuer_key, wish);
    write_pair(p, name, certificate, key);
    X509_free(certificate);
    X509_free(issuer);
    EVP_PKEY_free(issuer_key);
    EVP_PKEY_free(key);
}

void test_pki_issue_usual(const struct test_pki *p)
{
    test_pki_issue(
        p, "server",
        &(struct test_pki_wish){.name = "server", .alternative = "DNS:localhost,IP:127.0.0.1"});
    test_pki_issue(
        p, "device",
        &(struct test_pki_wish){.usage = TEST_PKI_CLIENT, .organisation = "7", .name = "room-1"});
}

void test_pki_init(struct test_pki *p)
{
    const char *temporary = getenv("TMPDIR");
    int n = snprintf(p->dir, sizeof p->dir, "%s/attune-pki-XXXXXX",
                     temporary != NULL ? temporary : "/tmp");
    must(n > 0 && (size_t)n < sizeof p->dir && mkdtemp(p->dir) != NULL);
    static const char *const names[] = {"ca", "other"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        test_pki_issue(p, names[i],
                       &(struct test_pki_wish){
                           .usage = TEST_PKI_AUTHORITY, .issuer = names[i], .name = names[i]});
    }
}

SSL_CTX *test_pki_context(const struct test_pki *p, enum tls_role role, const char *name,
                          const char *authority)
{
    char authority_path[TEST_PKI_PATH], certificate[TEST_PKI_PATH], key[TEST_PKI_PATH], why[256];
    SSL_CTX *context = NULL;
    test_pki_path(p, authority, ".crt", authority_path);
    test_pki_path(p, name, ".crt", certificate);
    test_pki_path(p, name, ".key", key);
    int rc = tls_context_new(
        role,
        &(struct tls_files){.authority = authority_path, .certificate = certificate, .key = key},
        &context, why, sizeof why);
    if (rc != 0) {
        fprintf(stderr, "%s\n", why);
    }
    must(rc == 0);
    return context;
}

void test_pki_show(const struct test_pki *p, SSL_CTX *context, const char *name)
{
    char certificate[TEST_PKI_PATH], key[TEST_PKI_PATH];
    test_pki_path(p, name, ".crt", certificate);
    test_pki_path(p, name, ".key", key);
    must(SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM) == 1);
    must(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1);
}

void test_pki_fini(struct test_pki *p)
{
    DIR *dir = opendir(p->dir);
    must(dir != NULL);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            char path[sizeof p->dir + sizeof entry->d_name + 1];
            (void)snprintf(path, sizeof path, "%s/%s", p->dir, entry->d_name);
            must(unlink(path) == 0);
        }
    }
    must(closedir(dir) == 0);
    must(rmdir(p->dir) == 0);
}
