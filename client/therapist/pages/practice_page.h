/* practice_page.h - sites and weeks, coverage, open ruptures by age, how many are repaired, and the
 * funnel: from the roll-ups, read anew while it is open. */
#pragma once

#include <adwaita.h>

#include "client/therapist/pages/picture.h"
#include "client/therapist/plots/page.h"

struct window;

struct practice_page {
    GtkWidget *self, *summary, *weeks, *weeks_card, *open, *open_card, *sites, *sites_card,
        *funnels_card, *funnels[2], *escalations, *too_few;
    struct picture_weeks calendar, waiting;
    struct picture_shares shares[2];
    char *shown;
};

GtkWidget *practice_page_make(struct window *w);
void practice_page_update(struct window *w);
/* What is on it as a file's bytes. */
GBytes *practice_page_file(const struct window *w, enum plot_file kind);
