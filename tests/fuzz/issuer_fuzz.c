/* Property: whatever the bytes, as a question to the issuer they are refused with one code and the
 * wish is untouched, or they are a wish within its bounds that makes the same question again. */
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/valid.h"
#include "server/gateway/issuer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_wish(const struct issuer_wish *wish, const char *label, const uint8_t *data,
                       size_t size)
{
    uint8_t again[ISSUER_QUESTION_MAX];
    must(wish->label == label && valid_text(label, LIMIT_NAME_BYTES) == 0);
    must(wish->practice_id > 0 && wish->role == data[0]);
    must(wish->request_len > 0 && wish->request_len <= LIMIT_REQUEST_BYTES);
    must(wish->request + wish->request_len == data + size);
    size_t len = issuer_question(wish, again);
    must(len == 4 + size && memcmp(again + 4, data, size) == 0);
    must(((size_t)again[0] << 24 | (size_t)again[1] << 16 | (size_t)again[2] << 8 | again[3]) ==
         size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct issuer_wish none = {.role = 0x5a};
    struct issuer_wish wish = none;
    char label[LIMIT_NAME_BYTES + 1];
    int rc = issuer_read_question(data, size, &wish, label);
    if (rc == 0) {
        check_wish(&wish, label, data, size);
    } else {
        must(rc == ERR_MESSAGE && wish.role == none.role && wish.label == NULL);
    }
    return 0;
}
