/* The staff corner: a PIN, then what somebody who looks after the machine wants to know.
 *
 * Happy path: the facts are asked for when the page is built. Failure: none. */
#include <stdio.h>

#include "client/kiosk/screen/pages.h"
#include "client/kiosk/screen/parts.h"

static void attach_digit(struct screen *s, GtkGrid *grid, uint32_t digit)
{
    char words[4];
    (void)snprintf(words, sizeof words, "%u", digit);
    int column = digit == 0 ? 1 : (int)(digit - 1) % 3, row = digit == 0 ? 3 : (int)(digit - 1) / 3;
    gtk_grid_attach(grid, parts_button(s, words, "main", FLOW_DIGIT, 0, digit), column, row, 1, 1);
}

GtkWidget *pages_pin(struct screen *s)
{
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_column_spacing(GTK_GRID(grid), s->layout.gap_px);
    gtk_grid_set_row_spacing(GTK_GRID(grid), s->layout.gap_px);
    gtk_grid_set_column_homogeneous(GTK_GRID(grid), TRUE);
    gtk_widget_set_direction(grid, GTK_TEXT_DIR_LTR); /* A keypad is a keypad. */
    gtk_widget_set_halign(grid, GTK_ALIGN_CENTER);
    for (uint32_t digit = 0; digit <= 9; digit++) {
        attach_digit(s, GTK_GRID(grid), digit);
    }
    gtk_grid_attach(GTK_GRID(grid),
                    parts_button(s, parts_text(s, TEXT_CLOSE), "main", FLOW_LEAVE, 0, 0), 0, 3, 1,
                    1);
    gtk_grid_attach(GTK_GRID(grid),
                    parts_button(s, parts_text(s, TEXT_ERASE), "main", FLOW_ERASE, 0, 0), 2, 3, 1,
                    1);
    s->digits = parts_label("", "large", 0.5f);
    GtkWidget *const all[] = {parts_label(parts_text(s, TEXT_PIN_TITLE), "large", 0.5f), s->digits,
                              grid};
    GtkWidget *column = parts_column(s, all, G_N_ELEMENTS(all));
    gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
    gtk_widget_set_vexpand(column, TRUE);
    return column;
}

static void attach_fact(struct screen *s, GtkGrid *grid, int row, enum text name, const char *fact)
{
    GtkWidget *label = parts_label(fact, "fact", 0);
    GtkWidget *title = parts_label(parts_text(s, name), "subtitle", 0);
    gtk_widget_set_hexpand(label, TRUE);
    gtk_widget_set_valign(title, GTK_ALIGN_START);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_grid_attach(grid, title, 0, row, 1, 1);
    gtk_grid_attach(grid, label, 1, row, 1, 1);
}

GtkWidget *pages_staff(struct screen *s)
{
    struct screen_facts facts = {0};
    char unsent[16];
    s->facts_cb(s, &facts);
    (void)snprintf(unsent, sizeof unsent, "%u", facts.unsent);
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_column_spacing(GTK_GRID(grid), 2 * s->layout.gap_px);
    gtk_grid_set_row_spacing(GTK_GRID(grid), s->layout.gap_px / 2);
    attach_fact(s, GTK_GRID(grid), 0, TEXT_STAFF_CONNECTION, facts.connection);
    attach_fact(s, GTK_GRID(grid), 1, TEXT_STAFF_SPOOL, unsent);
    attach_fact(s, GTK_GRID(grid), 2, TEXT_STAFF_DISK, facts.disk);
    attach_fact(s, GTK_GRID(grid), 3, TEXT_STAFF_CLOCK, facts.clock);
    attach_fact(s, GTK_GRID(grid), 4, TEXT_STAFF_CERTIFICATE, facts.certificate);
    attach_fact(s, GTK_GRID(grid), 5, TEXT_STAFF_SCREEN, facts.display);
    attach_fact(s, GTK_GRID(grid), 6, TEXT_STAFF_VERSION, facts.version);
    GtkWidget *buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, (int)s->layout.gap_px);
    gtk_box_append(GTK_BOX(buttons),
                   parts_button(s, parts_text(s, TEXT_RESTART), "main", FLOW_RESTART, 0, 0));
    gtk_box_append(GTK_BOX(buttons),
                   parts_button(s, parts_text(s, TEXT_CLOSE), "main", FLOW_LEAVE, 0, 0));
    gtk_widget_set_halign(buttons, GTK_ALIGN_END);
    GtkWidget *const all[] = {parts_label(parts_text(s, TEXT_STAFF_TITLE), "title", 0), grid,
                              buttons};
    GtkWidget *column = parts_column(s, all, G_N_ELEMENTS(all));
    gtk_widget_set_vexpand(column, TRUE);
    return column;
}
