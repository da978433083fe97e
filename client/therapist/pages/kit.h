/* kit.h - the few shapes that every page is made of: boxes, words, buttons with a name for those
 * who do not see them. */
#pragma once

#include <adwaita.h>

GtkWidget *kit_column(int spacing);
GtkWidget *kit_row(int spacing);
void kit_add(GtkWidget *box, GtkWidget *child);
void kit_clear(GtkWidget *box);

/* Wraps, at the left. `css` may be NULL. */
GtkWidget *kit_label(const char *text, const char *css);
/* For readers of headings too. */
GtkWidget *kit_heading(const char *text);
/* At least 44 pixels high. */
GtkWidget *kit_button(const char *text, const char *css, GCallback clicked, gpointer data);
/* Its name for a screen reader. */
void kit_name(GtkWidget *widget, const char *name);

/* A box with a ground of its own. */
GtkWidget *kit_card(void);
/* Scrolls, with the child in the middle, `width` at most. */
GtkWidget *kit_scrolled(GtkWidget *child, int width);

/* Shows one page of a stack. The others are made invisible: what a stack only covers is still told
 * to a screen reader. */
void kit_show_page(GtkWidget *stack, const char *name);

/* "8.1"; "–" for what was not answered. */
char *kit_tenths(int tenths);
/* "12 March", with the year when it is not this one; "today 10:05". */
char *kit_day(int64_t ms);
char *kit_moment(int64_t ms);
/* After "until": "18:00", "28 Nov 18:00"; "28 Nov" where the whole day is meant. */
char *kit_until(int64_t ms);
const char *kit_area(int area); /* From 0. */
const char *kit_talk(int talk); /* The client's own choice; "": none was made. */
