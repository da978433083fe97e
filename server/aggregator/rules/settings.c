/* Happy path: settings.def as a table for config_parse, as an array, as a printed file.
 * Failure: config_parse says which line, and what is near. */
#include "server/aggregator/rules/settings.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

static const struct config_key keys[RULE_SETTINGS] = {
#define X(member, name, kind, fallback, least, most, help)                                         \
    {name, CONFIG_##kind, offsetof(struct rule_settings, member), least, most, fallback, help},
#include "server/aggregator/rules/settings.def"
#undef X
};
static const struct config_table table = {keys, RULE_SETTINGS, sizeof(struct rule_settings)};

void rule_settings_defaults(struct rule_settings *s)
{
    struct config_fault fault;
    int rc = config_parse(&table, "", 0, s, &fault);
    must(rc == 0); /* Every key has a default. */
}

int rule_settings_parse(const char *text, size_t len, struct rule_settings *into,
                        struct config_fault *fault)
{
    if (len >= RULE_SETTINGS_TEXT_MAX) {
        *fault = (struct config_fault){.text = "the file is too long: 8191 bytes at most"};
        return ERR_CONFIG;
    }
    return config_parse(&table, text, len, into, fault);
}

/* config.h writes a uint32_t; no number here is as large as half of its range. */
static int32_t value_of(const struct rule_settings *s, size_t i)
{
    int32_t value;
    memcpy(&value, (const char *)s + keys[i].offset, sizeof value);
    return value;
}

void rule_settings_print(const struct rule_settings *s, char room[RULE_SETTINGS_TEXT_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < RULE_SETTINGS; i++) {
        int value = value_of(s, i);
        int n = keys[i].type == CONFIG_TENTHS
                    ? snprintf(room + len, RULE_SETTINGS_TEXT_MAX - len, "# %s\n%s = %d.%d\n",
                               keys[i].help, keys[i].name, value / 10, value % 10)
                    : snprintf(room + len, RULE_SETTINGS_TEXT_MAX - len, "# %s\n%s = %d\n",
                               keys[i].help, keys[i].name, value);
        must(n > 0 && (size_t)n < RULE_SETTINGS_TEXT_MAX - len);
        len += (size_t)n;
    }
}

int rule_settings_from(const int32_t *values, size_t count, struct rule_settings *into)
{
    struct rule_settings s;
    rule_settings_defaults(&s);
    if (count > RULE_SETTINGS) {
        return ERR_CONFIG;
    }
    for (size_t i = 0; i < count; i++) {
        if (values[i] < (int32_t)keys[i].min || values[i] > (int32_t)keys[i].max) {
            return ERR_CONFIG;
        }
        memcpy((char *)&s + keys[i].offset, &values[i], sizeof values[i]);
    }
    *into = s;
    return 0;
}

void rule_settings_to(const struct rule_settings *s, int32_t ret_values[RULE_SETTINGS])
{
    for (size_t i = 0; i < RULE_SETTINGS; i++) {
        ret_values[i] = value_of(s, i);
    }
}
