/* pki.h - keys and certificates, made on the server's machine: `attune-server pki …`.
 *
 * P-256 keys; the authority lasts ten years, a server's and a device's certificate 90 days. A
 * device's subject says O=practice number, CN=label; what it may do stands in the database. Keys
 * are written 0600, whole or not at all, and nothing that is there is ever written over but a
 * device's own folder with its own label. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PKI_NAMES_MAX = 16 };

/* DIR/ca.crt and DIR/ca.key. Returns 0, ERR_DISK or ERR_CONFIG (they are there already); the reason
 * is printed. */
int pki_init(const char *dir);

/* DIR/server.crt and DIR/server.key for the names (DNS names or numeric addresses). */
int pki_server(const char *dir, const char *const *names, size_t count);

/* OUT/{ca.crt,device.crt,device.key}, and prints the fingerprint. */
int pki_device(const char *dir, int64_t practice_id, const char *label, const char *out);

/* SHA-256 of the SubjectPublicKeyInfo of a certificate in a PEM file. Returns 0 or ERR_CONFIG,
 * printed. */
int pki_fingerprint(const char *path, uint8_t ret_fingerprint[32]);
