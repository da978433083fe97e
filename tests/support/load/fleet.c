/* Happy path: fleet.pem is certificate, key, certificate, key, … Failure: said with the file. */
#include "tests/support/load/fleet.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { PATH_SIZE = 4096 };

static int load_context(struct fleet *f, const char *folder)
{
    char authority[PATH_SIZE], certificate[PATH_SIZE], key[PATH_SIZE], why[256];
    (void)snprintf(authority, sizeof authority, "%s/ca.crt", folder);
    (void)snprintf(certificate, sizeof certificate, "%s/device.crt", folder);
    (void)snprintf(key, sizeof key, "%s/device.key", folder);
    struct tls_files files = {authority, certificate, key};
    int rc = tls_context_new(TLS_CLIENT, &files, &f->context, why, sizeof why);
    if (rc != 0) {
        fprintf(stderr, "attune-load: %s\n", why);
    }
    return rc;
}

static int load_devices(struct fleet *f, FILE *file)
{
    uint32_t room = 0;
    X509 *certificate;
    while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
        if (f->count == room) {
            room = room > 0 ? 2 * room : 64;
            f->devices = realloc(f->devices, room * sizeof *f->devices);
            must(f->devices != NULL);
        }
        EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        f->devices[f->count++] = (struct line_identity){certificate, key};
        if (key == NULL) {
            return ERR_CERTIFICATE;
        }
    }
    ERR_clear_error(); /* The end of the file is one. */
    return f->count > 0 ? 0 : ERR_CERTIFICATE;
}

int fleet_load(struct fleet *f, const char *folder)
{
    char path[PATH_SIZE];
    *f = (struct fleet){0};
    (void)snprintf(path, sizeof path, "%s/fleet.pem", folder);
    int rc = load_context(f, folder);
    if (rc != 0) {
        return rc;
    }
    FILE *file = fopen(path, "re");
    rc = file == NULL ? ERR_DISK : load_devices(f, file);
    if (file != NULL) {
        (void)fclose(file); /* It was only read. */
    }
    if (rc != 0) {
        fprintf(stderr, "attune-load: %s: %s\n", path, err_text(rc));
    }
    return rc;
}

void fleet_fini(struct fleet *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        X509_free(f->devices[i].certificate);
        EVP_PKEY_free(f->devices[i].key);
    }
    free(f->devices);
    SSL_CTX_free(f->context);
    *f = (struct fleet){0};
}
