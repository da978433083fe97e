/* sheet_json.h - sheets as JSON, for programs. */
#pragma once

#include "server/aggregator/study/sheet.h"

/* {"sheets": [{"title", "clients", "rows": [{"name", "figures": [{"name", "value", "low", "high",
 * "beside", "verdict"}]}]}]}; low and high are the 95 % interval's. Not 0: it could not be written.
 */
int sheet_json_print(const struct sheet *sheets, size_t count, FILE *to);
