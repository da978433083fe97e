/* Happy path: one walk to see that all is known, a second one that puts names and words in place.
 * Failure: what is not known is gathered for a question to the keys database; words that are not
 * this row's, or do not open, are left out. */
#include "server/gateway/name_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"
#include "server/gateway/free_text.h"

struct opened_words {
    struct opened_words *next;
    size_t size;
    char text[];
};

/* protobuf-c knows where a field stands as a number of bytes. */
static void *at(const void *message, unsigned offset)
{
    return (uint8_t *)(uintptr_t)message + offset;
}

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *m, const char *name)
{
    must(m != NULL);
    return protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
}

bool name_fields_lists_clients(Attune__PracticeKind kind)
{
    return kind == ATTUNE__PRACTICE_KIND__PRACTICE_CLIENTS ||
           kind == ATTUNE__PRACTICE_KIND__PRACTICE_HOLDS;
}

char **name_fields_of_request(const Attune__Request *q)
{
    const ProtobufCFieldDescriptor *body = protobuf_c_message_descriptor_get_field(
        &attune__request__descriptor, (unsigned)q->body_case);
    const ProtobufCMessage *m = body == NULL || body->type != PROTOBUF_C_TYPE_MESSAGE
                                    ? NULL
                                    : *(ProtobufCMessage *const *)at(q, body->offset);
    const ProtobufCFieldDescriptor *name = m == NULL ? NULL : field_of(m, "client_ref");
    bool is_after = q->body_case == ATTUNE__REQUEST__BODY_LIST_CASELOAD ||
                    (q->body_case == ATTUNE__REQUEST__BODY_LIST_PRACTICE &&
                     name_fields_lists_clients(q->list_practice->kind));
    if (is_after) {
        name = field_of(m, "after"); /* The last client of the page before. */
    }
    char **text = name == NULL ? NULL : at(m, name->offset);
    return text == NULL || (*text)[0] == '\0' ? NULL : text;
}

/* ---- walking --------------------------------------------------------------------------------- */

struct place {
    const ProtobufCMessage *message;
    const ProtobufCFieldDescriptor *field;
    char **text;
};
typedef void (*place_cb)(struct name_fields *f, const struct place *p);

static void walk(struct name_fields *f, const ProtobufCMessage *m, place_cb cb);

static void walk_repeated(struct name_fields *f, const ProtobufCMessage *m,
                          const ProtobufCFieldDescriptor *field, place_cb cb)
{
    size_t count = *(const size_t *)at(m, field->quantifier_offset);
    void *array = *(void **)at(m, field->offset);
    for (size_t i = 0; i < count; i++) {
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            walk(f, ((ProtobufCMessage **)array)[i], cb);
        } else if (field->type == PROTOBUF_C_TYPE_STRING) {
            cb(f, &(struct place){m, field, &((char **)array)[i]});
        }
    }
}

static void walk_one(struct name_fields *f, const ProtobufCMessage *m,
                     const ProtobufCFieldDescriptor *field, place_cb cb)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
        *(const uint32_t *)at(m, field->quantifier_offset) != field->id) {
        return; /* Another member of its oneof is there. */
    }
    char **text = at(m, field->offset);
    if (field->type == PROTOBUF_C_TYPE_STRING && *text != NULL) {
        cb(f, &(struct place){m, field, text});
    } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        walk(f, *(ProtobufCMessage **)at(m, field->offset), cb);
    }
}

static void walk(struct name_fields *f, const ProtobufCMessage *m, place_cb cb)
{
    for (unsigned i = 0; m != NULL && i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &m->descriptor->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            walk_repeated(f, m, field, cb);
        } else {
            walk_one(f, m, field, cb);
        }
    }
}

/* ---- what stands there ----------------------------------------------------------------------- */

enum stands { STANDS_TEXT, STANDS_NAME, STANDS_WORDS };

/* The sealed text within: some lists put words in a sentence. Returns where it begins; NULL: there
 * is none. */
static const char *sealed_in(const char *text, char ret_sealed[FREE_TEXT_ROOM])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *begin = strchr(text, FREE_TEXT_MARK);
    size_t len = begin == NULL ? 0 : 1 + strspn(begin + 1, letters);
    if (len == 0 || len >= FREE_TEXT_ROOM) {
        return NULL;
    }
    memcpy(ret_sealed, begin, len);
    ret_sealed[len] = '\0';
    return begin;
}

