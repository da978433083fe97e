/* Happy path: two arrays side by side. Failure: an area that is none of the four is left out. */
#include "server/pg/claim_goals.h"

#include <arpa/inet.h>
#include <string.h>

#include "server/pg/store.h"

void claim_goals_take(struct claim_goals *g, struct pg_rows *rows, size_t row, int column)
{
    if (!pg_is_null(rows, row, column)) {
        g->sessions = pg_array(rows, row, column, STORE_ID);
        g->areas = pg_array(rows, row, column + 1, sizeof(int16_t));
    }
}

uint8_t claim_goals_at(const struct claim_goals *g, const uint8_t *session_id)
{
    unsigned areas = 0;
    for (size_t i = 0; i < g->sessions.count && i < g->areas.count; i++) {
        uint16_t number;
        memcpy(&number, pg_array_at(&g->areas, i), sizeof number);
        unsigned area = ntohs(number);
        if (area >= 1 && area <= STORE_AREAS &&
            memcmp(pg_array_at(&g->sessions, i), session_id, STORE_ID) == 0) {
            areas |= 1U << (area - 1);
        }
    }
    return (uint8_t)areas;
}
