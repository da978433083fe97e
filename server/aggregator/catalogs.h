/* catalogs.h - the texts' translations, read by gettext when the program starts. */
#pragma once

#include "server/aggregator/rules/texts.h"

/* Reads DIR/de/LC_MESSAGES/attune.mo and so on, once, before there are threads: gettext's choice of
 * language belongs to the process. A language whose catalog is not there is left out, and said in
 * the log; a text that a catalog lacks is English. */
void catalogs_load(const char *dir, struct languages *ret_languages);
