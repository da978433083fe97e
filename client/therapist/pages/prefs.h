/* prefs.h - what the person has chosen, kept for the next time: a file of the user's own. */
#pragma once

#include "client/therapist/notices.h"

/* Before there is a window: reads the file, if there is one. What it does not say stays. */
void prefs_read(enum notice_mode *mode);
/* In the background; what cannot be written is asked again the next time. */
void prefs_write(enum notice_mode mode);

/* "popup", "badge", "after"; NULL for another number. Static. */
const char *prefs_mode_word(int mode);
/* False: no such word. */
bool prefs_mode_of(const char *word, enum notice_mode *ret_mode);
