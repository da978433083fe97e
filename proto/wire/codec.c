/* Happy path: the bytes are walked once by the message's own descriptor, then unpacked into the
 * arena. Failure: the walk refuses what protobuf-c would take and suffer from: repeated singular
 * fields, which it merges in quadratic time, groups, huge field numbers, endless tags; the arena
 * refuses what would unpack to too much. */
#include "proto/wire/codec.h"

#include <stdbool.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/frame.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };
enum { FIELDS_MAX = 64, VARINT_BYTES = 10 };

/* ---- the pass over the tags ------------------------------------------------------------------ */

struct walk {
    unsigned tags_max, tags, unknown, depth;
};

struct span {
    const uint8_t *at, *end;
};

static int take_varint(struct span *s, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < VARINT_BYTES && s->at < s->end; i++) {
        uint8_t byte = *s->at++;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            if (i == VARINT_BYTES - 1 && byte > 1) {
                return ERR_MESSAGE; /* More than 64 bits. */
            }
            *ret_value = value;
            return 0;
        }
    }
    return ERR_MESSAGE;
}

/* A field's content: past it, and for WIRE_BYTES where it lies. */
static int take_content(struct span *s, unsigned wire, struct span *ret_content)
{
    uint64_t value = 0;
    size_t left;
    switch (wire) {
    case WIRE_VARINT:
        return take_varint(s, &value);
    case WIRE_64:
        value = 8;
        break;
    case WIRE_32:
        value = 4;
        break;
    case WIRE_BYTES: {
        int rc = take_varint(s, &value);
        if (rc != 0) {
            return rc;
        }
        break;
    }
    default:
        return ERR_MESSAGE; /* Groups, and numbers that mean nothing. */
    }
    left = (size_t)(s->end - s->at);
    if (value > left) {
        return ERR_MESSAGE;
    }
    *ret_content = (struct span){s->at, s->at + value};
    s->at += value;
    return 0;
}

static bool wire_fits(const ProtobufCFieldDescriptor *field, unsigned wire)
{
    bool packable = field->label == PROTOBUF_C_LABEL_REPEATED;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return wire == WIRE_BYTES;
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return wire == WIRE_64 || (packable && wire == WIRE_BYTES);
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return wire == WIRE_32 || (packable && wire == WIRE_BYTES);
    default:
        return wire == WIRE_VARINT || (packable && wire == WIRE_BYTES);
    }
}

static int walk_message(struct walk *w, const ProtobufCMessageDescriptor *type, struct span s);

static unsigned index_of(const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *field)
{
    return (unsigned)(field - type->fields);
}

/* A singular field comes once, and of a oneof one member: each of them is known by the bit of the
 * first. */
static uint64_t bit_of(const ProtobufCMessageDescriptor *type,
                       const ProtobufCFieldDescriptor *field)
{
    unsigned at = index_of(type, field);
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return 0;
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        for (at = 0; (type->fields[at].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
                     type->fields[at].quantifier_offset != field->quantifier_offset;
             at++) {
        }
    }
    must(at < FIELDS_MAX);
    return UINT64_C(1) << at;
}

static int walk_field(struct walk *w, const ProtobufCMessageDescriptor *type,
                      const ProtobufCFieldDescriptor *field, unsigned wire, struct span content,
                      uint64_t *seen)
{
    if (!wire_fits(field, wire)) {
        return ERR_MESSAGE;
    }
    if (field->type == PROTOBUF_C_TYPE_STRING &&
        memchr(content.at, '\0', (size_t)(content.end - content.at)) != NULL) {
        return ERR_MESSAGE; /* protobuf-c would cut the text there, in silence. */
    }
    uint64_t bit = bit_of(type, field);
    if (*seen & bit) {
        return ERR_MESSAGE_TAGS;
    }
    *seen |= bit;
    return field->type == PROTOBUF_C_TYPE_MESSAGE ? walk_message(w, field->descriptor, content) : 0;
}

