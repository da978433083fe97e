/* style.h - how the window looks: a sheet for GTK. Text has 7:1 on its ground, lines 3:1, what can
 * be pressed is 44 pixels high. */
#pragma once

extern const char style_sheet[];
