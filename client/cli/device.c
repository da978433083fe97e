/* attune device add | list | forget-code: a practice's devices, as its administrator.
 *
 * Happy path: the server makes a one-time code for a place; it is shown as text to be typed and as
 * a QR code to be scanned, here and nowhere else. The list shows what each device has said of
 * itself. Failure: the server's sentence. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/named_list.h"
#include "client/cli/qr.h"
#include "client/cli/show.h"
#include "client/cli/when.h"
#include "proto/wire/container_of.h"
#include "proto/wire/enrol_code.h"
#include "proto/wire/err.h"

static const char *const role_words[] = {"", "kiosk", "therapist", "administrator"};

static const char *role_word(Attune__Role role)
{
    return role_words[role >= ATTUNE__ROLE__ROLE_KIOSK && role <= ATTUNE__ROLE__ROLE_ADMINISTRATOR
                          ? role
                          : 0];
}

/* --- add --- */

enum { OPT_ROOM, OPT_THERAPIST, OPT_ADMINISTRATOR, OPT_LABEL, ADD_OPTIONS };

static int print_code(const Attune__DeviceCode *d, const char *text, const char *uri)
{
    char until[WHEN_TEXT];
    char *qr = qr_for_output(uri);
    when_local(until, d->expires_ms);
    printf("%s: type this on the device, or let it scan the picture; once, until %s.\n\n    %s\n\n",
           d->label, until, text);
    if (qr != NULL) {
        printf("%s\n", qr);
    }
    printf("Without a screen there: attune enrol CODE --server HOST:PORT --identity DIR\n");
    g_free(qr);
    return fflush(stdout) == 0 ? 0 : -1;
}

static int tell_code(struct talk *t, const Attune__Response *answer)
{
    const Attune__DeviceCode *d = answer->device_code;
    if (answer->body_case != ATTUNE__RESPONSE__BODY_DEVICE_CODE || d->secret.len != ENROL_SECRET ||
        d->authority.len < ENROL_AUTHORITY) {
        return ERR_MESSAGE;
    }
    /* Where this command found the server, if the server does not know better. */
    const char *address = d->address[0] != '\0' ? d->address : t->link.options.address;
    struct enrol_code code;
    char text[ENROL_TEXT], uri[ENROL_URI];
    memcpy(code.secret, d->secret.data, ENROL_SECRET);
    memcpy(code.authority, d->authority.data, ENROL_AUTHORITY);
    enrol_code_write(&code, text);
    enrol_uri_write(strlen(address) < ENROL_ADDRESS ? address : "", &code, uri);
    int rc = t->json ? show_json(json_pack("{s:s, s:s, s:s, s:s, s:o}", "label", d->label, "code",
                                           text, "uri", uri, "address", address, "expires",
                                           show_time_json(d->expires_ms)))
                     : print_code(d, text, uri);
    return rc == 0 ? 0 : ERR_DISK;
}

static enum exits run_add(const struct arguments *a)
{
    bool kiosk = a->own[OPT_ROOM] != NULL, therapist = a->own[OPT_THERAPIST] != NULL;
    bool administrator = a->own[OPT_ADMINISTRATOR] != NULL;
    if (kiosk + therapist + administrator != 1) {
        return command_misused(&command_device_add,
                               "one of --room, --therapist and --administrator is needed");
    }
    char *room = g_strdup(kiosk ? a->own[OPT_ROOM] : "");
    char *code = g_strdup(therapist ? a->own[OPT_THERAPIST] : "");
    char *label = g_strdup(a->own[OPT_LABEL] != NULL ? a->own[OPT_LABEL] : "");
    Attune__AddDevice body;
    Attune__Request request;
    attune__add_device__init(&body);
    body.role = kiosk       ? ATTUNE__ROLE__ROLE_KIOSK
                : therapist ? ATTUNE__ROLE__ROLE_THERAPIST
                            : ATTUNE__ROLE__ROLE_ADMINISTRATOR;
    body.room = room;
    body.therapist = code;
    body.label = label;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_ADD_DEVICE;
    request.add_device = &body;
    enum exits how = talk_once(a, &request, tell_code);
    g_free(room);
    g_free(code);
    g_free(label);
    return how;
}

/* --- forget-code --- */

static enum exits run_forget(const struct arguments *a)
{
    char *label = g_strdup(a->words[0]);
    Attune__ForgetCode body;
    Attune__Request request;
    attune__forget_code__init(&body);
    body.label = label;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_FORGET_CODE;
    request.forget_code = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(label);
    return how;
}

/* --- list --- */

struct listing {
    struct named_list named;
    Attune__ListDevices body;
};

static void ask(struct pages *p, Attune__Request *request)
{
    struct listing *l = container_of(p, struct listing, named.pages);
    attune__list_devices__init(&l->body);
    l->body.after = l->named.after;
    request->body_case = ATTUNE__REQUEST__BODY_LIST_DEVICES;
    request->list_devices = &l->body;
}

