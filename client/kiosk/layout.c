/* Happy path: the sizes that read well, when four lines fit with them; else closer, else smaller,
 * else one question at a time. What is reckoned here is near, not exact: words wrap as they like.
 * Failure: a screen on which even that is clipped is found by the screen's own check at its start.
 */
#include "client/kiosk/layout.h"

/* Hundredths of a millimetre. Two fifths of a centimetre are 11 point. */
enum { FONT = 390, FONT_LARGER = 500, FONT_LEAST = 260, CONTENT_MAX_MM = 210 };

static uint32_t larger_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t px(const struct layout_screen *s, uint32_t hundredth_mm)
{
    uint64_t wide = (uint64_t)s->width_px * hundredth_mm;
    return (uint32_t)((wide + (uint64_t)s->panel_mm * 50) / ((uint64_t)s->panel_mm * 100));
}

/* The height that four lines need, in pixels; the shares are of kiosk.css. */
static uint32_t four_lines(const struct layout *l)
{
    bool roomy = l->kind == LAYOUT_ROOMY;
    uint32_t f = l->font_px, wraps = l->content_px < 40 * f ? 17 : 0;
    uint32_t row = ((roomy ? 42 : 33) + wraps) * f / 10 + l->target_px;
    uint32_t head = (roomy ? 60 : 40) * f / 10 + l->target_px * (l->content_px < 45 * f ? 2 : 1);
    uint32_t foot = l->target_px * (l->content_px < 38 * f ? 3 : 1) + (roomy ? 3 : 2) * f;
    return 4 * row + head + foot + 2 * l->margin_y_px;
}

static struct layout sized(const struct layout_screen *s, enum layout_kind kind, uint32_t font)
{
    uint32_t widest = px(s, CONTENT_MAX_MM * 100);
    struct layout l = {.kind = kind};
    l.font_px = larger_of(px(s, font), LAYOUT_FONT_PX_MIN);
    l.target_px = larger_of(px(s, LAYOUT_TARGET_MM_MIN * 100), LAYOUT_TARGET_PX_MIN);
    l.margin_x_px = larger_of(s->width_px / 32, 12);
    if (s->width_px > widest + 2 * l.margin_x_px) {
        l.margin_x_px = (s->width_px - widest) / 2;
    }
    l.margin_y_px = larger_of(s->height_px / 36, 8);
    l.content_px = s->width_px - 2 * l.margin_x_px;
    l.gap_px = larger_of(l.font_px / 2, 8);
    l.drawing_px = (l.content_px - 4 * l.gap_px) / 5;
    uint32_t tallest = s->height_px * 36 / 100;
    l.drawing_px = l.drawing_px < tallest ? l.drawing_px : tallest;
    l.symbol_px = s->height_px / 4;
    l.symbol_px = l.symbol_px < l.content_px / 3 ? l.symbol_px : l.content_px / 3;
    return l;
}

struct layout layout_of(const struct layout_screen *s)
{
    static const struct {
        enum layout_kind kind;
        uint32_t font;
    } ways[] = {
        {LAYOUT_ROOMY, 390}, {LAYOUT_COMPACT, 390}, {LAYOUT_COMPACT, 360}, {LAYOUT_COMPACT, 330}};
    uint32_t at_once = s->form && !s->larger && !s->drawn ? sizeof ways / sizeof ways[0] : 0;
    for (uint32_t i = s->tried; i < at_once; i++) {
        struct layout l = sized(s, ways[i].kind, ways[i].font);
        if (four_lines(&l) <= s->height_px) {
            l.tried = i + 1;
            return l;
        }
    }
    uint32_t smaller = s->tried > at_once ? s->tried - at_once : 0;
    uint32_t font = s->larger ? FONT_LARGER : FONT, step = font * 7 / 100;
    uint32_t steps_max = (font - FONT_LEAST) / step;
    smaller = smaller < steps_max ? smaller : steps_max;
    struct layout l = sized(s, s->form ? LAYOUT_ONE : LAYOUT_ROOMY, font - smaller * step);
    l.tried = at_once + smaller + 1;
    l.last = smaller == steps_max;
    return l;
}

uint32_t layout_button_px(const struct layout *l, uint32_t letters)
{
    return (letters * 54 + 350) * l->font_px / 100;
}

uint32_t layout_tool_px(const struct layout *l, uint32_t letters)
{
    return larger_of((letters * 52 + 190) * l->font_px / 100, l->target_px + 2 * l->font_px);
}
