/* Property: whatever is accepted packs again into what is accepted again, and then into the same
 * bytes; the arena is never exceeded; what the pass over the tags refuses is never unpacked; a
 * request that is valid is valid after the round as well. The first byte says whose message it is.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/codec.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "proto/wire/valid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each too big for the stack. */
static struct codec_arena first, second;

static void check_verdict(int rc)
{
    must(rc == 0 || rc == ERR_MESSAGE || rc == ERR_MESSAGE_TAGS || rc == ERR_MESSAGE_MEMORY);
}

static uint8_t *pack(const ProtobufCMessage *message, size_t *ret_len)
{
    *ret_len = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(*ret_len > 0 ? *ret_len : 1);
    must(bytes != NULL);
    must(protobuf_c_message_pack(message, bytes) == *ret_len);
    return bytes;
}

static bool judge(const ProtobufCMessage *message)
{
    struct valid_fault fault = {NULL, NULL};
    int rc = 0;
    if (message->descriptor == &attune__request__descriptor) {
        rc = valid_request((const Attune__Request *)(const void *)message, &fault);
    } else if (message->descriptor == &attune__rating__descriptor) {
        rc = valid_rating((const Attune__Rating *)(const void *)message, &fault);
    }
    must(rc == 0 || rc == ERR_FIELD || rc == ERR_MESSAGE);
    must(rc != ERR_FIELD || (fault.field[0] != '\0' && fault.rule[0] != '\0'));
    return rc == 0;
}

/* An unknown field that is accepted comes back longer when its tag was written in more bytes than
 * needed, so the packed size itself proves nothing; the second round must be a fixed point. */
static void round_trip(const ProtobufCMessageDescriptor *type, const ProtobufCMessage *message)
{
    const ProtobufCMessage *again;
    size_t len, len_again;
    bool good = judge(message);
    uint8_t *bytes = pack(message, &len);
    must(codec_unpack(&second, type, bytes, len, &again) == 0);
    must(judge(again) == good);
    uint8_t *bytes_again = pack(again, &len_again);
    must(len == len_again && memcmp(bytes, bytes_again, len) == 0);
    free(bytes);
    free(bytes_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ProtobufCMessageDescriptor *const types[] = {&attune__request__descriptor,
                                                              &attune__server_frame__descriptor,
                                                              &attune__rating__descriptor};
    if (size == 0 || size > LIMIT_FRAME_BODY + 1) {
        return 0;
    }
    const ProtobufCMessageDescriptor *type = types[data[0] % 3];
    const ProtobufCMessage *message = NULL;
    codec_arena_init(&first);
    codec_arena_init(&second);
    int check = codec_check(type, data + 1, size - 1);
    int rc = codec_unpack(&first, type, data + 1, size - 1, &message);
    check_verdict(check);
    check_verdict(rc);
    must(check == 0 || (rc == check && first.used == 0));
    must(first.used <= sizeof first.room);
    must((rc == 0) == (message != NULL));
    if (rc == 0) {
        round_trip(type, message);
    }
    return 0;
}
