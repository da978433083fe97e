/* Goal: each field of enrolment's requests is judged, each limit at N and N+1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static uint8_t bytes[LIMIT_CERTIFICATE_BYTES + 1];
static char name[] = "North 2", empty[] = "", long_name[LIMIT_NAME_BYTES + 2];

static ProtobufCBinaryData some(size_t len)
{
    return (ProtobufCBinaryData){len, bytes};
}

static const char *fault_of(Attune__Request__BodyCase body_case, void *body)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    struct valid_fault fault;
    request.seq = 1;
    request.body_case = body_case;
    request.ping = body; /* All members of the oneof are pointers in one place. */
    return valid_request(&request, &fault) == 0 ? "" : fault.field;
}

static void a_device_has_the_place_of_its_role(void **state)
{
    (void)state;
    Attune__AddDevice a = ATTUNE__ADD_DEVICE__INIT;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "add_device.role");
    a.role = ATTUNE__ROLE__ROLE_KIOSK;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "add_device.room");
    a.room = name;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "");
    a.therapist = name;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "add_device.therapist");
    a.role = ATTUNE__ROLE__ROLE_THERAPIST;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "add_device.room");
    a.room = empty;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "");
    a.role = ATTUNE__ROLE__ROLE_ADMINISTRATOR;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "add_device.therapist");
    a.therapist = empty;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "");
    memset(long_name, 'a', LIMIT_NAME_BYTES + 1);
    a.label = long_name;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "add_device.label");
    long_name[LIMIT_NAME_BYTES] = '\0';
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "");
    a.role = (Attune__Role)4;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_DEVICE, &a), "add_device.role");
}

static void an_enrolment_has_a_secret_a_request_and_a_role(void **state)
{
    (void)state;
    Attune__Enrol e = ATTUNE__ENROL__INIT;
    for (size_t len = 0; len < 20; len++) {
        e.secret = some(len);
        e.request = some(1);
        assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ENROL, &e),
                            len == 16 ? "" : "enrol.secret");
    }
    e.secret = some(16);
    e.request = some(0);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ENROL, &e), "enrol.request");
    e.request = some(LIMIT_REQUEST_BYTES);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ENROL, &e), "");
    e.request = some(LIMIT_REQUEST_BYTES + 1);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ENROL, &e), "enrol.request");
    e.request = some(1);
    e.role = (Attune__Role)4;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ENROL, &e), "enrol.role");
}

static void a_renewal_has_its_limits(void **state)
{
    (void)state;
    Attune__RenewExpired r = ATTUNE__RENEW_EXPIRED__INIT;
    Attune__RenewCertificate live = ATTUNE__RENEW_CERTIFICATE__INIT;
    Attune__ListDevices list = ATTUNE__LIST_DEVICES__INIT;
    Attune__ForgetCode forget = ATTUNE__FORGET_CODE__INIT;
    r.request = r.proof = some(1);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_RENEW_EXPIRED, &r),
                        "renew_expired.certificate");
    r.certificate = some(LIMIT_CERTIFICATE_BYTES + 1);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_RENEW_EXPIRED, &r),
                        "renew_expired.certificate");
    r.certificate = some(LIMIT_CERTIFICATE_BYTES);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_RENEW_EXPIRED, &r), "");
    r.proof = some(LIMIT_PROOF_BYTES + 1);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_RENEW_EXPIRED, &r), "renew_expired.proof");
    r.proof = some(1);
    r.request = some(0);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_RENEW_EXPIRED, &r), "renew_expired.request");
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_RENEW_CERTIFICATE, &live),
                        "renew_certificate.request");
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_FORGET_CODE, &forget), "forget_code.label");
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_LIST_DEVICES, &list), "");
    memset(long_name, 'a', LIMIT_NAME_BYTES + 1);
    list.after = long_name;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_LIST_DEVICES, &list), "list_devices.after");
}

static void a_greeting_names_its_authorities_or_none(void **state)
{
    (void)state;
    Attune__Hello h = ATTUNE__HELLO__INIT;
    h.software = h.version = name;
    for (size_t len = 0; len < 12; len++) {
        h.authority_id = some(len);
        assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_HELLO, &h),
                            len == 0 || len == LIMIT_AUTHORITY_ID ? "" : "hello.authority_id");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_has_the_place_of_its_role),
        cmocka_unit_test(an_enrolment_has_a_secret_a_request_and_a_role),
        cmocka_unit_test(a_renewal_has_its_limits),
        cmocka_unit_test(a_greeting_names_its_authorities_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
