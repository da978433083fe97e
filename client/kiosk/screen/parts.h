/* parts.h - what pages are put together from: words, buttons, signs. */
#pragma once

#include "client/kiosk/screen/screen.h"

/* The texts of whoever stands there, or of the default language. */
const struct texts *parts_texts(const struct screen *s);
const char *parts_text(const struct screen *s, enum text text);

GtkWidget *parts_label(const char *words, const char *style, float align);

/* Tells `event` when it is pressed, by finger, key or screen reader. */
GtkWidget *parts_button(struct screen *s, const char *words, const char *style,
                        enum flow_event event, size_t area, uint32_t number);

/* Let its words take several lines: for buttons that lie above each other. */
void parts_wrap(GtkWidget *button);

/* About the width of the widest of these buttons. */
unsigned parts_widest(const struct screen *s, GtkWidget *const *buttons, size_t count);

/* One above the other, with the page's gap. */
GtkWidget *parts_column(const struct screen *s, GtkWidget *const *children, size_t count);

/* The sign of the session, with its name for those who do not see it. */
GtkWidget *parts_sign(struct screen *s, unsigned size_px);

/* "green leaf". */
const char *parts_sign_name(const struct screen *s, char room[TEXTS_ROOM]);

/* A step of the drawn form. */
GtkWidget *parts_plant(unsigned size_px, double bloom);

/* Languages and settings, in as many rows as they need. */
GtkWidget *parts_tools(struct screen *s);
