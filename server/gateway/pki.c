/* Happy path: a key, a certificate with the extensions that both ends check, two files.
 * Failure: every step is checked; the first that fails is named and nothing half-written is left.
 */
#include "server/gateway/pki.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { PATH_SIZE = 4096, AUTHORITY_DAYS = 3650, LEAF_DAYS = 90, BACKDATE_S = 300 };

/* A key and its certificate; either may be NULL. */
struct pair {
    EVP_PKEY *key;
    X509 *certificate;
};

static void pair_fini(struct pair *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->certificate);
    *p = (struct pair){0};
}

static int complain(int rc, const char *path, const char *what)
{
    fprintf(stderr, "attune-server pki: %s: %s\n", path, what);
    return rc;
}

static int path_in(char path[PATH_SIZE], const char *dir, const char *name)
{
    int n = snprintf(path, PATH_SIZE, "%s/%s", dir, name);
    return n > 0 && n < PATH_SIZE ? 0 : complain(ERR_CONFIG, dir, "the path is too long");
}

/* ---- files ----------------------------------------------------------------------------------- */

static int write_pem(const char *dir, const char *name, const struct pair *p, bool key)
{
    char path[PATH_SIZE];
    int rc = path_in(path, dir, name);
    if (rc != 0) {
        return rc;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, key ? 0600 : 0644);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file == NULL) {
        return complain(errno == EEXIST ? ERR_CONFIG : ERR_DISK, path, strerror(errno));
    }
    bool good = key ? PEM_write_PKCS8PrivateKey(file, p->key, NULL, NULL, 0, NULL, NULL) == 1
                    : PEM_write_X509(file, p->certificate) == 1;
    good = fflush(file) == 0 && fsync(fd) == 0 && good;
    good = fclose(file) == 0 && good;
    if (!good) {
        (void)unlink(path); /* Half a file helps nobody. */
        return complain(ERR_DISK, path, "could not be written");
    }
    return 0;
}

static int make_dir(const char *dir)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return complain(ERR_DISK, dir, strerror(errno));
    }
    return 0;
}

static X509 *read_certificate(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
    if (file != NULL) {
        (void)fclose(file); /* It was only read. */
    }
    return certificate;
}

static int read_authority(const char *dir, struct pair *ret_pair)
{
    char path[PATH_SIZE];
    int rc = path_in(path, dir, "ca.crt");
    ret_pair->certificate = rc == 0 ? read_certificate(path) : NULL;
    if (rc == 0 && ret_pair->certificate == NULL) {
        return complain(ERR_CONFIG, path,
                        "no certificate here: run `attune-server pki init` first");
    }
    rc = rc != 0 ? rc : path_in(path, dir, "ca.key");
    FILE *file = rc == 0 ? fopen(path, "re") : NULL;
    ret_pair->key = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);
    if (file != NULL) {
        (void)fclose(file); /* It was only read. */
    }
    return ret_pair->key != NULL ? 0 : complain(ERR_CONFIG, path, "no private key here");
}

/* ---- certificates ---------------------------------------------------------------------------- */

static bool add_name(X509_NAME *name, const char *field, const char *value)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1,
                                      -1, 0) == 1;
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool good = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return false;
    }
    bytes[0] &= 0x7f; /* Positive: RFC 5280, 4.1.2.2. */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool good =
        number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return good;
}

/* A key and an unsigned certificate that is valid from a little ago, for clocks that lag. */
static bool begin(struct pair *p, int days)
{
    p->key = EVP_EC_gen("P-256");
    p->certificate = X509_new();
    return p->key != NULL && p->certificate != NULL &&
           X509_set_version(p->certificate, X509_VERSION_3) == 1 && set_serial(p->certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(p->certificate), -BACKDATE_S) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(p->certificate), days, 0, NULL) != NULL &&
           X509_set_pubkey(p->certificate, p->key) == 1;
}

static bool sign(struct pair *p, const struct pair *issuer)
{
    X509 *by = issuer->certificate;
    return X509_set_issuer_name(p->certificate, X509_get_subject_name(by)) == 1 &&
           add_extension(p->certificate, by, NID_subject_key_identifier, "hash") &&
           add_extension(p->certificate, by, NID_authority_key_identifier, "keyid") &&
           X509_sign(p->certificate, issuer->key, EVP_sha256()) > 0;
}

