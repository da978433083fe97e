/* The requests of enrol.proto: see valid.h. */
#include "proto/wire/enrol_code.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static const char RULE_NAME[] = "1 to 64 bytes of UTF-8 without control characters";
static const char RULE_REQUEST[] = "1 to 1024 bytes";

static int wrong(struct valid_fault *fault, const char *field, const char *rule)
{
    *fault = (struct valid_fault){field, rule};
    return ERR_FIELD;
}

static bool is_name(const char *text)
{
    return valid_text(text, LIMIT_NAME_BYTES) == 0;
}

static bool is_within(ProtobufCBinaryData bytes, size_t most)
{
    return bytes.len > 0 && bytes.len <= most;
}

static int valid_add(const Attune__AddDevice *a, struct valid_fault *fault)
{
    bool kiosk = a->role == ATTUNE__ROLE__ROLE_KIOSK;
    bool therapist = a->role == ATTUNE__ROLE__ROLE_THERAPIST;
    if (!kiosk && !therapist && a->role != ATTUNE__ROLE__ROLE_ADMINISTRATOR) {
        return wrong(fault, "add_device.role", "a value that the protocol knows");
    }
    if (kiosk ? !is_name(a->room) : a->room[0] != '\0') {
        return wrong(fault, "add_device.room", "a kiosk's, and nobody else's");
    }
    if (therapist ? !is_name(a->therapist) : a->therapist[0] != '\0') {
        return wrong(fault, "add_device.therapist", "a therapist's device's, and nobody else's");
    }
    return a->label[0] == '\0' || is_name(a->label) ? 0
                                                    : wrong(fault, "add_device.label", RULE_NAME);
}

static int valid_enrolment(const Attune__Enrol *e, struct valid_fault *fault)
{
    if (e->secret.len != ENROL_SECRET) {
        return wrong(fault, "enrol.secret", "16 bytes");
    }
    if (!is_within(e->request, LIMIT_REQUEST_BYTES)) {
        return wrong(fault, "enrol.request", RULE_REQUEST);
    }
    return e->role >= ATTUNE__ROLE__ROLE_UNSPECIFIED && e->role <= ATTUNE__ROLE__ROLE_ADMINISTRATOR
               ? 0
               : wrong(fault, "enrol.role", "a value that the protocol knows");
}

static int valid_expired(const Attune__RenewExpired *r, struct valid_fault *fault)
{
    if (!is_within(r->certificate, LIMIT_CERTIFICATE_BYTES)) {
        return wrong(fault, "renew_expired.certificate", "1 to 2048 bytes");
    }
    if (!is_within(r->request, LIMIT_REQUEST_BYTES)) {
        return wrong(fault, "renew_expired.request", RULE_REQUEST);
    }
    return is_within(r->proof, LIMIT_PROOF_BYTES)
               ? 0
               : wrong(fault, "renew_expired.proof", "1 to 128 bytes");
}

int valid_enrol(const Attune__Request *q, struct valid_fault *fault)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_ADD_DEVICE:
        return valid_add(q->add_device, fault);
    case ATTUNE__REQUEST__BODY_LIST_DEVICES:
        return q->list_devices->after[0] == '\0' || is_name(q->list_devices->after)
                   ? 0
                   : wrong(fault, "list_devices.after", RULE_NAME);
    case ATTUNE__REQUEST__BODY_FORGET_CODE:
        return is_name(q->forget_code->label) ? 0 : wrong(fault, "forget_code.label", RULE_NAME);
    case ATTUNE__REQUEST__BODY_RENEW_CERTIFICATE:
        return is_within(q->renew_certificate->request, LIMIT_REQUEST_BYTES)
                   ? 0
                   : wrong(fault, "renew_certificate.request", RULE_REQUEST);
    case ATTUNE__REQUEST__BODY_ENROL:
        return valid_enrolment(q->enrol, fault);
    case ATTUNE__REQUEST__BODY_RENEW_EXPIRED:
        return valid_expired(q->renew_expired, fault);
    case ATTUNE__REQUEST__BODY_GET_AUTHORITY:
        return 0;
    default:
        return ERR_MESSAGE;
    }
}
