/* Happy path: the defaults are laid down, then each line is cut at the first '=', its key looked up
 * and its value written into a copy; the copy replaces the struct when all lines are good.
 * Failure: the first bad line ends it, with its number and, for an unknown key, the nearest known
 * one. */
#include "proto/wire/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

struct slice {
    const char *at;
    size_t len;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice s)
{
    while (s.len > 0 && is_space(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.at[s.len - 1])) {
        s.len--;
    }
    return s;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein's distance, for names of up to 63 bytes. */
static size_t distance(struct slice a, const char *b)
{
    size_t row[64], width = strlen(b);
    if (a.len > 63 || width > 63) {
        return 64;
    }
    for (size_t j = 0; j <= width; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t above = row[j];
            size_t change = diagonal + (a.at[i - 1] != b[j - 1]);
            row[j] = smallest(above + 1, row[j - 1] + 1, change);
            diagonal = above;
        }
    }
    return row[width];
}

static int unknown_key(const struct config_table *t, struct slice key, struct config_fault *fault)
{
    size_t best = 0, best_distance = SIZE_MAX;
    for (size_t i = 0; i < t->count; i++) {
        size_t d = distance(key, t->keys[i].name);
        if (d < best_distance) {
            best = i;
            best_distance = d;
        }
    }
    (void)snprintf(fault->text, sizeof fault->text,
                   "unknown key '%.*s'; the nearest known one is '%s'",
                   (int)(key.len < 60 ? key.len : 60), key.at, t->keys[best].name);
    return ERR_CONFIG;
}

static int refuse(struct config_fault *fault, const struct config_key *key, const char *wanted)
{
    (void)snprintf(fault->text, sizeof fault->text, "%s: %s", key->name, wanted);
    return ERR_CONFIG;
}

static bool read_digits(struct slice value, uint64_t *ret_number)
{
    uint64_t number = 0;
    bool good = value.len > 0 && value.len <= 10;
    for (size_t i = 0; good && i < value.len; i++) {
        good = value.at[i] >= '0' && value.at[i] <= '9';
        number = number * 10 + (uint64_t)(value.at[i] - '0');
    }
    *ret_number = number;
    return good;
}

static void set_uint32(uint64_t number, void *into)
{
    uint32_t narrow = (uint32_t)number; /* Its range was judged. */
    memcpy(into, &narrow, sizeof narrow);
}

static int set_tenths(const struct config_key *key, struct slice value, void *into,
                      struct config_fault *fault)
{
    uint64_t number = 0, tenth = 0;
    bool has_tenth = value.len > 2 && value.at[value.len - 2] == '.';
    struct slice whole = {value.at, value.len - (has_tenth ? 2 : 0)};
    bool good = read_digits(whole, &number) &&
                (!has_tenth || read_digits((struct slice){value.at + value.len - 1, 1}, &tenth));
    number = number * 10 + tenth;
    if (!good || number < key->min || number > key->max) {
        char wanted[80];
        (void)snprintf(wanted, sizeof wanted,
                       "must be a number from %u.%u to %u.%u with one decimal at most",
                       key->min / 10, key->min % 10, key->max / 10, key->max % 10);
        return refuse(fault, key, wanted);
    }
    set_uint32(number, into);
    return 0;
}

static int set_number(const struct config_key *key, struct slice value, void *into,
                      struct config_fault *fault)
{
    uint64_t number = 0;
    bool good = read_digits(value, &number);
    if (!good || number < key->min || number > key->max) {
        char wanted[80];
        (void)snprintf(wanted, sizeof wanted, "must be a whole number from %u to %u", key->min,
                       key->max);
        return refuse(fault, key, wanted);
    }
    set_uint32(number, into);
    return 0;
}

/* The host's part: without its brackets when it is IPv6. */
static bool host_is_numeric(const char *host)
{
    uint8_t room[16];
    return inet_pton(AF_INET, host, room) == 1 || inet_pton(AF_INET6, host, room) == 1;
}

static int set_address(const struct config_key *key, struct slice value, void *into,
                       struct config_fault *fault)
{
    static const char wanted[] = "must be a numeric address and a port, as 127.0.0.1:7443 or "
                                 "[::1]:7443";
    struct config_address address = {0};
    size_t colon = value.len;
    while (colon > 0 && value.at[colon - 1] != ':') {
        colon--;
    }
    if (colon < 2 || colon == value.len || value.len - colon > 5) {
        return refuse(fault, key, wanted);
    }
    struct slice host = {value.at, colon - 1};
    if (host.at[0] == '[' && host.at[host.len - 1] == ']' && host.len > 2) {
        host = (struct slice){host.at + 1, host.len - 2};
    }
    uint32_t port = 0;
    const struct config_key range = {.name = key->name, .min = 0, .max = 65535};
    if (set_number(&range, (struct slice){value.at + colon, value.len - colon}, &port, fault) !=
            0 ||
        host.len >= sizeof address.host) {
        return refuse(fault, key, wanted);
    }
    memcpy(address.host, host.at, host.len);
    if (!host_is_numeric(address.host)) {
        return refuse(fault, key, wanted);
    }
    address.port = (uint16_t)port;
    memcpy(into, &address, sizeof address);
    return 0;
}

