/* attune practice add-… | list: what a practice is made of, as its administrator.
 *
 * Happy path: one upsert by name, answered Done; sent twice it changes nothing.
 * Failure: the server's sentence. A certificate that cannot be read is said before anything is
 * sent. */
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/named_list.h"
#include "client/cli/practice.h"
#include "client/cli/show.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

enum { FINGERPRINT = 32 };

/* Protobuf-c wants char *, and only reads it. */
static char *text(const char *option)
{
    return g_strdup(option != NULL ? option : "");
}

/* --- site, room, therapist, client --- */

static enum exits run_site(const struct arguments *a)
{
    char *name = text(a->words[0]);
    Attune__PutSite body;
    Attune__Request request;
    attune__put_site__init(&body);
    body.name = name;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_SITE;
    request.put_site = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(name);
    return how;
}

static enum exits run_room(const struct arguments *a)
{
    if (a->own[0] == NULL) {
        return command_misused(&command_practice_add_room, "--site is needed");
    }
    char *name = text(a->words[0]), *site = text(a->own[0]);
    Attune__PutRoom body;
    Attune__Request request;
    attune__put_room__init(&body);
    body.name = name;
    body.site = site;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_ROOM;
    request.put_room = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(name);
    g_free(site);
    return how;
}

static enum exits run_therapist(const struct arguments *a)
{
    if (a->own[0] == NULL) {
        return command_misused(&command_practice_add_therapist, "--site is needed");
    }
    char *code = text(a->words[0]), *site = text(a->own[0]), *name = text(a->own[1]);
    char *language = text(a->own[2]);
    Attune__PutTherapist body;
    Attune__Request request;
    attune__put_therapist__init(&body);
    body.code = code;
    body.site = site;
    body.display_name = name;
    body.language = language;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_THERAPIST;
    request.put_therapist = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(code);
    g_free(site);
    g_free(name);
    g_free(language);
    return how;
}

static enum exits run_client(const struct arguments *a)
{
    if (a->own[0] == NULL) {
        return command_misused(&command_practice_add_client, "--therapist is needed");
    }
    char *client = text(a->words[0]), *therapist = text(a->own[0]);
    Attune__PutClient body;
    Attune__Request request;
    attune__put_client__init(&body);
    body.client_ref = client;
    body.therapist = therapist;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_CLIENT;
    request.put_client = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(client);
    g_free(therapist);
    return how;
}

/* --- device --- */

enum { OPT_CERTIFICATE, OPT_ROLE, OPT_LABEL, OPT_ROOM, OPT_THERAPIST, DEVICE_OPTIONS };

/* SHA-256 of the public key in a certificate: what the server knows the device by. */
static int fingerprint_of(const char *path, uint8_t ret_fingerprint[FINGERPRINT])
{
    ERR_clear_error();
    FILE *file = fopen(path, "re");
    X509 *certificate = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    unsigned char *der = NULL;
    int len = certificate != NULL ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der) : -1;
    unsigned size = 0;
    bool done =
        len > 0 && EVP_Digest(der, (size_t)len, ret_fingerprint, &size, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    X509_free(certificate);
    if (file != NULL) {
        (void)fclose(file); /* Only read. */
    }
    return done && size == FINGERPRINT ? 0 : ERR_CERTIFICATE;
}

static int role_of(const char *word, Attune__Role *ret_role)
{
    static const char *const words[] = {"kiosk", "therapist", "administrator"};
    for (size_t at = 0; at < G_N_ELEMENTS(words); at++) {
        if (strcmp(word, words[at]) == 0) {
            *ret_role = (Attune__Role)(at + 1);
            return 0;
        }
    }
    return ERR_FIELD;
}

static enum exits put_device(const struct arguments *a, Attune__PutDevice *body)
{
    char *label = text(a->own[OPT_LABEL]), *room = text(a->own[OPT_ROOM]);
    char *therapist = text(a->own[OPT_THERAPIST]);
    Attune__Request request;
    body->label = label;
    body->room = room;
    body->therapist = therapist;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_DEVICE;
    request.put_device = body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(label);
    g_free(room);
    g_free(therapist);
    return how;
}

static enum exits run_device(const struct arguments *a)
{
    uint8_t fingerprint[FINGERPRINT];
    char why[512];
    Attune__PutDevice body;
    attune__put_device__init(&body);
    if (a->own[OPT_CERTIFICATE] == NULL || a->own[OPT_ROLE] == NULL || a->own[OPT_LABEL] == NULL) {
        return command_misused(&command_practice_add_device,
                               "--certificate, --role and --label are needed");
    }
    if (role_of(a->own[OPT_ROLE], &body.role) != 0) {
        return command_misused(&command_practice_add_device,
                               "--role is kiosk, therapist or administrator");
    }
    bool kiosk = body.role == ATTUNE__ROLE__ROLE_KIOSK;
    bool therapist = body.role == ATTUNE__ROLE__ROLE_THERAPIST;
    if (kiosk != (a->own[OPT_ROOM] != NULL) || therapist != (a->own[OPT_THERAPIST] != NULL)) {
        return command_misused(&command_practice_add_device,
                               "a kiosk needs --room, a therapist's device --therapist, and no "
                               "other one has them");
    }
    if (fingerprint_of(a->own[OPT_CERTIFICATE], fingerprint) != 0) {
        g_snprintf(why, sizeof why, "%s is not a certificate that can be read",
                   a->own[OPT_CERTIFICATE]);
        (void)talk_fail(ERR_CERTIFICATE, why);
        return EXITS_FAILED;
    }
    body.fingerprint = (ProtobufCBinaryData){FINGERPRINT, fingerprint};
    return put_device(a, &body);
}