/* What somebody should look at; "" when there is nothing. */
static void note_of(const Attune__DeviceItem *d, char *room, size_t size)
{
    char until[WHEN_TEXT];
    int64_t left_ms = d->expires_ms - g_get_real_time() / 1000;
    when_local(until, d->code_expires_ms);
    if (d->code_expires_ms != 0) {
        g_snprintf(room, size, "code not used yet, until %s", until);
    } else if (d->revoked) {
        g_strlcpy(room, "revoked", size);
    } else if (d->expires_ms != 0 && left_ms < 0) {
        g_strlcpy(room, "certificate expired", size);
    } else if (d->authority_old) {
        g_strlcpy(room, "does not trust the new authority yet", size);
    } else {
        g_strlcpy(room, "", size);
    }
}

static json_t *time_or_null(int64_t ms)
{
    return ms != 0 ? show_time_json(ms) : json_null();
}

static json_t *json_of(const Attune__DeviceItem *d)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:s, s:I, s:i, s:i, s:b, s:o}", "label",
                     d->label, "role", role_word(d->role), "place", d->place, "revoked", d->revoked,
                     "seen", time_or_null(d->seen_ms), "expires", time_or_null(d->expires_ms),
                     "software", d->software, "clock_ahead_ms", (json_int_t)d->clock_ahead_ms,
                     "spool_depth", (int)d->spool_depth, "oldest_unsent_s", (int)d->oldest_unsent_s,
                     "authority_old", d->authority_old, "code_expires",
                     time_or_null(d->code_expires_ms));
}

static void add_row(struct listing *l, const Attune__DeviceItem *d)
{
    char seen[WHEN_TEXT], expires[WHEN_TEXT], spool[48] = "", clock[32] = "", note[128];
    bool kiosk = d->role == ATTUNE__ROLE__ROLE_KIOSK;
    when_local(seen, d->seen_ms);
    when_local(expires, d->expires_ms);
    if (kiosk && d->seen_ms != 0) {
        g_snprintf(spool, sizeof spool, d->spool_depth > 0 ? "%u for %u s" : "%u", d->spool_depth,
                   d->oldest_unsent_s);
    }
    if (d->seen_ms != 0) {
        g_snprintf(clock, sizeof clock, "%+.1f s", (double)d->clock_ahead_ms / 1000.0);
    }
    note_of(d, note, sizeof note);
    const char *cells[] = {d->label, role_word(d->role), d->place, seen, expires, spool,
                           clock,    d->software,        note};
    named_list_add(&l->named, d->label, cells, G_N_ELEMENTS(cells), json_of(d));
}

static int take(struct pages *p, const Attune__Response *answer)
{
    struct listing *l = container_of(p, struct listing, named.pages);
    if (answer->body_case != ATTUNE__RESPONSE__BODY_DEVICE_LIST) {
        return -1;
    }
    for (size_t i = 0; i < answer->device_list->n_devices; i++) {
        const Attune__DeviceItem *d = answer->device_list->devices[i];
        add_row(l, d);
    }
    p->more = answer->device_list->more;
    return (int)answer->device_list->n_devices;
}

static enum exits run_list(const struct arguments *a)
{
    static const char *const headings[] = {"LABEL", "ROLE",  "PLACE",    "SEEN", "EXPIRES",
                                           "SPOOL", "CLOCK", "SOFTWARE", "NOTE"};
    struct listing l = {.named.pages = {.ask = ask, .take = take}};
    return named_list_run(&l.named, headings, G_N_ELEMENTS(headings), a);
}

/* --- the tables --- */

static const struct arguments_option add_options[ADD_OPTIONS + 1] = {
    [OPT_ROOM] = {"room", "NAME", "a kiosk in this room"},
    [OPT_THERAPIST] = {"therapist", "CODE", "a device of this therapist"},
    [OPT_ADMINISTRATOR] = {"administrator", NULL, "an administrator's device"},
    [OPT_LABEL] = {"label", "TEXT", "unique in the practice; else made from the place"},
    [ADD_OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_device_add = {
    .name = "device add",
    .words = "",
    .summary = "A one-time code for a new device: typed there, or scanned.",
    .table = {add_options, 0, 0},
    .notes =
        "The code works once, for 24 hours. It is shown here and kept nowhere: the server has\n"
        "its hash. It says which server to trust, too. Who has it can be that device: send it\n"
        "to nobody but the one who stands before it.",
    .run = run_add,
};
const struct command command_device_list = {
    .name = "device list",
    .words = "",
    .summary = "Devices: last seen, certificate, spool, clock, software; and codes not used yet.",
    .table = {NULL, 0, 0},
    .run = run_list,
};
const struct command command_device_forget_code = {
    .name = "device forget-code",
    .words = "LABEL",
    .summary = "End a code that nobody has used yet.",
    .table = {NULL, 1, 1},
    .run = run_forget,
};