static bool make_leaf(struct pair *p, const struct pair *issuer, const char *usage)
{
    X509 *by = issuer->certificate;
    return add_extension(p->certificate, by, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(p->certificate, by, NID_key_usage, "critical,digitalSignature") &&
           add_extension(p->certificate, by, NID_ext_key_usage, usage) && sign(p, issuer);
}

static int failed(const char *what)
{
    fprintf(stderr, "attune-server pki: %s: %s\n", what, ERR_reason_error_string(ERR_get_error()));
    return ERR_INTERNAL;
}

int pki_init(const char *dir)
{
    struct pair p = {0};
    bool good = begin(&p, AUTHORITY_DAYS);
    X509_NAME *name = good ? X509_get_subject_name(p.certificate) : NULL;
    good = good && add_name(name, "CN", "Attune authority") &&
           add_extension(p.certificate, p.certificate, NID_basic_constraints,
                         "critical,CA:TRUE,pathlen:0") &&
           add_extension(p.certificate, p.certificate, NID_key_usage,
                         "critical,keyCertSign,cRLSign") &&
           sign(&p, &p);
    int rc = good ? make_dir(dir) : failed("the authority's certificate");
    rc = rc != 0 ? rc : write_pem(dir, "ca.key", &p, true);
    rc = rc != 0 ? rc : write_pem(dir, "ca.crt", &p, false);
    pair_fini(&p);
    return rc;
}

static bool is_address(const char *name)
{
    uint8_t room[16];
    return inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

/* Only what a name or an address is made of: the rest has a meaning in OpenSSL's extension syntax.
 */
static bool name_is_plain(const char *name)
{
    return name[0] != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789.-:*") == strlen(name);
}

static int alternative_names(char *room, size_t room_size, const char *const *names, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (!name_is_plain(names[i])) {
            return complain(ERR_CONFIG, names[i], "is not a host name or an address");
        }
        int n = snprintf(room + len, room_size - len, "%s%s:%s", i > 0 ? "," : "",
                         is_address(names[i]) ? "IP" : "DNS", names[i]);
        if (n < 0 || (size_t)n >= room_size - len) {
            return complain(ERR_CONFIG, names[i], "too many names");
        }
        len += (size_t)n;
    }
    return count > 0 ? 0 : complain(ERR_CONFIG, "--name", "at least one is needed");
}

int pki_server(const char *dir, const char *const *names, size_t count)
{
    struct pair authority = {0}, p = {0};
    char alternatives[2048];
    int rc = alternative_names(alternatives, sizeof alternatives, names, count);
    rc = rc != 0 ? rc : read_authority(dir, &authority);
    if (rc == 0) {
        bool good = begin(&p, LEAF_DAYS) &&
                    add_name(X509_get_subject_name(p.certificate), "CN", "attune-server") &&
                    add_extension(p.certificate, authority.certificate, NID_subject_alt_name,
                                  alternatives) &&
                    make_leaf(&p, &authority, "serverAuth");
        rc = good ? 0 : failed("the server's certificate");
    }
    rc = rc != 0 ? rc : write_pem(dir, "server.key", &p, true);
    rc = rc != 0 ? rc : write_pem(dir, "server.crt", &p, false);
    pair_fini(&p);
    pair_fini(&authority);
    return rc;
}

static bool fingerprint_of(X509 *certificate, uint8_t ret_fingerprint[32])
{
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    bool good =
        len > 0 && EVP_Digest(der, (size_t)len, ret_fingerprint, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return good;
}

static int write_identity(const char *out, const struct pair *p, struct pair *authority)
{
    int rc = make_dir(out);
    rc = rc != 0 ? rc : write_pem(out, "device.key", p, true);
    rc = rc != 0 ? rc : write_pem(out, "device.crt", p, false);
    rc = rc != 0 ? rc : write_pem(out, "ca.crt", authority, false);
    uint8_t fingerprint[32];
    if (rc == 0 && !fingerprint_of(p->certificate, fingerprint)) {
        rc = failed("the fingerprint");
    }
    for (size_t i = 0; rc == 0 && i < sizeof fingerprint; i++) {
        printf("%02x%s", fingerprint[i], i + 1 < sizeof fingerprint ? "" : "\n");
    }
    return rc;
}

int pki_device(const char *dir, int64_t practice_id, const char *label, const char *out)
{
    struct pair authority = {0}, p = {0};
    char practice[24];
    (void)snprintf(practice, sizeof practice, "%" PRId64, practice_id);
    int rc = read_authority(dir, &authority);
    if (rc == 0) {
        bool good = begin(&p, LEAF_DAYS) &&
                    add_name(X509_get_subject_name(p.certificate), "O", practice) &&
                    add_name(X509_get_subject_name(p.certificate), "CN", label) &&
                    make_leaf(&p, &authority, "clientAuth");
        rc = good ? 0 : failed("the device's certificate");
    }
    rc = rc != 0 ? rc : write_identity(out, &p, &authority);
    pair_fini(&p);
    pair_fini(&authority);
    return rc;
}

int pki_fingerprint(const char *path, uint8_t ret_fingerprint[32])
{
    X509 *certificate = read_certificate(path);
    if (certificate == NULL) {
        return complain(ERR_CONFIG, path, "no certificate (PEM) can be read here");
    }
    bool good = fingerprint_of(certificate, ret_fingerprint);
    X509_free(certificate);
    return good ? 0 : failed("the fingerprint");
}
