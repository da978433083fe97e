/* Happy path: a client is named, times are in order, a place to go on from is of the length that
 * the server made it. Failure: the first field that is wrong is named. */
#include <stdbool.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static int wrong(struct valid_fault *fault, const char *field, const char *rule)
{
    *fault = (struct valid_fault){field, rule};
    return ERR_FIELD;
}

static bool is_time_or_zero(int64_t ms)
{
    return ms == 0 ||
           (ms >= INT64_C(946684800000) && ms < INT64_C(4102444800000)); /* 2000 to 2100. */
}

static int valid_who(const Attune__WhoSaw *w, struct valid_fault *fault)
{
    if (valid_text(w->client_ref, LIMIT_NAME_BYTES) != 0) {
        return wrong(fault, "who_saw.client_ref",
                     "1 to 64 bytes of UTF-8 without control characters");
    }
    if (!is_time_or_zero(w->from_ms) || !is_time_or_zero(w->to_ms) ||
        (w->to_ms != 0 && w->to_ms <= w->from_ms)) {
        return wrong(fault, "who_saw.to_ms", "after from_ms, or 0");
    }
    return w->before.len == 0 || w->before.len == LIMIT_AUDIT_PLACE
               ? 0
               : wrong(fault, "who_saw.before", "WhoSawList.next, or empty");
}

int valid_audit(const Attune__Request *request, struct valid_fault *ret_fault)
{
    if (request->body_case == ATTUNE__REQUEST__BODY_WHO_SAW) {
        return valid_who(request->who_saw, ret_fault);
    }
    if (request->body_case != ATTUNE__REQUEST__BODY_VERIFY_AUDIT) {
        return ERR_MESSAGE;
    }
    size_t len = request->verify_audit->after.len;
    return len == 0 || len == LIMIT_AUDIT_ROW_PLACE || len == LIMIT_AUDIT_HEAD_PLACE ||
                   len == LIMIT_AUDIT_CERTIFICATE_PLACE
               ? 0
               : wrong(ret_fault, "verify_audit.after", "AuditVerified.next, or empty");
}
