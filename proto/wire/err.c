/* The list of err.h, read three ways. */
#include "proto/wire/err.h"

#include <stddef.h>

static const struct {
    int rc;
    const char *name, *text;
} list[] = {
#define ERR_ROW(name, code, text) {-(code), #name, text},
    ERR_LIST(ERR_ROW)
#undef ERR_ROW
};

const char *err_name(int rc)
{
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (list[i].rc == rc) {
            return list[i].name;
        }
    }
    return rc == 0 ? "OK" : "UNKNOWN";
}

const char *err_text(int rc)
{
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (list[i].rc == rc) {
            return list[i].text;
        }
    }
    return rc == 0 ? "good" : "an error that this version does not know";
}

int err_from_code(unsigned code)
{
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if ((unsigned)-list[i].rc == code) {
            return list[i].rc;
        }
    }
    return ERR_INTERNAL;
}
