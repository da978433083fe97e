/* Property: a file that is refused names a line within it and leaves the struct untouched; one that
 * is taken fills the struct with values within the table's bounds, the same ones each time,
 * whatever stood there before. */
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct settings {
    char before[8];
    char path[CONFIG_TEXT_MAX];
    uint32_t count;
    struct config_address listen;
    char word[CONFIG_TEXT_MAX];
    char after[8];
};

static const struct config_key keys[] = {
    {"path", CONFIG_TEXT, offsetof(struct settings, path), 0, 0, NULL, "Must be given."},
    {"count", CONFIG_NUMBER, offsetof(struct settings, count), 3, 5000, "7", "A number."},
    {"listen", CONFIG_ADDRESS, offsetof(struct settings, listen), 0, 0, "[::1]:0", "Where."},
    {"word", CONFIG_TEXT, offsetof(struct settings, word), 0, 0, "", "May be empty."},
};
static const struct config_table table = {keys, sizeof keys / sizeof keys[0],
                                          sizeof(struct settings)};

static unsigned lines_in(const uint8_t *data, size_t size)
{
    unsigned lines = 1;
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n';
    }
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings first, second, untouched;
    struct config_fault fault;
    memset(&first, 0x5a, sizeof first);
    memset(&second, 0xa5, sizeof second);
    untouched = first;
    int rc = config_parse(&table, (const char *)data, size, &first, &fault);
    must(config_parse(&table, (const char *)data, size, &second, &fault) == rc);
    if (rc != 0) {
        must(rc == ERR_CONFIG && memcmp(&first, &untouched, sizeof first) == 0);
        must(fault.line <= lines_in(data, size));
        must(fault.text[0] != '\0' && memchr(fault.text, '\0', sizeof fault.text) != NULL);
        return 0;
    }
    must(memcmp(&first, &second, sizeof first) == 0);
    must(first.count >= 3 && first.count <= 5000);
    must(memchr(first.path, '\0', sizeof first.path) != NULL);
    must(memchr(first.word, '\0', sizeof first.word) != NULL);
    must(first.listen.host[0] != '\0');
    must(memchr(first.listen.host, '\0', sizeof first.listen.host) != NULL);
    return 0;
}
