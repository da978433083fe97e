/* Happy path: a site or a client is named, a number lies within its bounds, a day is a day.
 * Failure: the first field that is wrong is named. */
#include <stdbool.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

enum { WORD_LEN = 12, YEAR_MAX = 9999 };

static int wrong(struct valid_fault *fault, const char *field, const char *rule)
{
    *fault = (struct valid_fault){field, rule};
    return ERR_FIELD;
}

static bool is_name(const char *text)
{
    return valid_text(text, LIMIT_NAME_BYTES) == 0;
}

static int number(const char *digits, size_t count)
{
    int n = 0;
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return -1;
        }
        n = n * 10 + (digits[i] - '0');
    }
    return n;
}

/* "2027-12-31", of the years 2000 to 2099. */
static bool is_day(const char *text)
{
    static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') {
        return false;
    }
    int year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    if (year < 2000 || year > 2099 || month < 1 || month > 12) {
        return false;
    }
    return day >= 1 && day <= days[month] + (month == 2 && year % 4 == 0);
}

static int valid_put(const Attune__PutRetention *p, struct valid_fault *fault)
{
    bool known = p->night >= ATTUNE__NIGHT__NIGHT_AS_IT_WAS && p->night <= ATTUNE__NIGHT__NIGHT_ON;
    if (p->site[0] != '\0' && !is_name(p->site)) {
        return wrong(fault, "put_retention.site", "1 to 64 bytes of UTF-8, or empty");
    }
    if (p->years > LIMIT_RETENTION_YEARS) {
        return wrong(fault, "put_retention.years", "0 to 100");
    }
    return known ? 0 : wrong(fault, "put_retention.night", "a value that the protocol knows");
}

static int valid_hold(const Attune__PutHold *h, struct valid_fault *fault)
{
    if (!is_name(h->client_ref)) {
        return wrong(fault, "put_hold.client_ref", "1 to 64 bytes of UTF-8");
    }
    if (h->until[0] != '\0' && (h->release || !is_day(h->until))) {
        return wrong(fault, "put_hold.until", "a day, 2027-12-31; empty: until released");
    }
    bool said = valid_text(h->because, LIMIT_WORDS_BYTES) == 0;
    if (h->release ? h->because[0] != '\0' : !said) {
        return wrong(fault, "put_hold.because", "1 to 200 bytes of UTF-8; empty with `release`");
    }
    return 0;
}

static bool is_place(const Attune__RetentionPlace *place)
{
    return place == NULL || (is_name(place->site) && place->year <= YEAR_MAX);
}

static bool is_word(const char *word)
{
    return strlen(word) == WORD_LEN && strspn(word, "0123456789abcdef") == WORD_LEN;
}

static int valid_erase(const Attune__EraseClient *e, struct valid_fault *fault)
{
    bool known = e->numbers == ATTUNE__NUMBERS__NUMBERS_KEEP ||
                 e->numbers == ATTUNE__NUMBERS__NUMBERS_DESTROY;
    if (!is_name(e->client_ref)) {
        return wrong(fault, "erase_client.client_ref", "1 to 64 bytes of UTF-8");
    }
    if (!known) {
        return wrong(fault, "erase_client.numbers", "a value that the protocol knows");
    }
    return e->word[0] == '\0' || is_word(e->word)
               ? 0
               : wrong(fault, "erase_client.word", "12 digits of the answer before; empty to look");
}

int valid_retention(const Attune__Request *q, struct valid_fault *fault)
{
    static const uint8_t zero[LIMIT_ID_SIZE];
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_PUT_RETENTION:
        return valid_put(q->put_retention, fault);
    case ATTUNE__REQUEST__BODY_PUT_HOLD:
        return valid_hold(q->put_hold, fault);
    case ATTUNE__REQUEST__BODY_COPY_CLIENT:
        return is_name(q->copy_client->client_ref)
                   ? 0
                   : wrong(fault, "copy_client.client_ref", "1 to 64 bytes of UTF-8");
    case ATTUNE__REQUEST__BODY_PLAN_RETENTION:
        if (q->plan_retention->plan_id.len != LIMIT_ID_SIZE ||
            memcmp(q->plan_retention->plan_id.data, zero, LIMIT_ID_SIZE) == 0) {
            return wrong(fault, "plan_retention.plan_id", "16 bytes, not all zero");
        }
        return is_place(q->plan_retention->after)
                   ? 0
                   : wrong(fault, "plan_retention.after", "a site and a year");
    case ATTUNE__REQUEST__BODY_RUN_RETENTION:
        if (!is_word(q->run_retention->word)) {
            return wrong(fault, "run_retention.word", "12 digits of the dry run's");
        }
        return is_place(q->run_retention->after)
                   ? 0
                   : wrong(fault, "run_retention.after", "a site and a year");
    case ATTUNE__REQUEST__BODY_ERASE_CLIENT:
        return valid_erase(q->erase_client, fault);
    default:
        return ERR_MESSAGE;
    }
}
