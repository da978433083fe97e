/* Happy path: connect without a certificate, ask for the authorities, find the one whose
 * fingerprint the code begins and hold it against the server's certificate, tell the code and a
 * request, put the answer on disk, tell the owner. Failure: the first thing that goes wrong is
 * kept in stream.broken and told from the loop when the connection is down; the key stays for the
 * next try. */
#include "client/link/enrol.h"

#include <string.h>

#include <openssl/err.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "proto/wire/tls_session_enrol.h"

enum { ENROL_MS_MAX = 15 * 1000, ASK_AUTHORITY = 1, ASK_ENROL = 2 };

static void finish(struct enrol *e, int rc)
{
    if (e->verdict == 0 && rc != 0 && e->why[0] == '\0') {
        g_strlcpy(e->why, e->stream.why[0] != '\0' ? e->stream.why : err_text(rc), sizeof e->why);
    }
    e->verdict = rc;
    stream_break(&e->stream, ERR_CANCELED);
    g_source_set_ready_time(e->clock, 0);
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void say(struct enrol *e, Attune__Request *request)
{
    request->seq = ++e->seq;
    codec_frame_pack(&request->base, stream_put(&e->stream, codec_frame_size(&request->base)));
    stream_send(&e->stream);
}

static const uint8_t PROOF[] = "attune renew"; /* Before the exporter's bytes, without the NUL. */
enum { PROOF_MAX = 128 };

/* Who has the certificate's key, here and now. Returns 0 or ERR_TLS. */
static int prove(struct enrol *e, uint8_t proof[PROOF_MAX], size_t *ret_len)
{
    uint8_t told[sizeof PROOF - 1 + TLS_EXPORTED];
    memcpy(told, PROOF, sizeof PROOF - 1);
    int rc = tls_session_export(&e->stream.tls, told + sizeof PROOF - 1);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    must(digest != NULL);
    *ret_len = PROOF_MAX;
    if (rc == 0 && (EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, e->key) != 1 ||
                    EVP_DigestSign(digest, proof, ret_len, told, sizeof told) != 1)) {
        rc = ERR_TLS;
    }
    EVP_MD_CTX_free(digest);
    return rc;
}

static void tell_expired(struct enrol *e)
{
    uint8_t proof[PROOF_MAX];
    size_t proof_len = 0, len = 0;
    if (prove(e, proof, &proof_len) != 0) {
        e->done = true;
        finish(e, ERR_TLS);
        return;
    }
    uint8_t *pkcs10 = identity_request(e->key, &len);
    Attune__RenewExpired body = ATTUNE__RENEW_EXPIRED__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.certificate = (ProtobufCBinaryData){e->certificate_len, e->certificate};
    body.request = (ProtobufCBinaryData){len, pkcs10};
    body.proof = (ProtobufCBinaryData){proof_len, proof};
    request.body_case = ATTUNE__REQUEST__BODY_RENEW_EXPIRED;
    request.renew_expired = &body;
    say(e, &request);
    g_free(pkcs10);
}

static void on_up(struct stream *s)
{
    struct enrol *e = container_of(s, struct enrol, stream);
    if (e->renews) {
        tell_expired(e);
        return;
    }
    Attune__GetAuthority body = ATTUNE__GET_AUTHORITY__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.body_case = ATTUNE__REQUEST__BODY_GET_AUTHORITY;
    request.get_authority = &body;
    say(e, &request);
}

static void tell_code(struct enrol *e)
{
    size_t len = 0;
    uint8_t *pkcs10 = identity_request(e->key, &len);
    Attune__Enrol body = ATTUNE__ENROL__INIT;
    Attune__Request request = ATTUNE__REQUEST__INIT;
    body.secret = (ProtobufCBinaryData){sizeof e->code.secret, e->code.secret};
    body.request = (ProtobufCBinaryData){len, pkcs10};
    body.role = e->role;
    request.body_case = ATTUNE__REQUEST__BODY_ENROL;
    request.enrol = &body;
    say(e, &request);
    g_free(pkcs10);
}

/* ---- what is heard --------------------------------------------------------------------------- */

static int judge_server(struct enrol *e, const Attune__Authority *authority)
{
    for (size_t i = 0; i < authority->n_certificates; i++) {
        ProtobufCBinaryData der = authority->certificates[i];
        if (tls_session_judge(&e->stream.tls, der.data, der.len, e->code.authority, ENROL_AUTHORITY,
                              e->stream.host) == 0) {
            return 0;
        }
    }
    return ERR_AUTHORITY;
}

