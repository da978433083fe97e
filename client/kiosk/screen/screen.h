/* screen.h - the kiosk's one window: draws what the flow says and tells what is touched.
 *
 * Decides nothing. Each page is built anew when flow->drawn has changed and taken away whole;
 * answers on a page are shown in place, so that a line stays under the finger that drags it. */
#pragma once

#include <gtk/gtk.h>

#include "client/kiosk/flow.h"
#include "client/kiosk/layout.h"
#include "client/kiosk/texts.h"

struct screen;

typedef void (*screen_event_cb)(struct screen *s, enum flow_event event, size_t area,
                                uint32_t number);

enum { SCREEN_FACT = 512 };

/* What the staff corner says; in English, as the log has it. */
struct screen_facts {
    char connection[SCREEN_FACT], disk[SCREEN_FACT], clock[SCREEN_FACT], certificate[SCREEN_FACT],
        display[SCREEN_FACT], version[SCREEN_FACT];
    uint32_t unsent;
};

/* Called before the staff corner is drawn. */
typedef void (*screen_facts_cb)(struct screen *s, struct screen_facts *facts);

struct screen {
    struct flow *flow; /* Borrowed, as the catalogs. */
    const struct catalogs *catalogs;
    screen_event_cb event_cb;
    screen_facts_cb facts_cb;
    const char *language; /* Where no client has chosen one. */
    uint32_t panel_mm;
    bool windowed; /* To try it: not the whole monitor. */

    /* The rest is the screen's own. */
    GtkWidget *window, *page;
    GtkCssProvider *look, *sizes;
    uint32_t drawn, width_px, height_px;
    bool shut_out; /* The server takes nothing from this kiosk until a person has mended it. */
    guint redraw;  /* Source; 0: none. */
    struct layout layout;
    /* On the page that is up; NULL where it has none. */
    GtkWidget *inputs[INSTRUMENT_AREAS], *send, *hint, *digits;
    char clipped[SCREEN_FACT]; /* What does not fit; "": all does. */
};

/* The window, over the whole monitor. GTK must have started. All members above "own" are set. */
void screen_open(struct screen *s);
void screen_close(struct screen *s);

/* "Wayland", "X11". */
const char *screen_system(void);

/* The flow may have changed: draw it, from the loop. */
void screen_refresh(struct screen *s);

/* Say that the kiosk is not in use, where there would be nothing; or no more. */
void screen_shut_out(struct screen *s, bool on);

/* Builds every page in every language and size and measures it: what is too big for this window is
 * said in s->clipped. Returns how many pages are. */
unsigned screen_check(struct screen *s);
