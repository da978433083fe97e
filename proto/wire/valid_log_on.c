/* Happy path: each field within its length. Failure: the field is named; what was in it never is.
 */
#include "proto/wire/valid_log_on.h"

#include <stdbool.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"

enum { CODE_DIGITS = 6 };

static const char RULE_NAME[] = "1 to 64 bytes of UTF-8 without control characters";
static const char RULE_NAME_OR_EMPTY[] = "empty, or 1 to 64 bytes of UTF-8";
static const char RULE_PASSWORD[] = "1 to 128 bytes of UTF-8 without control characters";
static const char RULE_CODE[] = "six digits";

static int judge(struct valid_fault *fault, bool good, const char *field, const char *rule)
{
    if (good) {
        return 0;
    }
    *fault = (struct valid_fault){field, rule};
    return ERR_FIELD;
}

static bool is_name(const char *text)
{
    return valid_text(text, LIMIT_NAME_BYTES) == 0;
}

static bool is_password(const char *text)
{
    return valid_text(text, LIMIT_PASSWORD_BYTES) == 0;
}

static bool is_code(const char *text)
{
    return strlen(text) == CODE_DIGITS && strspn(text, "0123456789") == CODE_DIGITS;
}

static int valid_person(const Attune__LogOn *l, struct valid_fault *fault)
{
    int rc =
        judge(fault, l->name[0] == '\0' || is_name(l->name), "log_on.name", RULE_NAME_OR_EMPTY);
    rc = rc != 0 ? rc : judge(fault, is_password(l->password), "log_on.password", RULE_PASSWORD);
    return rc != 0 ? rc
                   : judge(fault, l->code[0] == '\0' || is_code(l->code), "log_on.code",
                           "empty, or six digits");
}

static int valid_passwords(const Attune__SetPassword *s, struct valid_fault *fault)
{
    int rc = judge(fault, is_password(s->old), "set_password.old", RULE_PASSWORD);
    return rc != 0
               ? rc
               : judge(fault, is_password(s->fresh) && strlen(s->fresh) >= LIMIT_PASSWORD_BYTES_MIN,
                       "set_password.fresh", "12 to 128 bytes of UTF-8 without control characters");
}

static int valid_add(const Attune__AddAccount *a, struct valid_fault *fault)
{
    int rc = judge(fault, is_name(a->name), "add_account.name", RULE_NAME);
    return rc != 0 ? rc
                   : judge(fault, a->therapist[0] == '\0' || is_name(a->therapist),
                           "add_account.therapist", RULE_NAME_OR_EMPTY);
}

int valid_log_on(const Attune__Request *q, struct valid_fault *fault)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_LOG_ON:
        return valid_person(q->log_on, fault);
    case ATTUNE__REQUEST__BODY_RESUME_LOG_ON:
        return judge(fault, q->resume_log_on->token.len == LIMIT_TOKEN_SIZE, "resume_log_on.token",
                     "32 bytes");
    case ATTUNE__REQUEST__BODY_LOG_OFF:
    case ATTUNE__REQUEST__BODY_PUT_LOG_ON:
        return 0;
    case ATTUNE__REQUEST__BODY_SET_PASSWORD:
        return valid_passwords(q->set_password, fault);
    case ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR:
        return judge(fault, is_password(q->begin_second_factor->password),
                     "begin_second_factor.password", RULE_PASSWORD);
    case ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR:
        return judge(fault, is_code(q->confirm_second_factor->code), "confirm_second_factor.code",
                     RULE_CODE);
    case ATTUNE__REQUEST__BODY_ADD_ACCOUNT:
        return valid_add(q->add_account, fault);
    case ATTUNE__REQUEST__BODY_RESET_PASSWORD:
        return judge(fault, is_name(q->reset_password->name), "reset_password.name", RULE_NAME);
    case ATTUNE__REQUEST__BODY_LIST_ACCOUNTS:
        return judge(fault, q->list_accounts->after[0] == '\0' || is_name(q->list_accounts->after),
                     "list_accounts.after", RULE_NAME_OR_EMPTY);
    default:
        return ERR_MESSAGE;
    }
}
