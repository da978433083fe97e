/* sheet.h - a table of figures, each with its interval and what it is held against. Pure but for
 * the printing.
 *
 * "agrees" is within two standard errors of the published figure: those of the difference, as the
 * published one was counted on 200,000 clients too, and half of its last digit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { SHEET_ROWS_MAX = 40, SHEET_COLUMNS_MAX = 8, SHEET_NAME = 80 };

enum figure_beside { BESIDE_NOTHING, BESIDE_PAGE, BESIDE_GOAL };

struct figure {
    bool is_there;
    double value, error; /* Standard error; the 95 % interval is 1.96 of it to either side. */
    enum figure_beside beside;
    double other; /* The published figure, or the goal: at least so much. */
};

struct sheet {
    char title[2 * SHEET_NAME];
    uint64_t clients; /* That the figures were counted on. */
    size_t rows, columns;
    char row_names[SHEET_ROWS_MAX][SHEET_NAME];
    char column_names[SHEET_COLUMNS_MAX][SHEET_NAME];
    struct figure figures[SHEET_ROWS_MAX][SHEET_COLUMNS_MAX];
};

/* Texts are cut at their room's size. Names give the row's and the column's number. */
void sheet_init(struct sheet *s, uint64_t clients, const char *title);
size_t sheet_add_row(struct sheet *s, const char *name);
size_t sheet_add_column(struct sheet *s, const char *name);
void sheet_put(struct sheet *s, size_t row, size_t column, double value, double error);

/* Not a number: nothing is published for it. */
void sheet_put_page(struct sheet *s, size_t row, size_t column, double page);
void sheet_put_goal(struct sheet *s, size_t row, size_t column, double goal);

/* "agrees", "differs", "reached", "missed", or "" where there is nothing to be held against. */
const char *sheet_verdict(const struct sheet *s, const struct figure *f);

/* How many figures have this verdict. */
size_t sheet_count(const struct sheet *s, const char *verdict);

void sheet_print(const struct sheet *s, FILE *to);
