/* Happy path: a sheet's rows, of each the figures that are there. Failure: the file's. */
#include "server/aggregator/study/sheet_json.h"

#include <jansson.h>
#include <math.h>

#include "proto/wire/must.h"

#define INTERVAL_95 1.959964

static json_t *figure_json(const struct sheet *s, size_t row, size_t column)
{
    const struct figure *f = &s->figures[row][column];
    json_t *j =
        json_pack("{s:s, s:f, s:f, s:f}", "name", s->column_names[column], "value", f->value, "low",
                  f->value - INTERVAL_95 * f->error, "high", f->value + INTERVAL_95 * f->error);
    must(j != NULL);
    if (f->beside != BESIDE_NOTHING && !isnan(f->other)) {
        int rc = json_object_set_new(j, f->beside == BESIDE_PAGE ? "published" : "goal",
                                     json_real(f->other));
        rc |= json_object_set_new(j, "verdict", json_string(sheet_verdict(s, f)));
        must(rc == 0);
    }
    return j;
}

static json_t *row_json(const struct sheet *s, size_t row)
{
    json_t *figures = json_array();
    for (size_t column = 0; column < s->columns; column++) {
        if (s->figures[row][column].is_there) {
            int rc = json_array_append_new(figures, figure_json(s, row, column));
            must(rc == 0);
        }
    }
    return json_pack("{s:s, s:o}", "name", s->row_names[row], "figures", figures);
}

static json_t *sheet_json(const struct sheet *s)
{
    json_t *rows = json_array();
    for (size_t row = 0; row < s->rows; row++) {
        int rc = json_array_append_new(rows, row_json(s, row));
        must(rc == 0);
    }
    return json_pack("{s:s, s:I, s:o}", "title", s->title, "clients", (json_int_t)s->clients,
                     "rows", rows);
}

int sheet_json_print(const struct sheet *sheets, size_t count, FILE *to)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        int rc = json_array_append_new(array, sheet_json(&sheets[i]));
        must(rc == 0);
    }
    json_t *all = json_pack("{s:o}", "sheets", array);
    must(all != NULL);
    int rc = json_dumpf(all, to, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    json_decref(all);
    return rc != 0 || fputc('\n', to) == EOF || fflush(to) != 0 ? -1 : 0;
}
