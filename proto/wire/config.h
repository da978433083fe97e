/* config.h - a strict `key = value` file into a struct, by a table of keys.
 *
 * One line a key; '#' begins a comment line; blank lines are passed over. Pure but for config_load.
 * An unknown key, a key given twice, a value out of range: refused, with the line and what to do,
 * and the struct keeps what it had. Nothing is ever guessed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    CONFIG_TEXT_MAX = 512,       /* Bytes in a text value, its NUL counted. */
    CONFIG_FILE_MAX = 64 * 1024, /* Bytes in a file. */
};

enum config_type {
    CONFIG_TEXT,    /* char[CONFIG_TEXT_MAX]. */
    CONFIG_NUMBER,  /* uint32_t, from min to max. */
    CONFIG_TENTHS,  /* The same in tenths, written as 36.5 or 36. */
    CONFIG_ADDRESS, /* struct config_address: "127.0.0.1:7443", "[::1]:0". */
};

struct config_address {
    char host[46]; /* A numeric address, INET6_ADDRSTRLEN. */
    uint16_t port; /* 0: any free one. */
};

struct config_key {
    const char *name;
    enum config_type type;
    size_t offset;        /* Of the member in the struct. */
    uint32_t min, max;    /* A number's range. */
    const char *fallback; /* The default, as it would stand in a file; NULL: must be given. */
    const char *help;     /* One line: the meaning and the unit. */
};

struct config_table {
    const struct config_key *keys;
    size_t count; /* 64 at most. */
    size_t size;  /* Of the struct. */
};

struct config_fault {
    unsigned line; /* 0: the file as a whole. */
    char text[200];
};

/* Returns 0 and fills all of `into`, or ERR_CONFIG and `fault`; then `into` is untouched. */
int config_parse(const struct config_table *table, const char *text, size_t len, void *into,
                 struct config_fault *fault);

/* The same from a file. ERR_CONFIG also when it cannot be read. */
int config_load(const struct config_table *table, const char *path, void *into,
                struct config_fault *fault);

/* The keys with their defaults and meanings, as a file that config_parse takes. To standard output.
 */
void config_print(const struct config_table *table);
