/* Happy path: at Welcome the moment is worked out from the certificate's own dates by the server's
 * clock; when it has come, a request with the same key is sent, the answer is put on disk and
 * loaded anew. Failure: an hour later again; whatever is wrong with an answer leaves everything as
 * it was. */
#include "client/link/link_renewal.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "client/link/enrol.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/tls_session_enrol.h"

enum { AGAIN_MS = 3600 * 1000, ROOM_MS = 60 * 1000, DAY_S = 24 * 3600 };

int64_t renewal_due_s(int64_t begins_s, int64_t ends_s, uint16_t share)
{
    int64_t life = ends_s - begins_s;
    return begins_s + life * 2 / 3 + life / 9 * share / 65536;
}

static int64_t unix_s(const ASN1_TIME *time)
{
    struct tm when;
    return ASN1_TIME_to_tm(time, &when) == 1 ? (int64_t)timegm(&when) : 0;
}

/* Its own for each certificate, and the same after each start. */
static uint16_t share_of(X509 *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    int good = X509_digest(certificate, EVP_sha256(), digest, &len);
    return (uint16_t)(good == 1 ? digest[0] << 8 | digest[1] : 0);
}

static void plan(struct link *l)
{
    X509 *own = SSL_CTX_get0_certificate(l->options.identity->context);
    int64_t now_s = (g_get_real_time() / 1000 - l->clock_ahead_ms) / 1000;
    int64_t due_s = renewal_due_s(unix_s(X509_get0_notBefore(own)), unix_s(X509_get0_notAfter(own)),
                                  share_of(own));
    int64_t wait_s = CLAMP(due_s - now_s, 0, 365 * DAY_S);
    l->renew_due_ms = link_now_ms() + wait_s * 1000;
}

/* What is on disk now is used from the next connection on. */
static int take_files(struct link *l)
{
    char why[IDENTITY_WHY];
    int rc = identity_reload(l->options.identity, why, sizeof why);
    if (rc != 0) {
        g_printerr("attune: the new identity cannot be used: %s\n", why);
        return rc;
    }
    l->options.context = l->stream.context = l->options.identity->context;
    return 0;
}

/* ---- renewal --------------------------------------------------------------------------------- */

static void on_renewed(struct link_request *r, int rc, const Attune__Response *response)
{
    struct link *l = container_of(r, struct link, renew_ask);
    char why[IDENTITY_FILES_WHY] = "";
    l->renewing = false;
    l->renew_due_ms = link_now_ms() + AGAIN_MS;
    if (rc == 0) {
        EVP_PKEY *key = SSL_CTX_get0_privatekey(l->options.identity->context);
        rc = response->body_case == ATTUNE__RESPONSE__BODY_ENROLLED
                 ? enrol_keep_renewed(l->options.identity->folder, key, response->enrolled, why)
                 : ERR_MESSAGE;
        rc = rc == 0 ? take_files(l) : rc;
    }
    if (rc == 0) {
        plan(l);
    } else if (rc != ERR_CLOSED && rc != ERR_CANCELED) {
        g_printerr("attune: the certificate was not renewed (%s), again in an hour\n",
                   why[0] != '\0' ? why : err_text(rc));
    }
}

static void ask_renewal(struct link *l)
{
    size_t len = 0;
    uint8_t *pkcs10 = identity_request(SSL_CTX_get0_privatekey(l->options.identity->context), &len);
    Attune__RenewCertificate body = ATTUNE__RENEW_CERTIFICATE__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.request = (ProtobufCBinaryData){len, pkcs10};
    request.body_case = ATTUNE__REQUEST__BODY_RENEW_CERTIFICATE;
    request.renew_certificate = &body;
    l->renewing = link_ask(l, &l->renew_ask, &request, 0, on_renewed) == 0;
    l->renew_due_ms = l->renewing ? INT64_MAX : link_now_ms() + ROOM_MS;
    g_free(pkcs10);
}

/* ---- authorities ----------------------------------------------------------------------------- */

static bool signs(const ProtobufCBinaryData *der, X509 *certificate)
{
    const unsigned char *at = der->data;
    X509 *ca = d2i_X509(NULL, &at, (long)der->len);
    bool good = ca != NULL && X509_check_issued(ca, certificate) == X509_V_OK &&
                X509_verify(certificate, X509_get0_pubkey(ca)) == 1;
    X509_free(ca);
    ERR_clear_error();
    return good;
}

/* Who trusts these alone can go on talking to this server, and it to us. */
static bool goes_on(struct link *l, const Attune__Authority *authority)
{
    bool server = false, own = false;
    for (size_t i = 0; i < authority->n_certificates; i++) {
        ProtobufCBinaryData *der = &authority->certificates[i];
        uint8_t digest[32];
        int good = EVP_Digest(der->data, der->len, digest, NULL, EVP_sha256(), NULL);
        server =
            server || (good == 1 && tls_session_judge(&l->stream.tls, der->data, der->len, digest,
                                                      sizeof digest, l->stream.host) == 0);
        own = own || signs(der, SSL_CTX_get0_certificate(l->options.identity->context));
    }
    return server && own;
}

