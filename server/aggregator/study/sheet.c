/* Happy path: rows and columns are named, figures put in, then printed a line each.
 * Failure: none; more rows or columns than there is room for is a must. */
#include "server/aggregator/study/sheet.h"

#include <math.h>
#include <string.h>

#include "proto/wire/must.h"

/* The published figures: counted on so many clients, given to two digits. */
#define PAGE_CLIENTS 200000.0
#define PAGE_HALF_DIGIT 0.005
#define NORMAL_95 1.96

void sheet_init(struct sheet *s, uint64_t clients, const char *title)
{
    memset(s, 0, sizeof *s);
    s->clients = clients;
    (void)snprintf(s->title, sizeof s->title, "%s", title);
}

size_t sheet_add_row(struct sheet *s, const char *name)
{
    must(s->rows < SHEET_ROWS_MAX);
    (void)snprintf(s->row_names[s->rows], SHEET_NAME, "%s", name);
    return s->rows++;
}

size_t sheet_add_column(struct sheet *s, const char *name)
{
    must(s->columns < SHEET_COLUMNS_MAX);
    (void)snprintf(s->column_names[s->columns], SHEET_NAME, "%s", name);
    return s->columns++;
}

void sheet_put(struct sheet *s, size_t row, size_t column, double value, double error)
{
    must(row < s->rows && column < s->columns);
    struct figure *f = &s->figures[row][column];
    f->is_there = true;
    f->value = value;
    f->error = error;
}

static void put_beside(struct sheet *s, size_t row, size_t column, enum figure_beside beside,
                       double other)
{
    must(row < s->rows && column < s->columns);
    s->figures[row][column].beside = isnan(other) ? BESIDE_NOTHING : beside;
    s->figures[row][column].other = other;
}

void sheet_put_page(struct sheet *s, size_t row, size_t column, double page)
{
    put_beside(s, row, column, BESIDE_PAGE, page);
}

void sheet_put_goal(struct sheet *s, size_t row, size_t column, double goal)
{
    put_beside(s, row, column, BESIDE_GOAL, goal);
}

const char *sheet_verdict(const struct sheet *s, const struct figure *f)
{
    if (!f->is_there || f->beside == BESIDE_NOTHING) {
        return "";
    }
    if (f->beside == BESIDE_GOAL) {
        return f->value >= f->other ? "reached" : "missed";
    }
    double of_both = f->error * sqrt(1 + (double)s->clients / PAGE_CLIENTS);
    /* A rounding error's room, so that a figure just on the line is on it. */
    bool agrees = fabs(f->value - f->other) <= 2 * of_both + PAGE_HALF_DIGIT + 1e-12;
    return agrees ? "agrees" : "differs";
}

size_t sheet_count(const struct sheet *s, const char *verdict)
{
    size_t count = 0;
    for (size_t row = 0; row < s->rows; row++) {
        for (size_t column = 0; column < s->columns; column++) {
            count += strcmp(sheet_verdict(s, &s->figures[row][column]), verdict) == 0;
        }
    }
    return count;
}

static void print_figure(const struct sheet *s, size_t row, size_t column, FILE *to)
{
    const struct figure *f = &s->figures[row][column];
    double half = NORMAL_95 * f->error;
    fprintf(to, "  %-44s %-24s %6.3f  %6.3f to %5.3f", s->row_names[row], s->column_names[column],
            f->value, f->value - half, f->value + half);
    if (f->beside != BESIDE_NOTHING) {
        fprintf(to, "  %s %4.2f  %s", f->beside == BESIDE_PAGE ? "page" : "goal", f->other,
                sheet_verdict(s, f));
    }
    fputc('\n', to);
}

void sheet_print(const struct sheet *s, FILE *to)
{
    fprintf(to, "%s\n\n", s->title);
    fprintf(to, "  %-44s %-24s %6s  %s\n", "", "", "figure", "95 % interval");
    for (size_t row = 0; row < s->rows; row++) {
        for (size_t column = 0; column < s->columns; column++) {
            if (s->figures[row][column].is_there) {
                print_figure(s, row, column, to);
            }
        }
    }
    fputc('\n', to);
}
