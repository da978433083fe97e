/* pages.h - the pages, one function each. */
#pragma once

#include "client/kiosk/screen/screen.h"

/* The page that the flow says, as one widget, floating. */
GtkWidget *pages_build(struct screen *s);

/* The four areas: pages_rate.c. */
GtkWidget *pages_rate(struct screen *s);

/* Show the answers as they are now: lines, count, hint, PIN. */
void pages_update(struct screen *s);

/* PIN and staff corner: pages_staff.c. */
GtkWidget *pages_pin(struct screen *s);
GtkWidget *pages_staff(struct screen *s);