static bool fits_key(EVP_PKEY *key, ProtobufCBinaryData der)
{
    const unsigned char *at = der.data;
    X509 *c = d2i_X509(NULL, &at, (long)der.len);
    bool good = c != NULL && X509_check_private_key(c, key) == 1;
    X509_free(c);
    ERR_clear_error();
    return good;
}

char *enrol_authorities_pem(const ProtobufCBinaryData *list, size_t count)
{
    GString *all = g_string_new(NULL);
    for (size_t i = 0; i < count; i++) {
        char *pem = identity_pem(list[i].data, list[i].len);
        g_string_append(all, pem != NULL ? pem : "");
        g_free(pem);
    }
    return g_string_free(all, FALSE);
}

static int keep(struct enrol *e, const Attune__Enrolled *enrolled)
{
    if (!fits_key(e->key, enrolled->certificate) || enrolled->n_authorities == 0) {
        return ERR_MESSAGE;
    }
    const char *address = enrolled->address[0] != '\0' ? enrolled->address : e->address;
    char *certificate = identity_pem(enrolled->certificate.data, enrolled->certificate.len);
    char *key = identity_key_pem(e->key);
    char *authorities = enrol_authorities_pem(enrolled->authorities, enrolled->n_authorities);
    char *settings = g_strdup_printf("[server]\naddress=%s\n", address);
    const struct identity_file files[] = {
        {"device.key", key, strlen(key)},
        {"device.crt", certificate, strlen(certificate)},
        {"ca.crt", authorities, strlen(authorities)},
        {"attune.conf", settings, strlen(settings)},
    };
    int rc = identity_files_put(e->folder, files, G_N_ELEMENTS(files), e->why);
    if (rc == 0) {
        identity_files_drop_new_key(e->folder);
    }
    OPENSSL_cleanse(key, strlen(key));
    g_free(certificate);
    g_free(key);
    g_free(authorities);
    g_free(settings);
    return rc;
}

int enrol_keep_renewed(const char *folder, EVP_PKEY *key, const Attune__Enrolled *enrolled,
                       char why[IDENTITY_FILES_WHY])
{
    if (!fits_key(key, enrolled->certificate) || enrolled->n_authorities == 0) {
        return ERR_MESSAGE;
    }
    char *certificate = identity_pem(enrolled->certificate.data, enrolled->certificate.len);
    char *authorities = enrol_authorities_pem(enrolled->authorities, enrolled->n_authorities);
    const struct identity_file files[] = {
        {"device.crt", certificate, strlen(certificate)},
        {"ca.crt", authorities, strlen(authorities)},
    };
    int rc = identity_files_put(folder, files, G_N_ELEMENTS(files), why);
    g_free(certificate);
    g_free(authorities);
    return rc;
}

static void copy_enrolled(struct enrol *e, const Attune__Enrolled *enrolled)
{
    size_t size = attune__enrolled__get_packed_size(enrolled);
    uint8_t *bytes = g_malloc(size + 1);
    attune__enrolled__pack(enrolled, bytes);
    e->enrolled = attune__enrolled__unpack(NULL, size, bytes);
    must(e->enrolled != NULL); /* It was one a line ago. */
    g_free(bytes);
}

static void on_response(struct enrol *e, const Attune__Response *response)
{
    int rc = ERR_MESSAGE;
    if (response->body_case == ATTUNE__RESPONSE__BODY_ERROR) {
        rc = err_from_code(response->error->code);
        g_strlcpy(e->why, response->error->text, sizeof e->why);
    } else if (!e->renews && e->seq == ASK_AUTHORITY &&
               response->body_case == ATTUNE__RESPONSE__BODY_AUTHORITY) {
        rc = judge_server(e, response->authority);
        if (rc == 0) {
            tell_code(e);
            return;
        }
    } else if (e->renews && response->body_case == ATTUNE__RESPONSE__BODY_ENROLLED) {
        rc = enrol_keep_renewed(e->folder, e->key, response->enrolled, e->why);
    } else if (e->seq == ASK_ENROL && response->body_case == ATTUNE__RESPONSE__BODY_ENROLLED) {
        rc = keep(e, response->enrolled);
        if (rc == 0) {
            copy_enrolled(e, response->enrolled);
        }
    }
    e->done = true;
    finish(e, rc);
}

static int on_frame(struct frame_reader *reader, const uint8_t *body, size_t len)
{
    struct enrol *e = container_of(reader, struct enrol, reader);
    const Attune__ServerFrame *frame;
    int rc = codec_server_frame(e->arena, body, len, &frame);
    if (rc == 0 && frame->body_case == ATTUNE__SERVER_FRAME__BODY_RESPONSE && !e->done) {
        on_response(e, frame->response);
    }
    return rc != 0 ? rc : e->stream.broken;
}

