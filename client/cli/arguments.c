/* Happy path: each argument is an option with its value, a switch, or a word.
 * Failure: the first that is none of these ends it with a sentence. */
#include "client/cli/arguments.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"

const struct arguments_option arguments_common_options[ARGUMENTS_COMMON + 1] = {
    {"identity", "DIR", "folder with ca.crt, device.crt, device.key (or $ATTUNE_IDENTITY)"},
    {"server", "HOST:PORT", "the server's address (or [server] address= in DIR/attune.conf)"},
    {"timeout", "SECONDS", "how long to wait for the server (10)"},
    {"json", NULL, "for programs: JSON on standard output"},
    {"for", "CODE", "a therapist: in the place of this one, whom one covers"},
    {"supervise", "CODE", "a supervisor: read this therapist's"},
    {"break-glass", "CLIENT", "a therapist: read a colleague's client, who is told, with --reason"},
    {"reason", "TEXT", "why the glass is broken"},
    {"help", NULL, "say this"},
    {NULL, NULL, NULL},
};

/* The place in `a` of the option with this name of `len` bytes, or NULL. */
static const char **place(struct arguments *a, const struct arguments_table *table,
                          const char *name, size_t len, const struct arguments_option **ret_option)
{
    /* A command's own --reason is not the common one's. */
    const struct arguments_option *lists[] = {table->own, arguments_common_options};
    const char **values[] = {a->own, a->common};
    for (size_t list = 0; list < 2; list++) {
        for (size_t at = 0; lists[list] != NULL && lists[list][at].name != NULL; at++) {
            const struct arguments_option *option = &lists[list][at];
            if (strlen(option->name) == len && memcmp(option->name, name, len) == 0) {
                *ret_option = option;
                return &values[list][at];
            }
        }
    }
    return NULL;
}

static int take_option(struct arguments *a, const struct arguments_table *table, int count,
                       char *const *arguments, int *at)
{
    const char *name = arguments[*at] + 2, *equals = strchr(name, '=');
    size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct arguments_option *option = NULL;
    const char **value = place(a, table, name, len, &option);
    if (value == NULL) {
        (void)snprintf(a->why, sizeof a->why, "unknown option --%.60s", name);
        return ERR_FIELD;
    }
    if (*value != NULL) {
        (void)snprintf(a->why, sizeof a->why, "--%s is given twice", option->name);
        return ERR_FIELD;
    }
    if (option->value == NULL && equals != NULL) {
        (void)snprintf(a->why, sizeof a->why, "--%s takes no value", option->name);
        return ERR_FIELD;
    }
    if (option->value != NULL && equals == NULL && *at + 1 == count) {
        (void)snprintf(a->why, sizeof a->why, "--%s needs %s", option->name, option->value);
        return ERR_FIELD;
    }
    *value = option->value == NULL ? "" : equals != NULL ? equals + 1 : arguments[++*at];
    return 0;
}

static int take_word(struct arguments *a, const struct arguments_table *table, const char *word)
{
    if (a->word_count == table->words_max) {
        (void)snprintf(a->why, sizeof a->why, "unexpected \"%.60s\"", word);
        return ERR_FIELD;
    }
    a->words[a->word_count++] = word;
    return 0;
}

int arguments_parse(struct arguments *a, const struct arguments_table *table, int count,
                    char *const *arguments)
{
    bool words_only = false;
    memset(a, 0, sizeof *a);
    for (int at = 0; at < count; at++) {
        const char *argument = arguments[at];
        int rc = 0;
        if (!words_only && strcmp(argument, "--") == 0) {
            words_only = true;
        } else if (!words_only && strncmp(argument, "--", 2) == 0) {
            rc = take_option(a, table, count, arguments, &at);
        } else if (!words_only && argument[0] == '-' && argument[1] != '\0') {
            (void)snprintf(a->why, sizeof a->why, "unknown option %.60s", argument);
            rc = ERR_FIELD;
        } else {
            rc = take_word(a, table, argument);
        }
        if (rc != 0) {
            return rc;
        }
    }
    if (a->word_count < table->words_min && a->common[ARGUMENTS_HELP] == NULL) {
        (void)snprintf(a->why, sizeof a->why, "something is missing");
        return ERR_FIELD;
    }
    return 0;
}

int arguments_number(const char *text, uint32_t min, uint32_t max, uint32_t otherwise,
                     uint32_t *ret_number)
{
    uint64_t value = 0;
    if (text == NULL) {
        *ret_number = otherwise;
        return 0;
    }
    size_t len = strlen(text);
    if (len == 0 || len > 10 || strspn(text, "0123456789") != len) {
        return ERR_FIELD;
    }
    for (; *text != '\0'; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    if (value < min || value > max) {
        return ERR_FIELD;
    }
    *ret_number = (uint32_t)value;
    return 0;
}
