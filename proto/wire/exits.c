/* Happy path: 0.
 * Failure: by the hundreds of the err codes, with the exceptions named. */
#include "proto/wire/exits.h"

#include "proto/wire/err.h"

enum exits exits_of(int rc)
{
    switch (rc) {
    case 0:
        return EXITS_OK;
    case ERR_BUSY:
    case ERR_CLOSING:
    case ERR_DATABASE:
    case ERR_TIMEOUT:
    case ERR_UNREACHABLE:
    case ERR_CLOSED:
    case ERR_SILENT:
    case ERR_TLS:
    case ERR_ISSUER:
        return EXITS_UNREACHABLE;
    case ERR_CERTIFICATE:
    case ERR_DEVICE_UNKNOWN:
    case ERR_DEVICE_REVOKED:
    case ERR_CERTIFICATE_REVOKED:
    case ERR_PERSON_REVOKED:
    case ERR_ROLE:
    case ERR_LOG_ON_FIRST:
    case ERR_LOG_ON_WRONG:
    case ERR_LOG_ON_CODE:
    case ERR_LOG_ON_WAIT:
    case ERR_PASSWORD_FIRST:
    case ERR_FACTOR_FIRST:
    case ERR_CODE_REFUSED:
    case ERR_CODE_ROLE:
    case ERR_RENEW_REFUSED:
    case ERR_AUTHORITY:
    case ERR_ENROL_LATER:
    case ERR_READ_ONLY:
    case ERR_RIGHT_NONE:
    case ERR_RIGHT_ENDED:
        return EXITS_NOT_ALLOWED;
    case ERR_CONFIG:
        return EXITS_CONFIGURATION;
    default:
        return EXITS_FAILED;
    }
}
