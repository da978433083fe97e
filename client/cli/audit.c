/* attune audit verify | who: is the audit whole, and who has seen a client.
 *
 * Happy path: page after page; each answer says where the next one goes on.
 * Failure: a page that fails ends it, and nothing is said of the rest. A row or head that is wrong
 * ends the verification: it is named, and the command fails. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/cli/when.h"
#include "client/cli/who_words.h"
#include "proto/wire/err.h"

enum { DAY_MS = 24 * 3600 * 1000, CHAIN_TEXT = 2 * LIMIT_ID_SIZE + 1, WHO_ROOM = 200 };

static enum exits begin(struct talk *t, const struct arguments *a)
{
    t->software = "attune-cli";
    enum exits how = talk_begin(t, a);
    return how == EXITS_OK ? talk_connect(t) : how;
}

/* ---- verify ---------------------------------------------------------------------------------- */

struct verified {
    uint64_t rows, chains, heads, unsigned_rows, other_keys, certificates, unsigned_certificates;
    uint8_t next[LIMIT_AUDIT_HEAD_PLACE];
    size_t next_len;
    Attune__AuditFaultKind fault;
    int64_t seq, head;
    char chain[CHAIN_TEXT], certificate[LIMIT_CERTIFICATE_NAME + 1];
};

static const char *fault_words(Attune__AuditFaultKind kind)
{
    switch (kind) {
    case ATTUNE__AUDIT_FAULT_KIND__AUDIT_ROW_CHANGED:
        return "changed: it, or the one before it";
    case ATTUNE__AUDIT_FAULT_KIND__AUDIT_ROW_MISSING:
        return "missing";
    case ATTUNE__AUDIT_FAULT_KIND__AUDIT_ROW_INSERTED:
        return "inserted, or changed before it was signed";
    case ATTUNE__AUDIT_FAULT_KIND__AUDIT_HEAD_MISSING:
        return "head missing";
    case ATTUNE__AUDIT_FAULT_KIND__AUDIT_HEAD_SIGNATURE:
        return "head's signature";
    case ATTUNE__AUDIT_FAULT_KIND__AUDIT_CERTIFICATE:
        return "changed, or signed by no server of this practice";
    default:
        return "wrong";
    }
}

static void take(struct verified *v, const Attune__AuditVerified *page)
{
    v->rows += page->rows;
    v->chains += page->chains;
    v->heads += page->heads;
    v->unsigned_rows += page->unsigned_rows;
    v->other_keys += page->other_keys;
    v->certificates += page->certificates;
    v->unsigned_certificates += page->unsigned_certificates;
    v->next_len = MIN(page->next.len, sizeof v->next);
    if (v->next_len > 0) {
        memcpy(v->next, page->next.data, v->next_len);
    }
    if (page->fault != NULL) {
        v->fault = page->fault->kind;
        v->seq = page->fault->seq;
        v->head = page->fault->head;
        g_strlcpy(v->certificate, page->fault->certificate, sizeof v->certificate);
        if (page->fault->chain.len == LIMIT_ID_SIZE) {
            hex_print(v->chain, page->fault->chain.data, LIMIT_ID_SIZE);
        }
        v->next_len = 0;
    }
}

static int verify_page(struct talk *t, struct verified *v)
{
    Attune__Request request;
    Attune__VerifyAudit body;
    Attune__Response *answer = NULL;
    attune__request__init(&request);
    attune__verify_audit__init(&body);
    body.after = (ProtobufCBinaryData){v->next_len, v->next};
    request.body_case = ATTUNE__REQUEST__BODY_VERIFY_AUDIT;
    request.verify_audit = &body;
    int rc = talk_ask(t, &request, &answer);
    if (rc == 0 && answer->body_case != ATTUNE__RESPONSE__BODY_AUDIT_VERIFIED) {
        rc = ERR_MESSAGE;
    }
    if (rc == 0) {
        take(v, answer->audit_verified);
    }
    if (answer != NULL) {
        attune__response__free_unpacked(answer, NULL);
    }
    return rc;
}

static json_t *fault_json(const struct verified *v)
{
    return v->fault == ATTUNE__AUDIT_FAULT_KIND__AUDIT_FAULT_UNSPECIFIED
               ? json_null()
               : json_pack("{s:s, s:s, s:I, s:I, s:s}", "what", fault_words(v->fault), "chain",
                           v->chain, "seq", (json_int_t)v->seq, "head", (json_int_t)v->head,
                           "certificate", v->certificate);
}

