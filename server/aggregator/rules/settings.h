/* settings.h - a practice's own lines for its rules: read from a file, printed as one, kept as an
 * array. Pure.
 *
 * The file has one `name = number` a line; '#' begins a comment; what is left out has its default.
 * An unknown name, a name given twice, a number out of range: refused, with the line and what to do
 * (see base/config.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/wire/config.h"

struct rule_settings {
#define X(member, name, kind, fallback, least, most, help) int32_t member;
#include "server/aggregator/rules/settings.def"
#undef X
};

enum {
    RULE_SETTINGS = sizeof(struct rule_settings) / sizeof(int32_t),
    RULE_SETTINGS_TEXT_MAX = 8 * 1024, /* Bytes of a file, as it is taken and as it is printed. */
};

void rule_settings_defaults(struct rule_settings *s);

/* Returns 0, or ERR_CONFIG and `fault`; then `into` is untouched. */
int rule_settings_parse(const char *text, size_t len, struct rule_settings *into,
                        struct config_fault *fault);

/* All of them, with their meanings, as a file that rule_settings_parse takes. */
void rule_settings_print(const struct rule_settings *s, char room[RULE_SETTINGS_TEXT_MAX]);

/* As they are stored, in the order of settings.def. An array of an older version is shorter: what
 * it lacks has its default. ERR_CONFIG: longer than known, or a number out of range; `into` is
 * untouched. */
int rule_settings_from(const int32_t *values, size_t count, struct rule_settings *into);
void rule_settings_to(const struct rule_settings *s, int32_t ret_values[RULE_SETTINGS]);
