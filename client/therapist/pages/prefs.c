/* Happy path: one key in one file. Failure: a file that is not there or makes no sense is as if
 * nothing had been chosen: alerts at once, which is the safe side. */
#include "client/therapist/pages/prefs.h"

#include <string.h>

#include <gio/gio.h>

static const char *const words[] = {"popup", "badge", "after"};

const char *prefs_mode_word(int mode)
{
    return mode >= 0 && mode < (int)G_N_ELEMENTS(words) ? words[mode] : NULL;
}

bool prefs_mode_of(const char *word, enum notice_mode *ret_mode)
{
    for (int mode = 0; mode < (int)G_N_ELEMENTS(words); mode++) {
        if (strcmp(word, words[mode]) == 0) {
            *ret_mode = (enum notice_mode)mode;
            return true;
        }
    }
    return false;
}

static char *path(void)
{
    return g_build_filename(g_get_user_config_dir(), "attune", "therapist.conf", NULL);
}

void prefs_read(enum notice_mode *mode)
{
    GKeyFile *file = g_key_file_new();
    char *name = path();
    if (g_key_file_load_from_file(file, name, G_KEY_FILE_NONE, NULL)) {
        char *word = g_key_file_get_string(file, "alerts", "appear", NULL);
        if (word != NULL) {
            (void)prefs_mode_of(word, mode);
        }
        g_free(word);
    }
    g_key_file_free(file);
    g_free(name);
}

static void on_written(GObject *file, GAsyncResult *result, gpointer data)
{
    (void)data;
    (void)g_file_replace_contents_finish(G_FILE(file), result, NULL, NULL);
}

void prefs_write(enum notice_mode mode)
{
    char *name = path(), *folder = g_path_get_dirname(name);
    char *text = g_strdup_printf("[alerts]\nappear=%s\n", words[mode]);
    GFile *file = g_file_new_for_path(name);
    GBytes *bytes = g_bytes_new_take(text, strlen(text));
    if (g_mkdir_with_parents(folder, 0700) == 0) {
        g_file_replace_contents_bytes_async(file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                            on_written, NULL);
    }
    g_bytes_unref(bytes);
    g_object_unref(file);
    g_free(folder);
    g_free(name);
}
