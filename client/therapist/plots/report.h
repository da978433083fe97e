/* report.h - a practice's figures on one page: weeks, then shares; as PDF, PNG, SVG, or CSV. Pure:
 * bytes out, as page.h. Codes of therapists, and no client. */
#pragma once

#include "client/therapist/plots/page.h"

struct plot_report {
    const char *title, *under; /* `under` NULL: nothing. */
    const struct plot_calendar *calendars;
    const struct plot_shares *shares;
    size_t calendar_count, share_count; /* What has no figures is left out. */
    struct plot_day made;
    const struct plot_theme *theme;
    const struct plot_words *words; /* NULL: English. */
};

/* `kind` is not NONE. plot_bytes_fini is owed. */
void plot_report_render(const struct plot_report *r, enum plot_file kind,
                        struct plot_bytes *ret_bytes);