static int walk_tag(struct walk *w, const ProtobufCMessageDescriptor *type, struct span *s,
                    uint64_t *seen)
{
    uint64_t tag = 0;
    int rc = take_varint(s, &tag);
    if (rc != 0) {
        return rc;
    }
    if (++w->tags > w->tags_max) {
        return ERR_MESSAGE_TAGS;
    }
    uint64_t number = tag >> 3;
    if (number == 0 || number > LIMIT_FIELD_NUMBER) {
        return ERR_MESSAGE;
    }
    struct span content = {NULL, NULL};
    rc = take_content(s, (unsigned)(tag & 7), &content);
    if (rc != 0) {
        return rc;
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(type, (unsigned)number);
    if (field == NULL) {
        return ++w->unknown > LIMIT_MESSAGE_UNKNOWN ? ERR_MESSAGE_TAGS : 0;
    }
    return walk_field(w, type, field, (unsigned)(tag & 7), content, seen);
}

/* Bounded: our messages do not recurse, and the depth is counted all the same. */
static int walk_message(struct walk *w, const ProtobufCMessageDescriptor *type, struct span s)
{
    uint64_t seen = 0;
    if (++w->depth > LIMIT_MESSAGE_DEPTH) {
        return ERR_MESSAGE;
    }
    while (s.at < s.end) {
        int rc = walk_tag(w, type, &s, &seen);
        if (rc != 0) {
            return rc;
        }
    }
    w->depth--;
    return 0;
}

int codec_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t len)
{
    bool answer = type == &attune__server_frame__descriptor;
    struct walk w = {.tags_max = answer ? LIMIT_ANSWER_TAGS : LIMIT_MESSAGE_TAGS};
    return walk_message(&w, type, (struct span){bytes, bytes + len});
}

/* ---- the arena ------------------------------------------------------------------------------- */

static void *arena_alloc(void *data, size_t size)
{
    struct codec_arena *a = data;
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded < size || rounded > sizeof a->room - a->used) {
        a->exceeded = 1;
        return NULL;
    }
    void *at = a->room + a->used;
    a->used += rounded;
    return at;
}

static void arena_free(void *data, void *at)
{
    (void)data;
    (void)at; /* All of it goes with the next message. */
}

void codec_arena_init(struct codec_arena *a)
{
    _Static_assert(sizeof a->room == LIMIT_UNPACK_BYTES, "the budget is the room");
    a->allocator = (ProtobufCAllocator){arena_alloc, arena_free, a};
    a->used = 0;
    a->exceeded = 0;
}

void codec_arena_wipe(struct codec_arena *a)
{
    explicit_bzero(a->room, a->used);
}

int codec_unpack(struct codec_arena *a, const ProtobufCMessageDescriptor *type,
                 const uint8_t *bytes, size_t len, const ProtobufCMessage **ret_message)
{
    int rc = codec_check(type, bytes, len);
    if (rc != 0) {
        return rc;
    }
    a->used = 0;
    a->exceeded = 0;
    const ProtobufCMessage *message = protobuf_c_message_unpack(type, &a->allocator, len, bytes);
    if (message == NULL) {
        return a->exceeded ? ERR_MESSAGE_MEMORY : ERR_MESSAGE;
    }
    *ret_message = message;
    return 0;
}

int codec_request(struct codec_arena *a, const uint8_t *bytes, size_t len,
                  const Attune__Request **ret_request)
{
    const ProtobufCMessage *message;
    int rc = codec_unpack(a, &attune__request__descriptor, bytes, len, &message);
    if (rc == 0) {
        *ret_request = (const Attune__Request *)(const void *)message;
    }
    return rc;
}

int codec_server_frame(struct codec_arena *a, const uint8_t *bytes, size_t len,
                       const Attune__ServerFrame **ret_frame)
{
    const ProtobufCMessage *message;
    int rc = codec_unpack(a, &attune__server_frame__descriptor, bytes, len, &message);
    if (rc == 0) {
        *ret_frame = (const Attune__ServerFrame *)(const void *)message;
    }
    return rc;
}

/* ---- out ------------------------------------------------------------------------------------- */

size_t codec_frame_size(const ProtobufCMessage *message)
{
    return FRAME_HEAD + protobuf_c_message_get_packed_size(message);
}

void codec_frame_pack(const ProtobufCMessage *message, uint8_t *room)
{
    size_t len = protobuf_c_message_pack(message, room + FRAME_HEAD);
    frame_head(room, len);
}
