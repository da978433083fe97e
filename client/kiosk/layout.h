/* layout.h - how big things are on this screen, and whether four questions fit at once. Pure.
 *
 * Sizes follow millimetres, since 17 px are 8 point on one panel and 14 on another. The panel's
 * width comes from the configuration: what panels say of themselves (EDID) is often wrong. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    LAYOUT_TARGET_PX_MIN = 44, /* What a finger can hit: this, */
    LAYOUT_TARGET_MM_MIN = 9,  /* and this. */
    LAYOUT_FONT_PX_MIN = 15,
};

enum layout_kind {
    LAYOUT_ROOMY,   /* Four lines, with air. */
    LAYOUT_COMPACT, /* Four lines, closer together. */
    LAYOUT_ONE,     /* One question at a time. */
};

struct layout_screen {
    uint32_t width_px, height_px;
    uint32_t panel_mm; /* Its width as it hangs: of an upright one the shorter side. */
    bool larger;       /* Larger text was asked for. */
    bool drawn;        /* The form is the drawn one for children. */
    bool form;         /* It is the page of the four areas. */
    uint32_t tried;    /* How many of the ways did not fit after all: begin with the next. */
};

struct layout {
    enum layout_kind kind;
    uint32_t font_px, target_px;
    uint32_t margin_x_px, margin_y_px;
    uint32_t content_px; /* The width between the margins. */
    uint32_t drawing_px; /* A step of the drawn form, a square. */
    uint32_t symbol_px;  /* The sign by which one's session is known. */
    uint32_t gap_px;     /* Between rows and buttons. */
    uint32_t tried;      /* With this one counted; for layout_screen. */
    bool last;           /* There is nothing smaller that can still be read. */
};

struct layout layout_of(const struct layout_screen *screen);

/* About as wide as a button with so many letters is; somewhat too much rather than too little. */
uint32_t layout_button_px(const struct layout *l, uint32_t letters);
/* The same for the smaller ones of languages and settings. */
uint32_t layout_tool_px(const struct layout *l, uint32_t letters);
