/* arguments.h - one command's options and words, from a table. Pure.
 *
 * "--name value", "--name=value" and switches; options and words in any order; "--" ends the
 * options. Every command has the common ones, the table adds its own. Unknown, doubled and
 * incomplete options are refused with a sentence. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARGUMENTS_OWN_MAX = 16, ARGUMENTS_WORDS_MAX = 2, ARGUMENTS_WHY = 256 };

enum arguments_common {
    ARGUMENTS_IDENTITY,
    ARGUMENTS_SERVER,
    ARGUMENTS_TIMEOUT,
    ARGUMENTS_JSON,
    ARGUMENTS_FOR,
    ARGUMENTS_SUPERVISE,
    ARGUMENTS_BREAK_GLASS,
    ARGUMENTS_REASON,
    ARGUMENTS_HELP,
    ARGUMENTS_COMMON,
};

struct arguments_option {
    const char *name;  /* Without the dashes. */
    const char *value; /* What stands for it in --help: "SECONDS"; NULL: a switch. */
    const char *help;
};

struct arguments_table {
    const struct arguments_option
        *own; /* At most ARGUMENTS_OWN_MAX; ends with a NULL name; may be NULL. */
    size_t words_min, words_max;
};

struct arguments {
    const char *common[ARGUMENTS_COMMON]; /* NULL: not given. A switch that is given is "". */
    const char *own[ARGUMENTS_OWN_MAX];   /* In the table's order. */
    const char *words[ARGUMENTS_WORDS_MAX];
    size_t word_count;
    char why[ARGUMENTS_WHY];
};

extern const struct arguments_option arguments_common_options[ARGUMENTS_COMMON + 1];

/* `arguments` without the program's and the command's name. Values point into it. Returns 0 or
 * ERR_FIELD with a sentence in `why`. With --help what is missing is not asked for. */
int arguments_parse(struct arguments *a, const struct arguments_table *table, int count,
                    char *const *arguments);

/* A whole number from `min` to `max`; NULL text: `otherwise`. Returns 0 or ERR_FIELD. */
int arguments_number(const char *text, uint32_t min, uint32_t max, uint32_t otherwise,
                     uint32_t *ret_number);
