/* Property: however the bytes are cut, the verdict never changes back: once it is not "more", more
 * bytes do not change it into "more"; a request that is too long is never waited for; a path is set
 * exactly when there is a GET. */
#include <stdint.h>

#include "proto/wire/must.h"
#include "server/base/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http_verdict judge(const uint8_t *data, size_t len)
{
    const enum http_path none = (enum http_path)(HTTP_NOT_FOUND + 1);
    enum http_path path = none;
    enum http_verdict verdict = http_judge((const char *)data, len, &path);
    must(verdict <= HTTP_TOO_LONG);
    must((verdict == HTTP_GET) == (path != none));
    must(verdict != HTTP_MORE || len < HTTP_REQUEST_MAX);
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { CUTS_MAX = 256 };
    enum http_verdict whole = judge(data, size), last = HTTP_MORE;
    size_t from = size > CUTS_MAX ? size - CUTS_MAX : 0;
    for (size_t len = from; len <= size; len++) {
        enum http_verdict verdict = judge(data, len);
        must(verdict != HTTP_MORE || last == HTTP_MORE);
        last = verdict;
    }
    must(last == whole);
    return 0;
}