/* Whose name, whose words. A client_ref that is no token is one from before there were any. */
static enum stands what(const struct place *p, uint8_t ret_token[CLIENT_TOKEN],
                        uint8_t ret_id[FREE_TEXT_ID])
{
    char sealed[FREE_TEXT_ROOM];
    const char *text = *p->text;
    if (sealed_in(text, sealed) != NULL) {
        return free_text_about(sealed, ret_token, ret_id) == 0 ? STANDS_WORDS : STANDS_TEXT;
    }
    bool is_name = text[0] == NAME_TOKEN_MARK || strcmp(p->field->name, "client_ref") == 0;
    text += text[0] == NAME_TOKEN_MARK;
    return is_name && client_token_read(text, ret_token) ? STANDS_NAME : STANDS_TEXT;
}

static void look(struct name_fields *f, const struct place *p)
{
    uint8_t token[CLIENT_TOKEN], id[FREE_TEXT_ID];
    if (what(p, token, id) == STANDS_TEXT ||
        client_map_find(f->map, f->practice_id, token) != NULL) {
        return;
    }
    for (size_t i = 0; i < f->missing_count; i++) {
        if (memcmp(f->missing[i], token, CLIENT_TOKEN) == 0) {
            return;
        }
    }
    must(f->missing_count < f->missing_max); /* A frame is not longer. */
    memcpy(f->missing[f->missing_count++], token, CLIENT_TOKEN);
}

/* Words of another row are not this one's, whoever put them there. */
static bool is_of(const struct place *p, const uint8_t id[FREE_TEXT_ID])
{
    if (p->message->descriptor != &attune__goal__descriptor) {
        return true;
    }
    const Attune__Goal *goal = (const Attune__Goal *)(const void *)p->message;
    return goal->goal_id.len == FREE_TEXT_ID && memcmp(goal->goal_id.data, id, FREE_TEXT_ID) == 0;
}

/* The text with its sealed part opened; left out when it does not open, or is not to. */
static char *opened(struct name_fields *f, const struct client_known *known, const char *text)
{
    char sealed[FREE_TEXT_ROOM], words[FREE_TEXT_WORDS_MAX + 1] = "";
    const char *begin = sealed_in(text, sealed);
    if (known != NULL) {
        (void)free_text_open(known->secret, sealed, words); /* "" when it does not open. */
    }
    size_t size = strlen(text) + sizeof words;
    struct opened_words *o = calloc(1, sizeof *o + size);
    must(o != NULL);
    o->next = f->opened;
    o->size = size;
    f->opened = o;
    (void)snprintf(o->text, size, "%.*s%s%s", (int)(begin - text), text, words,
                   begin + strlen(sealed));
    explicit_bzero(words, sizeof words);
    return o->text;
}

static void put(struct name_fields *f, const struct place *p)
{
    static char nothing[] = "";
    uint8_t token[CLIENT_TOKEN], id[FREE_TEXT_ID];
    enum stands stands = what(p, token, id);
    const struct client_known *known =
        stands == STANDS_TEXT ? NULL : client_map_find(f->map, f->practice_id, token);
    bool is_theirs = known != NULL && !known->is_nobody;
    if (stands == STANDS_WORDS) {
        *p->text = opened(f, is_theirs && is_of(p, id) ? known : NULL, *p->text);
    } else if (stands == STANDS_NAME) {
        *p->text = is_theirs ? (char *)(uintptr_t)known->client_ref : nothing; /* Only read. */
    } else if (strchr(*p->text, FREE_TEXT_MARK) != NULL) {
        *p->text = nothing; /* It was changed. */
    } else if ((*p->text)[0] == NAME_TOKEN_MARK) {
        (*p->text)++;
    }
}

void name_fields_init(struct name_fields *f, const struct client_map *map, int64_t practice_id,
                      uint8_t (*missing)[CLIENT_TOKEN], size_t missing_max)
{
    *f = (struct name_fields){
        .map = map, .practice_id = practice_id, .missing = missing, .missing_max = missing_max};
}

bool name_fields_known(struct name_fields *f, const ProtobufCMessage *message)
{
    f->missing_count = 0;
    walk(f, message, look);
    return f->missing_count == 0;
}

void name_fields_translate(struct name_fields *f, ProtobufCMessage *message)
{
    walk(f, message, put);
}

void name_fields_fini(struct name_fields *f)
{
    while (f->opened != NULL) {
        struct opened_words *next = f->opened->next;
        explicit_bzero(f->opened->text, f->opened->size);
        free(f->opened);
        f->opened = next;
    }
}
