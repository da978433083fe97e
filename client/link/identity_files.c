/* Happy path: new/ is filled and synced, becomes ready/ by one rename, is emptied into the folder.
 * Failure: before that rename nothing has changed; after it whoever comes next goes on with it. */
#include "client/link/identity_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

static const char NEW_KEY[] = "device.key.new";

static int refuse(char why[IDENTITY_FILES_WHY], const char *path)
{
    g_snprintf(why, IDENTITY_FILES_WHY, "%.400s: %s", path, g_strerror(errno));
    return ERR_DISK;
}

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd); /* Only read. */
    }
    return good;
}

/* Keys are for nobody else; certificates are no secret, but nobody else's business. */
static bool write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool good = write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    if (!good) {
        (void)unlink(path); /* Half a file helps nobody. */
    }
    return good;
}

/* Empties a folder of files and takes it away. */
static void clear_folder(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        char *file = g_build_filename(path, name, NULL);
        (void)unlink(file); /* What stays is seen by rmdir. */
        g_free(file);
    }
    if (dir != NULL) {
        g_dir_close(dir);
    }
    (void)rmdir(path); /* As above: mkdir says so. */
}

void identity_files_settle(const char *folder)
{
    char *ready = g_build_filename(folder, "ready", NULL);
    GDir *dir = g_dir_open(ready, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        char *from = g_build_filename(ready, name, NULL),
             *to = g_build_filename(folder, name, NULL);
        (void)rename(from, to); /* What stays is moved at the next start. */
        g_free(from);
        g_free(to);
    }
    if (dir != NULL) {
        g_dir_close(dir);
        (void)sync_folder(folder);
        (void)rmdir(ready);
    }
    g_free(ready);
}

static int fill(const char *fresh, const struct identity_file *files, size_t count, char *why)
{
    int rc = mkdir(fresh, 0700) == 0 ? 0 : refuse(why, fresh);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        char *path = g_build_filename(fresh, files[i].name, NULL);
        rc = write_file(path, files[i].bytes, files[i].len) ? 0 : refuse(why, path);
        g_free(path);
    }
    return rc == 0 && !sync_folder(fresh) ? refuse(why, fresh) : rc;
}

bool identity_files_missing(const char *folder)
{
    char *certificate = g_build_filename(folder, "device.crt", NULL);
    char *ready = g_build_filename(folder, "ready", NULL);
    bool missing = access(certificate, F_OK) != 0 && access(ready, F_OK) != 0;
    g_free(certificate);
    g_free(ready);
    return missing;
}

int identity_files_put(const char *folder, const struct identity_file *files, size_t count,
                       char why[IDENTITY_FILES_WHY])
{
    char *fresh = g_build_filename(folder, "new", NULL);
    char *ready = g_build_filename(folder, "ready", NULL);
    int rc = g_mkdir_with_parents(folder, 0700) == 0 ? 0 : refuse(why, folder);
    if (rc == 0) {
        identity_files_settle(folder);
        clear_folder(fresh);
        rc = fill(fresh, files, count, why);
    }
    if (rc == 0 && (rename(fresh, ready) != 0 || !sync_folder(folder))) {
        rc = refuse(why, ready);
    }
    if (rc == 0) {
        identity_files_settle(folder);
    } else {
        clear_folder(fresh);
    }
    g_free(fresh);
    g_free(ready);
    return rc;
}

/* ---- keys, requests, PEM --------------------------------------------------------------------- */

EVP_PKEY *identity_read_key(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);
    if (file != NULL) {
        (void)fclose(file); /* Only read. */
    }
    ERR_clear_error();
    return key;
}

X509 *identity_read_certificate(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
    if (file != NULL) {
        (void)fclose(file); /* Only read. */
    }
    ERR_clear_error();
    return certificate;
}

int identity_files_new_key(const char *folder, EVP_PKEY **ret_key, char why[IDENTITY_FILES_WHY])
{
    int rc = g_mkdir_with_parents(folder, 0700) == 0 ? 0 : refuse(why, folder);
    if (rc != 0) {
        return rc;
    }
    char *path = g_build_filename(folder, NEW_KEY, NULL);
    EVP_PKEY *key = identity_read_key(path);
    if (key == NULL) {
        (void)unlink(path); /* Half of one, of before. */
        key = EVP_EC_gen("P-256");
        must(key != NULL);
        char *pem = identity_key_pem(key);
        rc = write_file(path, pem, strlen(pem)) && sync_folder(folder) ? 0 : refuse(why, path);
        OPENSSL_cleanse(pem, strlen(pem));
        g_free(pem);
    }
    g_free(path);
    if (rc != 0) {
        EVP_PKEY_free(key);
        return rc;
    }
    *ret_key = key;
    return 0;
}

void identity_files_drop_new_key(const char *folder)
{
    char *path = g_build_filename(folder, NEW_KEY, NULL);
    (void)unlink(path); /* If it stays, the next enrolment uses a key that is refused: made anew. */
    g_free(path);
}

uint8_t *identity_request(EVP_PKEY *key, size_t *ret_len)
{
    X509_REQ *r = X509_REQ_new();
    unsigned char *der = NULL;
    must(r != NULL && X509_REQ_set_pubkey(r, key) == 1 &&
         X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(r), "CN", MBSTRING_ASC,
                                    (const unsigned char *)"attune", -1, -1, 0) == 1 &&
         X509_REQ_sign(r, key, EVP_sha256()) > 0);
    int len = i2d_X509_REQ(r, &der);
    must(len > 0);
    uint8_t *copy = g_memdup2(der, (gsize)len);
    OPENSSL_free(der);
    X509_REQ_free(r);
    *ret_len = (size_t)len;
    return copy;
}

static char *text_of(BIO *bio)
{
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);
    char *text = g_strndup(at, (gsize)len);
    BIO_free(bio);
    return text;
}

char *identity_pem(const uint8_t *certificate, size_t len)
{
    const unsigned char *at = certificate;
    X509 *c = d2i_X509(NULL, &at, (long)len);
    if (c == NULL) {
        ERR_clear_error();
        return NULL;
    }
    BIO *bio = BIO_new(BIO_s_mem());
    must(bio != NULL && PEM_write_bio_X509(bio, c) == 1);
    X509_free(c);
    return text_of(bio);
}

char *identity_key_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    must(bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
    return text_of(bio);
}
