/* Three tables. What their contrasts must be is held by tests/unit/therapist/plots. */
#include "client/therapist/plots/theme.h"

/* A constant, where a function could not stand. */
#define RGB(hex)                                                                                   \
    {                                                                                              \
        ((hex) >> 16 & 255) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex)&255) / 255.0               \
    }

static const char family[] = "DejaVu Sans";

const struct plot_theme plot_theme_light = {
    .family = family,
    .ground = RGB(0xffffff),
    .ink = RGB(0x1f2d33),
    .quiet = RGB(0x434d51),
    .line = RGB(0x1f666f),
    .low = RGB(0x822f06),
    .good = RGB(0x245224),
    .grid = RGB(0xe3e1dc),
    .band = RGB(0xebf2f2),
};

const struct plot_theme plot_theme_dark = {
    .family = family,
    .ground = RGB(0x363636),
    .ink = RGB(0xf2f3f3),
    .quiet = RGB(0xd0d4d5),
    .line = RGB(0x73c6cc),
    .low = RGB(0xffbd8a),
    .good = RGB(0xa9dca0),
    .grid = RGB(0x4c4c4c),
    .band = RGB(0x20292a),
};

const struct plot_theme plot_theme_print = {
    .family = family,
    .ground = RGB(0xffffff),
    .ink = RGB(0x000000),
    .quiet = RGB(0x404040),
    .line = RGB(0x505050),
    .low = RGB(0x000000),
    .good = RGB(0x303030),
    .grid = RGB(0xdcdcdc),
    .band = RGB(0xececec),
};