static int tell_verified(const struct talk *t, const struct verified *v)
{
    bool broken = v->fault != ATTUNE__AUDIT_FAULT_KIND__AUDIT_FAULT_UNSPECIFIED;
    if (t->json) {
        return show_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "rows",
                                   (json_int_t)v->rows, "chains", (json_int_t)v->chains, "heads",
                                   (json_int_t)v->heads, "unsigned", (json_int_t)v->unsigned_rows,
                                   "other_keys", (json_int_t)v->other_keys, "certificates",
                                   (json_int_t)v->certificates, "unsigned_certificates",
                                   (json_int_t)v->unsigned_certificates, "broken", fault_json(v)));
    }
    GString *text = g_string_new(NULL);
    if (v->certificate[0] != '\0') {
        g_string_append_printf(text, "audit broken certificate=%s %s\n", v->certificate,
                               fault_words(v->fault));
    } else if (broken) {
        g_string_append_printf(text, "audit broken chain=%s seq=%" PRId64 " head=%" PRId64 " %s\n",
                               v->chain, v->seq, v->head, fault_words(v->fault));
    }
    g_string_append_printf(text,
                           "audit verified rows=%" PRIu64 " chains=%" PRIu64 " heads=%" PRIu64
                           " unsigned=%" PRIu64 " other_keys=%" PRIu64 " certificates=%" PRIu64
                           " unsigned_certificates=%" PRIu64 " broken=%d\n",
                           v->rows, v->chains, v->heads, v->unsigned_rows, v->other_keys,
                           v->certificates, v->unsigned_certificates, broken);
    int rc = show_text(text->str);
    (void)g_string_free(text, TRUE);
    return rc;
}

static enum exits run_verify(const struct arguments *a)
{
    struct verified v = {.rows = 0};
    struct talk *t = g_new0(struct talk, 1);
    enum exits how = begin(t, a);
    bool watched = isatty(STDERR_FILENO) == 1;
    int rc = 0;
    while (how == EXITS_OK) {
        rc = verify_page(t, &v);
        if (watched) {
            fprintf(stderr, "\rverify: %" PRIu64 " rows, %" PRIu64 " heads%s", v.rows, v.heads,
                    v.next_len == 0 ? "\n" : "");
        }
        if (rc != 0 || v.next_len == 0) {
            break;
        }
    }
    how = how == EXITS_OK ? talk_explain(t, rc) : how;
    if (how == EXITS_OK && (tell_verified(t, &v) != 0 ||
                            v.fault != ATTUNE__AUDIT_FAULT_KIND__AUDIT_FAULT_UNSPECIFIED)) {
        how = EXITS_FAILED;
    }
    talk_end(t);
    g_free(t);
    return how;
}

const struct command command_audit_verify = {
    .name = "audit verify",
    .words = "",
    .summary = "Reckon the audit's chains anew, check the signatures, name what is first wrong.",
    .notes =
        "unsigned: rows since the last signed head, seldom more than a minute's. other_keys: "
        "heads\n"
        "that this server's own audit_key has not signed, but another server's or aggregator's:\n"
        "compare with what their `pki audit-key` printed. A superuser of the database can cut\n"
        "off the newest heads with their rows: the last `head=` line in the servers' logs tells.",
    .run = run_verify,
};

/* ---- who ------------------------------------------------------------------------------------- */

struct who {
    Attune__WhoSaw body;
    uint8_t before[LIMIT_AUDIT_PLACE];
    struct table table;
    json_t *array;
    uint32_t count;
};

/* "Dr Weber, at the device desk 1"; a program has no person. */
static void name_of(char text[WHO_ROOM], const Attune__AuditEntry *e)
{
    if (e->person[0] != '\0') {
        (void)snprintf(text, WHO_ROOM, "%s (device %s)", e->person, e->actor);
    } else {
        (void)snprintf(text, WHO_ROOM, "%s", e->actor);
    }
}

static void reason_of(char text[WHO_ROOM], const Attune__AuditEntry *e)
{
    if (e->in_place_of[0] != '\0') {
        (void)snprintf(text, WHO_ROOM, "%s (%s)", who_words_reason(e->scope), e->in_place_of);
    } else {
        (void)snprintf(text, WHO_ROOM, "%s", who_words_reason(e->scope));
    }
}

static void add(struct who *w, const Attune__AuditEntry *e)
{
    char when[WHEN_TEXT], name[WHO_ROOM], reason[WHO_ROOM];
    when_local(when, e->at_ms);
    name_of(name, e);
    reason_of(reason, e);
    const char *cells[] = {when, name, who_words_action(e->action), reason};
    for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
        table_add(&w->table, cells[i]);
    }
    json_array_append_new(w->array, json_pack("{s:o, s:s, s:s, s:s, s:s, s:s}", "at",
                                              show_time_json(e->at_ms), "actor", e->actor, "person",
                                              e->person, "in_place_of", e->in_place_of, "scope",
                                              e->scope, "action", e->action));
    w->count++;
}

