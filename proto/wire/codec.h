/* codec.h - from a frame's bytes to a message and back. Pure.
 *
 * Strangers' bytes are looked over before protobuf-c sees them: one pass over the
 * tags by the message's descriptor, all levels, refuses groups, field numbers
 * above 2^29-1, a singular field given twice, two members of one oneof, more
 * than 256 tags (2,048 in a server's frame, whose lists are long), more than 8
 * unknown fields, lengths that overrun, a wire type that does not fit the field,
 * NUL within a text. Then unpacking goes through an arena with a fixed budget, so
 * the memory that a message can take is known whatever it says. Values are not
 * judged here: that is valid.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "envelope.pb-c.h"

/* Memory for one unpacked message at a time. One a loop; not a stack object. */
struct codec_arena {
    ProtobufCAllocator allocator;
    size_t used;
    int exceeded;
    _Alignas(16) uint8_t room[256 * 1024]; /* LIMIT_UNPACK_BYTES. */
};

void codec_arena_init(struct codec_arena *a);

/* The pass over the tags alone. Returns 0, ERR_MESSAGE or ERR_MESSAGE_TAGS. Time is linear in
 * `len`; no allocation. */
int codec_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t len);

/* Check, then unpack into the arena, whose earlier message is gone. The result is borrowed: valid
 * until the arena is used again. Returns 0, ERR_MESSAGE, ERR_MESSAGE_TAGS or ERR_MESSAGE_MEMORY. */
int codec_unpack(struct codec_arena *a, const ProtobufCMessageDescriptor *type,
                 const uint8_t *bytes, size_t len, const ProtobufCMessage **ret_message);

/* Overwrite what the last message left in the arena: it said something in confidence. */
void codec_arena_wipe(struct codec_arena *a);

/* The two that connections carry, by name. */
int codec_request(struct codec_arena *a, const uint8_t *bytes, size_t len,
                  const Attune__Request **ret_request);
int codec_server_frame(struct codec_arena *a, const uint8_t *bytes, size_t len,
                       const Attune__ServerFrame **ret_frame);

/* Bytes that the message takes as a frame: prefix and body. */
size_t codec_frame_size(const ProtobufCMessage *message);

/* Write prefix and body to `room`, which has codec_frame_size bytes. */
void codec_frame_pack(const ProtobufCMessage *message, uint8_t *room);
