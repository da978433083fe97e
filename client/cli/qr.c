/* Happy path: two rows of modules are one line of half blocks. Failure: a text that fits into no
 * code is NULL. */
#include "client/cli/qr.h"

#include <unistd.h>

#include <glib.h>
#include <qrencode.h>

enum { QUIET = 4 };

/* Outside of the code is the quiet zone: light. */
static bool is_dark(const QRcode *code, int x, int y)
{
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[y * code->width + x] & 1) != 0;
}

char *qr_text(const char *text, bool colour)
{
    static const char *const blocks[] = {"\u2588", "\u2580", "\u2584", " "};
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (code == NULL) {
        return NULL;
    }
    GString *lines = g_string_new(NULL);
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        g_string_append(lines, colour ? "\033[40;97m" : "");
        for (int x = -QUIET; x < code->width + QUIET; x++) {
            int upper = is_dark(code, x, y), lower = is_dark(code, x, y + 1);
            g_string_append(lines, blocks[2 * upper + lower]);
        }
        g_string_append(lines, colour ? "\033[0m\n" : "\n");
    }
    QRcode_free(code);
    return g_string_free(lines, FALSE);
}

char *qr_for_output(const char *text)
{
    const char *charset = NULL;
    return g_get_charset(&charset) ? qr_text(text, isatty(STDOUT_FILENO) == 1) : NULL;
}