static int who_page(struct talk *t, struct who *w)
{
    Attune__Request request;
    Attune__Response *answer = NULL;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_WHO_SAW;
    request.who_saw = &w->body;
    int rc = talk_ask(t, &request, &answer);
    if (rc == 0 && answer->body_case != ATTUNE__RESPONSE__BODY_WHO_SAW_LIST) {
        rc = ERR_MESSAGE;
    }
    if (rc == 0) {
        const Attune__WhoSawList *page = answer->who_saw_list;
        for (size_t i = 0; i < page->n_entries; i++) {
            add(w, page->entries[i]);
        }
        size_t len = page->next.len == sizeof w->before ? sizeof w->before : 0;
        if (len > 0) {
            memcpy(w->before, page->next.data, len);
        }
        w->body.before = (ProtobufCBinaryData){len, w->before};
    }
    if (answer != NULL) {
        attune__response__free_unpacked(answer, NULL);
    }
    return rc;
}

static int tell_who(const struct talk *t, struct who *w)
{
    char now[WHEN_TEXT];
    if (t->json) {
        return show_json(json_incref(w->array));
    }
    when_local(now, g_get_real_time() / 1000);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text,
                           "Who has seen or changed what is kept about %s\n"
                           "%s, as of %s, the newest first\n\n",
                           w->body.client_ref,
                           t->link.welcome != NULL ? t->link.welcome->practice : "", now);
    char *rows = table_text(&w->table);
    g_string_append(text, rows);
    free(rows);
    g_string_append_printf(
        text,
        "\n%" PRIu32
        " entries. Each was written at the moment it tells of, and none can be changed\n"
        "or taken out without that being found, but for those of a kiosk: they stand beside your\n"
        "answers, and go with them.\n",
        w->count);
    int rc = show_text(text->str);
    (void)g_string_free(text, TRUE);
    return rc;
}

/* A day's first moment here; NULL is 0. */
static int day_of(const char *text, int days_on, int64_t *ret_ms)
{
    char full[WHEN_TEXT];
    *ret_ms = 0;
    if (text == NULL) {
        return 0;
    }
    GTimeZone *zone = g_time_zone_new_local();
    (void)snprintf(full, sizeof full, "%.20sT00:00:00", text);
    int rc = when_parse(full, zone, ret_ms);
    g_time_zone_unref(zone);
    *ret_ms += (int64_t)days_on * DAY_MS;
    return rc;
}

static enum exits run_pages(struct who *w, const struct arguments *a)
{
    struct talk *t = g_new0(struct talk, 1);
    enum exits how = begin(t, a);
    int rc = 0;
    while (how == EXITS_OK) {
        rc = who_page(t, w);
        if (rc != 0 || w->body.before.len == 0) {
            break;
        }
    }
    how = how == EXITS_OK ? talk_explain(t, rc) : how;
    if (how == EXITS_OK && tell_who(t, w) != 0) {
        how = EXITS_FAILED;
    }
    talk_end(t);
    g_free(t);
    return how;
}

static enum exits run_who(const struct arguments *a)
{
    static const char *const headings[] = {"WHEN", "WHO", "WHAT", "WHY"};
    struct who w = {.count = 0};
    attune__who_saw__init(&w.body);
    w.body.client_ref = (char *)(uintptr_t)a->words[0]; /* Only read. */
    if (day_of(a->own[0], 0, &w.body.from_ms) != 0 || day_of(a->own[1], 1, &w.body.to_ms) != 0) {
        return command_misused(&command_audit_who, "--from and --to are days: 2026-11-25");
    }
    w.array = json_array();
    table_init(&w.table, headings, G_N_ELEMENTS(headings));
    enum exits how = run_pages(&w, a);
    json_decref(w.array);
    table_fini(&w.table);
    return how;
}

static const struct arguments_option who_options[] = {
    {"from", "DAY", "from this day on: 2026-11-25"},
    {"to", "DAY", "up to the end of this day"},
    {NULL, NULL, NULL},
};

const struct command command_audit_who = {
    .name = "audit who",
    .words = "CLIENT",
    .summary = "Who saw or changed what of this client, when and why: a page to show or print.",
    .table = {who_options, 1, 1},
    .notes = "Looking at this list is on it the next time.",
    .run = run_who,
};