/* --- list --- */

struct listing {
    struct named_list named;
    Attune__ListPractice body;
    Attune__PracticeKind kind;
};

static void ask(struct pages *p, Attune__Request *request)
{
    struct listing *l = container_of(p, struct listing, named.pages);
    attune__list_practice__init(&l->body);
    l->body.kind = l->kind;
    l->body.after = l->named.after;
    request->body_case = ATTUNE__REQUEST__BODY_LIST_PRACTICE;
    request->list_practice = &l->body;
}

static int take(struct pages *p, const Attune__Response *answer)
{
    struct listing *l = container_of(p, struct listing, named.pages);
    if (answer->body_case != ATTUNE__RESPONSE__BODY_PRACTICE_LIST) {
        return -1;
    }
    for (size_t at = 0; at < answer->practice_list->n_items; at++) {
        const Attune__PracticeItem *item = answer->practice_list->items[at];
        const char *cells[] = {item->name, item->detail};
        json_t *object = json_object();
        json_object_set_new(object, "name", json_string(item->name));
        json_object_set_new(object, "detail", json_string(item->detail));
        named_list_add(&l->named, item->name, cells, G_N_ELEMENTS(cells), object);
    }
    p->more = answer->practice_list->more;
    return (int)answer->practice_list->n_items;
}

static int kind_of(const char *word, Attune__PracticeKind *ret_kind)
{
    static const char *const words[] = {"sites",   "rooms",     "therapists", "clients",
                                        "devices", "retention", "holds",      "certificates"};
    for (size_t at = 0; at < G_N_ELEMENTS(words); at++) {
        if (strcmp(word, words[at]) == 0) {
            *ret_kind = (Attune__PracticeKind)(at + 1);
            return 0;
        }
    }
    return ERR_FIELD;
}

enum exits practice_list(const struct arguments *a, Attune__PracticeKind kind)
{
    static const char *const headings[] = {"NAME", "DETAIL"};
    struct listing l = {.named.pages = {.ask = ask, .take = take}, .kind = kind};
    return named_list_run(&l.named, headings, G_N_ELEMENTS(headings), a);
}

static enum exits run_list(const struct arguments *a)
{
    Attune__PracticeKind kind;
    if (kind_of(a->words[0], &kind) != 0) {
        return command_misused(&command_practice_list,
                               "WHAT is sites, rooms, therapists, clients, devices, retention, "
                               "holds or certificates");
    }
    return practice_list(a, kind);
}

/* --- the tables --- */

static const struct arguments_option site_option[] = {
    {"site", "NAME", "of which site"},
    {NULL, NULL, NULL},
};
static const struct arguments_option therapist_options[] = {
    {"site", "NAME", "of which site"},
    {"name", "TEXT", "what the client sees; else the code"},
    {"language", "CODE", "of the alerts: en, de, es or fr"},
    {NULL, NULL, NULL},
};
static const struct arguments_option client_options[] = {
    {"therapist", "CODE", "opens the course with this therapist"},
    {NULL, NULL, NULL},
};
static const struct arguments_option device_options[DEVICE_OPTIONS + 1] = {
    [OPT_CERTIFICATE] = {"certificate", "FILE", "the device's certificate, PEM"},
    [OPT_ROLE] = {"role", "ROLE", "kiosk, therapist or administrator"},
    [OPT_LABEL] = {"label", "TEXT", "unique in the practice"},
    [OPT_ROOM] = {"room", "NAME", "a kiosk's"},
    [OPT_THERAPIST] = {"therapist", "CODE", "a therapist's device's"},
    [DEVICE_OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_practice_add_site = {
    .name = "practice add-site",
    .words = "NAME",
    .summary = "Add a site. All add- commands may be repeated: they change nothing then.",
    .table = {NULL, 1, 1},
    .run = run_site,
};
const struct command command_practice_add_room = {
    .name = "practice add-room",
    .words = "NAME",
    .summary = "Add a room to a site.",
    .table = {site_option, 1, 1},
    .run = run_room,
};
const struct command command_practice_add_therapist = {
    .name = "practice add-therapist",
    .words = "CODE",
    .summary = "Add a therapist.",
    .table = {therapist_options, 1, 1},
    .run = run_therapist,
};
const struct command command_practice_add_client = {
    .name = "practice add-client",
    .words = "REF",
    .summary = "Open the course of a client: a pseudonym, never a name.",
    .table = {client_options, 1, 1},
    .run = run_client,
};
const struct command command_practice_add_device = {
    .name = "practice add-device",
    .words = "",
    .summary = "Register a device by the public key in its certificate.",
    .table = {device_options, 0, 0},
    .run = run_device,
};
const struct command command_practice_list = {
    .name = "practice list",
    .words = "WHAT",
    .summary = "List sites, rooms, therapists, clients, devices, holds, …",
    .table = {NULL, 1, 1},
    .run = run_list,
};
