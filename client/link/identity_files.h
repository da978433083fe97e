/* identity_files.h - the files of an identity, put there all at once or not at all.
 *
 * New files are written to DIR/new, synced, and count from the moment when that folder is renamed
 * to DIR/ready; then they are moved out of it one by one, by whoever comes next: here, or the next
 * start. So a plug pulled at any time leaves the old identity or the new one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

enum { IDENTITY_FILES_WHY = 512 };

struct identity_file {
    const char *name; /* "device.crt". */
    const void *bytes;
    size_t len;
};

/* Makes the folder if need be. Returns 0 or ERR_DISK with a sentence in `why`. */
int identity_files_put(const char *folder, const struct identity_file *files, size_t count,
                       char why[IDENTITY_FILES_WHY]);

/* There is no certificate in the folder, nor one on its way there. */
bool identity_files_missing(const char *folder);

/* Finish what a put before us has begun. Before the files are read. */
void identity_files_settle(const char *folder);

/* The key of a device that is not enrolled yet: DIR/device.key.new, made (P-256, 0600, synced)
 * unless it is there: an enrolment whose answer was lost goes on with the same key. Returns 0 and
 * *ret_key (EVP_PKEY_free), or ERR_DISK. */
int identity_files_new_key(const char *folder, EVP_PKEY **ret_key, char why[IDENTITY_FILES_WHY]);
/* It has become device.key. */
void identity_files_drop_new_key(const char *folder);

/* From a PEM file; NULL: there is none that can be read. */
EVP_PKEY *identity_read_key(const char *path);
X509 *identity_read_certificate(const char *path);

/* A request for a certificate (PKCS #10, DER) with this key; g_free. */
uint8_t *identity_request(EVP_PKEY *key, size_t *ret_len);

/* PEM of these; NUL-terminated, g_free. NULL: it is none. */
char *identity_pem(const uint8_t *certificate, size_t len);
char *identity_key_pem(EVP_PKEY *key);
