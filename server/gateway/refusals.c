/* Happy path: the same again is counted. Failure: no place is left: counted for everybody together.
 */
#include "server/gateway/refusals.h"

#include <stdio.h>
#include <string.h>

static const char OTHERS[] = "others";

bool refusals_is_one(unsigned code)
{
    static const unsigned others[] = {301, 303, 304, 306, 309, 310, 313, 315,
                                      317, 322, 330, 332, 345, 409, 410};
    /* Silence, the same device again, and a question. */
    static const unsigned not [] = {123, 204, 212};
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++) {
        if (code == not [i]) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (code == others[i]) {
            return true;
        }
    }
    return code >= 100 && code < 300;
}

static bool is_of(const struct refusal *one, int64_t practice_id, const char *actor, unsigned code)
{
    return one->practice_id == practice_id && one->code == code &&
           strncmp(one->actor, actor, REFUSALS_ACTOR - 1) == 0;
}

void refusals_note(struct refusals *r, int64_t practice_id, const char *actor, unsigned code,
                   uint32_t count)
{
    size_t at = 0;
    while (at < r->count && !is_of(&r->list[at], practice_id, actor, code)) {
        at++;
    }
    if (at == r->count && r->count == REFUSALS_MAX) {
        at = REFUSALS_MAX - 1;
        r->list[at].practice_id = 0;
        r->list[at].code = 0;
        memcpy(r->list[at].actor, OTHERS, sizeof OTHERS);
    } else if (at == r->count) {
        r->list[at] = (struct refusal){.practice_id = practice_id, .code = code};
        (void)snprintf(r->list[at].actor, REFUSALS_ACTOR, "%s", actor); /* Cut is fine. */
        r->count++;
    }
    r->list[at].count += count;
}
