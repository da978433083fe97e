/* attune-bulk-pki: keys and certificates for thousands of devices in a second or two.
 *
 * Happy path: for each device a P-256 key and a certificate signed by the authority, appended to
 * fleet.pem, and its row of the table `device` appended to devices.copy; the first device also as
 * an identity folder. Failure: said in one line, exit 1. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "proto/wire/must.h"
#include "tests/support/load/field.h"

enum { PATH_SIZE = 4096, DAYS = 30, BACKDATE_S = 300, FINGERPRINT = 32 };

struct bulk {
    const char *authority, *out, *practice;
    unsigned kiosks, therapists;
    EVP_PKEY *key;
    X509 *certificate;
    FILE *fleet, *rows;
};

static _Noreturn void fail(const char *path, const char *what)
{
    fprintf(stderr, "attune-bulk-pki: %s: %s\n", path, what);
    exit(1);
}

static FILE *open_in(const char *folder, const char *name, const char *how)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, how);
    if (file == NULL) {
        fail(path, "cannot be opened");
    }
    return file;
}

static void close_written(FILE *file, const char *name)
{
    bool good = ferror(file) == 0;
    if (fclose(file) != 0 || !good) {
        fail(name, "cannot be written");
    }
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void name_field(X509 *certificate, const char *field, const char *value)
{
    int rc = X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), field, MBSTRING_UTF8,
                                        (const unsigned char *)value, -1, -1, 0);
    must(rc == 1);
}

static X509 *make_certificate(const struct bulk *b, EVP_PKEY *key, const char *label, unsigned nth)
{
    X509 *c = X509_new();
    must(c != NULL && X509_set_version(c, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(c), FIELD_PLACES + nth) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(c), -BACKDATE_S) != NULL &&
         X509_time_adj_ex(X509_getm_notAfter(c), DAYS, 0, NULL) != NULL &&
         X509_set_pubkey(c, key) == 1 &&
         X509_set_issuer_name(c, X509_get_subject_name(b->certificate)) == 1);
    name_field(c, "O", b->practice);
    name_field(c, "CN", label);
    extend(c, b->certificate, NID_basic_constraints, "critical,CA:FALSE");
    extend(c, b->certificate, NID_key_usage, "critical,digitalSignature");
    extend(c, b->certificate, NID_ext_key_usage, "clientAuth");
    int size = X509_sign(c, b->key, EVP_sha256());
    must(size > 0);
    return c;
}

/* practice_id, fingerprint, role, label, room_id, therapist_id: the columns that fleet.sql copies.
 */
static void write_row(const struct bulk *b, X509 *c, const char *label, bool kiosk, unsigned place)
{
    unsigned char *der = NULL;
    uint8_t fingerprint[FINGERPRINT];
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c), &der);
    must(len > 0 && EVP_Digest(der, (size_t)len, fingerprint, NULL, EVP_sha256(), NULL) == 1);
    OPENSSL_free(der);
    (void)fprintf(b->rows, "%s\t\\\\x", b->practice); /* close_written looks at ferror. */
    for (unsigned i = 0; i < FINGERPRINT; i++) {
        (void)fprintf(b->rows, "%02x", fingerprint[i]);
    }
    (void)fprintf(b->rows, kiosk ? "\tkiosk\t%s\t%u\t\\N\n" : "\ttherapist\t%s\t\\N\t%u\n", label,
                  FIELD_PLACES + place);
}

static void write_identity(const struct bulk *b, X509 *c, EVP_PKEY *key)
{
    FILE *crt = open_in(b->out, "device.crt", "we");
    FILE *pem = open_in(b->out, "device.key", "we");
    FILE *ca = open_in(b->out, "ca.crt", "we");
    bool good = PEM_write_X509(crt, c) == 1 && PEM_write_X509(ca, b->certificate) == 1 &&
                PEM_write_PKCS8PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) == 1;
    must(good);
    close_written(crt, "device.crt");
    close_written(pem, "device.key");
    close_written(ca, "ca.crt");
}

static void make_device(const struct bulk *b, unsigned nth)
{
    bool kiosk = nth < b->kiosks;
    unsigned place = kiosk ? nth : nth - b->kiosks;
    char label[32];
    (void)snprintf(label, sizeof label, "%s-%u", kiosk ? "load-kiosk" : "load-therapist", place);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(key != NULL);
    X509 *c = make_certificate(b, key, label, nth);
    int good = PEM_write_X509(b->fleet, c) == 1 &&
               PEM_write_PKCS8PrivateKey(b->fleet, key, NULL, NULL, 0, NULL, NULL) == 1;
    must(good);
    write_row(b, c, label, kiosk, place);
    if (nth == 0) {
        write_identity(b, c, key);
    }
    X509_free(c);
    EVP_PKEY_free(key);
}

static void read_authority(struct bulk *b)
{
    FILE *file = open_in(b->authority, "ca.crt", "re");
    b->certificate = PEM_read_X509(file, NULL, NULL, NULL);
    (void)fclose(file); /* It was only read. */
    file = open_in(b->authority, "ca.key", "re");
    b->key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    (void)fclose(file); /* It was only read. */
    if (b->certificate == NULL || b->key == NULL) {
        fail(b->authority, "no authority here: `attune-server pki init` makes one");
    }
}

static void parse(struct bulk *b, int argc, char **argv)
{
    static const struct option options[] = {
        {"authority", required_argument, NULL, 'a'}, {"practice", required_argument, NULL, 'p'},
        {"kiosks", required_argument, NULL, 'k'},    {"therapists", required_argument, NULL, 't'},
        {"out", required_argument, NULL, 'o'},       {0},
    };
    int code;
    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1) {
        b->authority = code == 'a' ? optarg : b->authority;
        b->practice = code == 'p' ? optarg : b->practice;
        b->out = code == 'o' ? optarg : b->out;
        b->kiosks = code == 'k' ? (unsigned)strtoul(optarg, NULL, 10) : b->kiosks;
        b->therapists = code == 't' ? (unsigned)strtoul(optarg, NULL, 10) : b->therapists;
    }
    if (b->authority == NULL || b->practice == NULL || b->out == NULL || b->kiosks == 0) {
        fputs(
            "attune-bulk-pki --authority DIR --practice N --kiosks K [--therapists T] --out DIR\n",
            stderr);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    struct bulk b = {0};
    parse(&b, argc, argv);
    read_authority(&b);
    b.fleet = open_in(b.out, "fleet.pem", "we");
    b.rows = open_in(b.out, "devices.copy", "we");
    for (unsigned i = 0; i < b.kiosks + b.therapists; i++) {
        make_device(&b, i);
    }
    close_written(b.fleet, "fleet.pem");
    close_written(b.rows, "devices.copy");
    EVP_PKEY_free(b.key);
    X509_free(b.certificate);
    return 0;
}
