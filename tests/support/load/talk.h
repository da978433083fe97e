/* talk.h - the few requests that the load generator says, packed onto a line. */
#pragma once

#include "proto/wire/codec.h"
#include "proto/wire/limits.h"
#include "tests/support/load/line.h"

void talk_hello(struct line *l, uint64_t seq, const char *software);
void talk_ping(struct line *l, uint64_t seq);
void talk_watch(struct line *l, uint64_t seq);
/* `submit` is a packed SubmitRating, sent as it lies in a spool. */
void talk_submit(struct line *l, uint64_t seq, const uint8_t *submit, size_t len);
void talk_received(struct line *l, uint64_t seq, uint8_t (*ids)[LIMIT_ID_SIZE], uint32_t count);
