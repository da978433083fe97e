/* attune device revoke | device revoke-certificate | practice revoke-therapist: who may no longer.
 *
 * Happy path: one request, answered Done; sent twice it changes nothing. What was connected is cut
 * by the servers within 5 s.
 * Failure: the server's sentence, and for the last administrator's device how to say that it is
 * meant. */
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "client/cli/command.h"
#include "client/cli/talk.h"
#include "proto/wire/err.h"

/* As talk_once, with one more sentence where --yes helps. */
static enum exits ask_to_revoke(const struct arguments *a, Attune__Request *request)
{
    int rc = 0;
    enum exits how = talk_once_rc(a, request, talk_tell_done, &rc);
    if (rc == ERR_LAST_ADMINISTRATOR) {
        fprintf(stderr, "attune: add another administrator's device first; or repeat with "
                        "--yes, and make a new one with attune-server setup on the server\n");
    }
    return how;
}

static enum exits run_device(const struct arguments *a)
{
    char *label = g_strdup(a->words[0]); /* Protobuf-c wants char *, and only reads it. */
    Attune__RevokeDevice body;
    Attune__Request request;
    attune__revoke_device__init(&body);
    body.label = label;
    body.meant = a->own[0] != NULL;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_REVOKE_DEVICE;
    request.revoke_device = &body;
    enum exits how = ask_to_revoke(a, &request);
    g_free(label);
    return how;
}

static enum exits run_therapist(const struct arguments *a)
{
    char *code = g_strdup(a->words[0]);
    Attune__RevokeTherapist body;
    Attune__Request request;
    attune__revoke_therapist__init(&body);
    body.code = code;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_REVOKE_THERAPIST;
    request.revoke_therapist = &body;
    enum exits how = ask_to_revoke(a, &request);
    g_free(code);
    return how;
}

/* --- certificate --- */

static BIGNUM *serial_in_file(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    BIGNUM *number =
        certificate != NULL ? ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL) : NULL;
    X509_free(certificate);
    if (file != NULL) {
        (void)fclose(file); /* Only read. */
    }
    return number;
}

/* "5A:0F:…" or "5A0F…", as `openssl x509 -serial` and others print it. */
static BIGNUM *serial_in_text(const char *text)
{
    char hex[2 * LIMIT_SERIAL_BYTES + 1];
    size_t len = 0;
    for (; *text != '\0'; text++) {
        if (*text == ':') {
            continue;
        }
        if (!g_ascii_isxdigit(*text) || len + 1 >= sizeof hex) {
            return NULL;
        }
        hex[len++] = *text;
    }
    hex[len] = '\0';
    BIGNUM *number = NULL;
    return len > 0 && BN_hex2bn(&number, hex) == (int)len ? number : NULL;
}

/* A file of that name comes first. 0 or ERR_FIELD. */
static int serial_of(const char *word, uint8_t ret_serial[LIMIT_SERIAL_BYTES], size_t *ret_len)
{
    ERR_clear_error();
    BIGNUM *number =
        g_file_test(word, G_FILE_TEST_EXISTS) ? serial_in_file(word) : serial_in_text(word);
    bool good = number != NULL && !BN_is_zero(number) && !BN_is_negative(number) &&
                BN_num_bytes(number) <= LIMIT_SERIAL_BYTES;
    if (good) {
        *ret_len = (size_t)BN_bn2bin(number, ret_serial);
    }
    BN_free(number);
    return good ? 0 : ERR_FIELD;
}

static enum exits run_certificate(const struct arguments *a)
{
    uint8_t serial[LIMIT_SERIAL_BYTES];
    size_t len = 0;
    Attune__RevokeCertificate body;
    Attune__Request request;
    if (serial_of(a->words[0], serial, &len) != 0) {
        return talk_fail(ERR_FIELD, "neither a certificate's file (PEM) nor its serial number in "
                                    "hexadecimal digits");
    }
    attune__revoke_certificate__init(&body);
    body.serial = (ProtobufCBinaryData){len, serial};
    body.meant = a->own[0] != NULL;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_REVOKE_CERTIFICATE;
    request.revoke_certificate = &body;
    return ask_to_revoke(a, &request);
}

/* --- the tables --- */

static const struct arguments_option yes_option[] = {
    {"yes", NULL, "also when nobody could administer the practice after that"},
    {NULL, NULL, NULL},
};

const struct command command_device_revoke = {
    .name = "device revoke",
    .words = "LABEL",
    .summary = "A device may no longer: lost, stolen, thrown away.",
    .table = {yes_option, 1, 1},
    .notes =
        "It is refused from now on, and cut within 5 s where it is connected. What a kiosk holds "
        "stays sealed.\nTo have it back: practice add-device (or device add) again.",
    .run = run_device,
};
const struct command command_device_revoke_certificate = {
    .name = "device revoke-certificate",
    .words = "SERIAL|FILE",
    .summary = "One certificate may no longer; later ones of its key may.",
    .table = {yes_option, 1, 1},
    .notes = "For ever: a new certificate is made instead. If the key is lost, revoke the device.",
    .run = run_certificate,
};
const struct command command_practice_revoke_therapist = {
    .name = "practice revoke-therapist",
    .words = "CODE",
    .summary = "A person may no longer, on any device.",
    .table = {NULL, 1, 1},
    .notes = "What they did stays. To have them back: practice add-therapist again, then each of "
             "their devices.",
    .run = run_therapist,
};