static int set_text(const struct config_key *key, struct slice value, void *into,
                    struct config_fault *fault)
{
    char text[CONFIG_TEXT_MAX] = {0};
    if (value.len >= sizeof text) {
        return refuse(fault, key, "is too long: 511 bytes at most");
    }
    if (memchr(value.at, '\0', value.len) != NULL) {
        return refuse(fault, key, "must not contain a NUL byte");
    }
    memcpy(text, value.at, value.len);
    memcpy(into, text, sizeof text);
    return 0;
}

static int set(const struct config_key *key, struct slice value, char *into,
               struct config_fault *fault)
{
    switch (key->type) {
    case CONFIG_NUMBER:
        return set_number(key, value, into + key->offset, fault);
    case CONFIG_TENTHS:
        return set_tenths(key, value, into + key->offset, fault);
    case CONFIG_ADDRESS:
        return set_address(key, value, into + key->offset, fault);
    case CONFIG_TEXT:
        break;
    }
    return set_text(key, value, into + key->offset, fault);
}

static int take_line(const struct config_table *t, struct slice line, char *into, uint64_t *seen,
                     struct config_fault *fault)
{
    line = trim(line);
    if (line.len == 0 || line.at[0] == '#') {
        return 0;
    }
    const char *equals = memchr(line.at, '=', line.len);
    if (equals == NULL) {
        (void)snprintf(fault->text, sizeof fault->text, "no '=': a line is `key = value`");
        return ERR_CONFIG;
    }
    struct slice key = trim((struct slice){line.at, (size_t)(equals - line.at)});
    struct slice value = {equals + 1, line.len - (size_t)(equals + 1 - line.at)};
    for (size_t i = 0; i < t->count; i++) {
        if (strlen(t->keys[i].name) != key.len || memcmp(t->keys[i].name, key.at, key.len) != 0) {
            continue;
        }
        if (*seen & (UINT64_C(1) << i)) {
            return refuse(fault, &t->keys[i], "is given twice");
        }
        *seen |= UINT64_C(1) << i;
        return set(&t->keys[i], trim(value), into, fault);
    }
    return unknown_key(t, key, fault);
}

/* Defaults for what no line gave; a key without a default must be given. */
static int fill_rest(const struct config_table *t, char *into, uint64_t seen,
                     struct config_fault *fault)
{
    for (size_t i = 0; i < t->count; i++) {
        if (seen & (UINT64_C(1) << i)) {
            continue;
        }
        const char *fallback = t->keys[i].fallback;
        if (fallback == NULL) {
            return refuse(fault, &t->keys[i], "must be given");
        }
        int rc = set(&t->keys[i], (struct slice){fallback, strlen(fallback)}, into, fault);
        must(rc == 0); /* A default that its own table refuses is our mistake. */
    }
    return 0;
}

static int parse_into(const struct config_table *t, const char *text, size_t len, char *into,
                      struct config_fault *fault)
{
    uint64_t seen = 0;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line_len = end == NULL ? len - at : (size_t)(end - (text + at));
        fault->line++;
        int rc = take_line(t, (struct slice){text + at, line_len}, into, &seen, fault);
        if (rc != 0) {
            return rc;
        }
        at += line_len + 1;
    }
    fault->line = 0;
    return fill_rest(t, into, seen, fault);
}

int config_parse(const struct config_table *table, const char *text, size_t len, void *into,
                 struct config_fault *fault)
{
    must(table->count <= 64);
    *fault = (struct config_fault){0};
    char *copy = calloc(1, table->size);
    must(copy != NULL);
    int rc = parse_into(table, text, len, copy, fault);
    if (rc == 0) {
        memcpy(into, copy, table->size);
    }
    free(copy);
    return rc;
}

int config_load(const struct config_table *table, const char *path, void *into,
                struct config_fault *fault)
{
    *fault = (struct config_fault){0};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        (void)snprintf(fault->text, sizeof fault->text, "cannot be read: %s", strerror(errno));
        return ERR_CONFIG;
    }
    char *text = malloc(CONFIG_FILE_MAX + 1);
    must(text != NULL);
    size_t len = fread(text, 1, CONFIG_FILE_MAX + 1, file);
    int rc = ERR_CONFIG;
    if (ferror(file)) {
        (void)snprintf(fault->text, sizeof fault->text, "cannot be read");
    } else if (len > CONFIG_FILE_MAX) {
        (void)snprintf(fault->text, sizeof fault->text, "is longer than 64 KiB");
    } else {
        rc = config_parse(table, text, len, into, fault);
    }
    free(text);
    (void)fclose(file); /* It was only read. */
    return rc;
}

void config_print(const struct config_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct config_key *key = &table->keys[i];
        printf("# %s\n", key->help);
        if (key->fallback == NULL) {
            printf("# (must be given)\n# %s =\n\n", key->name);
        } else {
            printf("%s = %s\n\n", key->name, key->fallback);
        }
    }
}