static void on_authority(struct link_request *r, int rc, const Attune__Response *response)
{
    struct link *l = container_of(r, struct link, authority_ask);
    char why[IDENTITY_FILES_WHY];
    l->asking_authority = false;
    if (rc != 0 || response->body_case != ATTUNE__RESPONSE__BODY_AUTHORITY ||
        response->authority->n_certificates > LIMIT_AUTHORITIES) {
        return; /* At the next Welcome. */
    }
    if (!goes_on(l, response->authority)) {
        g_printerr("attune: the server names authorities that it, or this device, is not good by: "
                   "the old ones stay\n");
        return;
    }
    char *pem = enrol_authorities_pem(response->authority->certificates,
                                      response->authority->n_certificates);
    const struct identity_file file = {"ca.crt", pem, strlen(pem)};
    if (identity_files_put(l->options.identity->folder, &file, 1, why) != 0) {
        g_printerr("attune: %s\n", why);
    } else {
        (void)take_files(l); /* Said there. */
    }
    g_free(pem);
}

void link_renewal_authority(struct link *l)
{
    Attune__GetAuthority body = ATTUNE__GET_AUTHORITY__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    if (l->options.identity == NULL || l->asking_authority) {
        return;
    }
    request.body_case = ATTUNE__REQUEST__BODY_GET_AUTHORITY;
    request.get_authority = &body;
    l->asking_authority = link_ask(l, &l->authority_ask, &request, 0, on_authority) == 0;
}

/* ---- for link.c ------------------------------------------------------------------------------ */

void link_renewal_up(struct link *l)
{
    const struct identity *identity = l->options.identity;
    l->renew_due_ms = INT64_MAX;
    if (identity == NULL) {
        return;
    }
    plan(l);
    ProtobufCBinaryData id = l->welcome->authority_id;
    if (id.len == LIMIT_AUTHORITY_ID && memcmp(id.data, identity->authority_id, id.len) != 0) {
        link_renewal_authority(l);
    }
    link_renewal_tick(l); /* Now, if it is due: a command may be over before the clock comes. */
}

void link_renewal_lost(struct link *l)
{
    l->renew_due_ms = INT64_MAX; /* What was asked has had its verdict. */
}

void link_renewal_tick(struct link *l)
{
    if (l->state == LINK_UP && !l->renewing && link_now_ms() >= l->renew_due_ms) {
        ask_renewal(l);
    }
}

int64_t link_renewal_wake_ms(const struct link *l)
{
    return l->state == LINK_UP && !l->renewing ? l->renew_due_ms : INT64_MAX;
}

bool link_renewing(const struct link *l)
{
    return l->renewing || l->asking_authority;
}

/* ---- what has expired ------------------------------------------------------------------------ */

/* Connect now, or wait for the reason `rc`. */
static void recovered(struct link *l, int rc, const char *why)
{
    bool waited_for = l->state == LINK_CONNECTING && l->stream.broken == 0 && !l->closing;
    if (waited_for && rc == 0) {
        stream_open(&l->stream);
    } else if (waited_for) {
        g_strlcpy(l->why, why, sizeof l->why);
        l->last_word = rc;
        stream_break(&l->stream, rc);
    }
    link_arm(l);
}

static void on_recovered(struct enrol *e, int rc)
{
    struct link *l = container_of(e, struct link_recovery, enrol)->link;
    char why[IDENTITY_FILES_WHY];
    g_strlcpy(why, e->why, sizeof why);
    rc = rc == 0 ? take_files(l) : rc;
    enrol_fini(e);
    g_free(l->recovery);
    l->recovery = NULL;
    recovered(l, rc, why[0] != '\0' ? why : err_text(rc));
}

static bool has_expired(struct identity *identity)
{
    int64_t left = tls_context_expires_in(identity->context, g_get_real_time() / G_USEC_PER_SEC);
    identity->expired = identity->expired || left <= 0;
    return identity->expired;
}

bool link_renewal_recover(struct link *l)
{
    struct identity *identity = l->options.identity;
    if (identity == NULL || !has_expired(identity)) {
        return false;
    }
    if (l->recovery != NULL) {
        return true;
    }
    l->recovery = g_new0(struct link_recovery, 1);
    l->recovery->link = l;
    struct enrol *e = &l->recovery->enrol;
    int rc = enrol_renew_start(e, identity->folder, l->options.address, on_recovered);
    if (rc != 0) {
        g_printerr("attune: %s\n", e->why);
        enrol_fini(e);
        g_free(l->recovery);
        l->recovery = NULL;
        return false; /* The server will say what it thinks of the certificate. */
    }
    return true;
}

void link_renewal_cancel(struct link *l)
{
    if (l->recovery != NULL) {
        enrol_cancel(&l->recovery->enrol);
    }
}
