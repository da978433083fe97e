/* Happy path: a key, a certificate with the extensions that both ends check, two files.
 * Failure: every step is checked; the first that fails is named and nothing half-written is left.
 */
#include "server/gateway/pki.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "proto/wire/err.h"
#include "server/gateway/certify.h"

enum { PATH_SIZE = 4096 };

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

static int write_pem(const char *dir, const char *name, const struct certify_pair *p, bool key)
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

static int read_authority(const char *dir, struct certify_pair *ret_pair)
{
    char why[CERTIFY_WHY];
    int rc = certify_load(dir, ret_pair, why);
    if (rc != 0) {
        fprintf(stderr, "attune-server pki: %s\n", why);
    }
    return rc;
}

static int failed(const char *what)
{
    fprintf(stderr, "attune-server pki: %s: %s\n", what, ERR_reason_error_string(ERR_get_error()));
    return ERR_INTERNAL;
}

int pki_init(const char *dir)
{
    struct certify_pair p = {0};
    bool good = certify_make_authority(&p);
    int rc = good ? make_dir(dir) : failed("the authority's certificate");
    rc = rc != 0 ? rc : write_pem(dir, "ca.key", &p, true);
    rc = rc != 0 ? rc : write_pem(dir, "ca.crt", &p, false);
    certify_pair_fini(&p);
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
    struct certify_pair authority = {0}, p = {0};
    char alternatives[2048];
    int rc = alternative_names(alternatives, sizeof alternatives, names, count);
    rc = rc != 0 ? rc : read_authority(dir, &authority);
    if (rc == 0) {
        bool good = certify_make_server(&p, &authority, alternatives);
        rc = good ? 0 : failed("the server's certificate");
    }
    rc = rc != 0 ? rc : write_pem(dir, "server.key", &p, true);
    rc = rc != 0 ? rc : write_pem(dir, "server.crt", &p, false);
    certify_pair_fini(&p);
    certify_pair_fini(&authority);
    return rc;
}

static int write_identity(const char *out, const struct certify_pair *p,
                          struct certify_pair *authority)
{
    int rc = make_dir(out);
    rc = rc != 0 ? rc : write_pem(out, "device.key", p, true);
    rc = rc != 0 ? rc : write_pem(out, "device.crt", p, false);
    rc = rc != 0 ? rc : write_pem(out, "ca.crt", authority, false);
    uint8_t fingerprint[32];
    if (rc == 0 && !certify_fingerprint(p->certificate, fingerprint)) {
        rc = failed("the fingerprint");
    }
    for (size_t i = 0; rc == 0 && i < sizeof fingerprint; i++) {
        printf("%02x%s", fingerprint[i], i + 1 < sizeof fingerprint ? "" : "\n");
    }
    return rc;
}

int pki_device(const char *dir, int64_t practice_id, const char *label, const char *out)
{
    struct certify_pair authority = {0}, p = {0};
    int rc = read_authority(dir, &authority);
    if (rc == 0) {
        bool good = certify_make_device(&p, &authority, practice_id, label);
        rc = good ? 0 : failed("the device's certificate");
    }
    rc = rc != 0 ? rc : write_identity(out, &p, &authority);
    certify_pair_fini(&p);
    certify_pair_fini(&authority);
    return rc;
}

int pki_fingerprint(const char *path, uint8_t ret_fingerprint[32])
{
    X509 *certificate = read_certificate(path);
    if (certificate == NULL) {
        return complain(ERR_CONFIG, path, "no certificate (PEM) can be read here");
    }
    bool good = certify_fingerprint(certificate, ret_fingerprint);
    X509_free(certificate);
    return good ? 0 : failed("the fingerprint");
}
