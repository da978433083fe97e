/* Happy path: codes are names, dates are times, a glass is broken for a client and with a reason.
 * Failure: the first field that is wrong is named. */
#include <stdbool.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

/* 2000-01-01 and 2100-01-01, as for every time. */
static const int64_t TIME_MS_MIN = INT64_C(946684800000);
static const int64_t TIME_MS_MAX = INT64_C(4102444800000);

static const char NAME[] = "1 to 64 bytes of UTF-8 without control characters";
static const char TIME[] = "milliseconds, from the year 2000 to 2100";

static int wrong(struct valid_fault *fault, const char *field, const char *rule)
{
    *fault = (struct valid_fault){field, rule};
    return ERR_FIELD;
}

static bool is_name(const char *text)
{
    return valid_text(text, LIMIT_NAME_BYTES) == 0;
}

static bool is_time(int64_t ms)
{
    return ms >= TIME_MS_MIN && ms < TIME_MS_MAX;
}

static int valid_act(const Attune__ActFor *a, struct valid_fault *fault)
{
    bool glass = a->kind == ATTUNE__ACT_KIND__ACT_BREAK_GLASS;
    bool other =
        a->kind == ATTUNE__ACT_KIND__ACT_COVER || a->kind == ATTUNE__ACT_KIND__ACT_SUPERVISION;
    if (!glass && !other && a->kind != ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED) {
        return wrong(fault, "act_for.kind", "a value that the protocol knows");
    }
    if (other ? !is_name(a->therapist)
              : a->therapist[0] != '\0' && !(glass && is_name(a->therapist))) {
        return wrong(fault, "act_for.therapist", "a code; empty as oneself");
    }
    if (glass ? !is_name(a->client_ref) : a->client_ref[0] != '\0') {
        return wrong(fault, "act_for.client_ref", "a client, to break the glass and only then");
    }
    if (glass ? valid_text(a->reason, LIMIT_REASON_BYTES) != 0 : a->reason[0] != '\0') {
        return wrong(fault, "act_for.reason", "1 to 200 bytes, to break the glass and only then");
    }
    return 0;
}

static int valid_cover(const Attune__PutCover *c, struct valid_fault *fault)
{
    if (!is_name(c->therapist)) {
        return wrong(fault, "put_cover.therapist", NAME);
    }
    if (!is_name(c->by)) {
        return wrong(fault, "put_cover.by", NAME);
    }
    return c->until_ms == 0 || is_time(c->until_ms) ? 0 : wrong(fault, "put_cover.until_ms", TIME);
}

static int valid_supervision(const Attune__PutSupervision *s, struct valid_fault *fault)
{
    if (!is_name(s->supervisor)) {
        return wrong(fault, "put_supervision.supervisor", NAME);
    }
    bool one = is_name(s->therapist) && s->site[0] == '\0';
    bool all = s->therapist[0] == '\0' && is_name(s->site);
    if (!one && !all) {
        return wrong(fault, "put_supervision.therapist", "a therapist's code or a site, not both");
    }
    if (s->until_ms != 0 && !is_time(s->until_ms)) {
        return wrong(fault, "put_supervision.until_ms", TIME);
    }
    return (s->until_ms == 0 ? s->from_ms == 0 : is_time(s->from_ms))
               ? 0
               : wrong(fault, "put_supervision.from_ms", TIME);
}

static int valid_end(const Attune__EndCourse *e, struct valid_fault *fault)
{
    if (!is_name(e->client_ref)) {
        return wrong(fault, "end_course.client_ref", NAME);
    }
    return is_name(e->therapist) ? 0 : wrong(fault, "end_course.therapist", NAME);
}

static int valid_seen(const Attune__SeenLook *s, struct valid_fault *fault)
{
    static const uint8_t zero[LIMIT_ID_SIZE];
    bool good =
        s->look_id.len == LIMIT_ID_SIZE && memcmp(s->look_id.data, zero, LIMIT_ID_SIZE) != 0;
    return good ? 0 : wrong(fault, "seen_look.look_id", "16 bytes, not all zero");
}

int valid_rights(const Attune__Request *q, struct valid_fault *fault)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_ACT_FOR:
        return valid_act(q->act_for, fault);
    case ATTUNE__REQUEST__BODY_PUT_COVER:
        return valid_cover(q->put_cover, fault);
    case ATTUNE__REQUEST__BODY_PUT_SUPERVISION:
        return valid_supervision(q->put_supervision, fault);
    case ATTUNE__REQUEST__BODY_END_COURSE:
        return valid_end(q->end_course, fault);
    case ATTUNE__REQUEST__BODY_LIST_RIGHTS:
    case ATTUNE__REQUEST__BODY_LIST_LOOKS:
        return 0;
    case ATTUNE__REQUEST__BODY_SEEN_LOOK:
        return valid_seen(q->seen_look, fault);
    default:
        return valid_retention(q, fault);
    }
}