static int on_bytes(struct stream *s, const uint8_t *bytes, size_t len)
{
    return frame_reader_feed(&container_of(s, struct enrol, stream)->reader, bytes, len);
}

static void on_broken(struct stream *s)
{
    struct enrol *e = container_of(s, struct enrol, stream);
    if (!e->done) {
        e->done = true;
        finish(e, s->broken);
    }
    g_source_set_ready_time(e->clock, 0);
}

/* ---- the clock ------------------------------------------------------------------------------- */

static gboolean on_clock(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback; /* There is none: the source is ours. */
    struct enrol *e = data;
    g_source_set_ready_time(source, -1);
    if (!e->done) {
        e->done = true;
        finish(e, ERR_TIMEOUT);
    }
    if (!stream_shut(&e->stream)) {
        return G_SOURCE_CONTINUE; /* on_broken comes when the try to connect is called off. */
    }
    g_source_set_ready_time(source, -1);
    e->cb(e, e->verdict); /* Last touch: the owner may end us in there. */
    return G_SOURCE_CONTINUE;
}

/* The connection, once all that is to be said is there. */
static int begin(struct enrol *e)
{
    static GSourceFuncs funcs = {.dispatch = on_clock}; /* GLib wants it writable, and keeps it. */
    int rc = stream_init(&e->stream, e->address, e->context, on_up, on_bytes, on_broken);
    if (rc != 0) {
        g_strlcpy(e->why, e->stream.why, sizeof e->why);
        return rc;
    }
    e->begun = true;
    e->arena = g_new(struct codec_arena, 1);
    codec_arena_init(e->arena);
    frame_reader_init(&e->reader, LIMIT_FRAME_BODY, on_frame);
    e->clock = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(e->clock, NULL, e, NULL);
    g_source_set_ready_time(e->clock, g_get_monotonic_time() + ENROL_MS_MAX * INT64_C(1000));
    g_source_attach(e->clock, g_main_context_get_thread_default());
    stream_open(&e->stream);
    return 0;
}

int enrol_start(struct enrol *e, const struct enrol_wish *wish, enrol_cb cb)
{
    memset(e, 0, sizeof *e);
    e->cb = cb;
    e->folder = g_strdup(wish->folder);
    e->address = g_strdup(wish->address);
    e->code = wish->code;
    e->role = wish->role;
    int rc = tls_context_enrol(NULL, &e->context, e->why, sizeof e->why);
    rc = rc == 0 ? identity_files_new_key(e->folder, &e->key, e->why) : rc;
    return rc == 0 ? begin(e) : rc;
}

/* The certificate (DER) and its key from the folder. */
static int read_pair(struct enrol *e)
{
    char *crt = g_build_filename(e->folder, "device.crt", NULL);
    char *key = g_build_filename(e->folder, "device.key", NULL);
    X509 *certificate = identity_read_certificate(crt);
    e->key = identity_read_key(key);
    int len = certificate != NULL ? i2d_X509(certificate, &e->certificate) : 0;
    e->certificate_len = len > 0 ? (size_t)len : 0;
    X509_free(certificate);
    g_free(crt);
    g_free(key);
    if (len <= 0 || e->key == NULL) {
        g_snprintf(e->why, sizeof e->why, "%.400s: no certificate and key that can be read",
                   e->folder);
        return ERR_CERTIFICATE;
    }
    return 0;
}

int enrol_renew_start(struct enrol *e, const char *folder, const char *address, enrol_cb cb)
{
    memset(e, 0, sizeof *e);
    e->cb = cb;
    e->renews = true;
    e->folder = g_strdup(folder);
    e->address = g_strdup(address);
    char *authority = g_build_filename(folder, "ca.crt", NULL);
    int rc = tls_context_enrol(authority, &e->context, e->why, sizeof e->why);
    g_free(authority);
    rc = rc == 0 ? read_pair(e) : rc;
    return rc == 0 ? begin(e) : rc;
}

void enrol_cancel(struct enrol *e)
{
    if (!e->done) {
        e->done = true;
        finish(e, ERR_CANCELED);
    }
}

void enrol_fini(struct enrol *e)
{
    if (e->begun) {
        g_source_destroy(e->clock);
        g_source_unref(e->clock);
        stream_fini(&e->stream);
        frame_reader_fini(&e->reader);
        g_free(e->arena);
    }
    if (e->enrolled != NULL) {
        attune__enrolled__free_unpacked(e->enrolled, NULL);
    }
    OPENSSL_free(e->certificate);
    OPENSSL_cleanse(&e->code, sizeof e->code);
    EVP_PKEY_free(e->key);
    SSL_CTX_free(e->context);
    g_free(e->folder);
    g_free(e->address);
    e->begun = false;
}
