/* Happy path: the file is made in memory, a person says where, GIO writes it in the background and
 * the window says that it is there. Failure: what the disk says is said. */
#include "client/therapist/pages/export.h"

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/save_as.h"
#include "client/therapist/pages/window.h"
#include "client/therapist/plots/page.h"

struct saving {
    struct window *window;
    GBytes *bytes;
};

static GBytes *render(const struct window *w, enum plot_file kind)
{
    const struct plot_page page = {
        .client = w->office.client,
        .under = w->office.link.welcome != NULL ? w->office.link.welcome->place : NULL,
        .history = &w->client_page.course.history,
        .made = picture_day(g_get_real_time() / 1000),
        .theme = &plot_theme_print,
    };
    struct plot_bytes bytes = {0};
    plot_page_render(&page, kind, &bytes);
    GBytes *made = g_bytes_new(bytes.at, bytes.count);
    plot_bytes_fini(&bytes);
    return made;
}

static void saving_free(struct saving *s)
{
    g_bytes_unref(s->bytes);
    g_free(s);
}

static void on_written(GObject *file, GAsyncResult *result, gpointer data)
{
    struct saving *s = data;
    GError *error = NULL;
    if (g_file_replace_contents_finish(G_FILE(file), result, NULL, &error)) {
        char *name = g_file_get_basename(G_FILE(file));
        char *said = g_strdup_printf("Saved: %s", name);
        window_say(s->window, said);
        g_free(said);
        g_free(name);
    } else {
        char *said = g_strdup_printf("Not saved: %s", error->message);
        window_say(s->window, said);
        g_free(said);
        g_error_free(error);
    }
    saving_free(s);
}

static void on_where(GFile *file, void *data)
{
    struct saving *s = data;
    if (file == NULL || s->window->idle.locked) {
        saving_free(s);
        return;
    }
    g_file_replace_contents_bytes_async(file, s->bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                        on_written, s);
}

void export_shown(struct window *w, const char *kind)
{
    bool practice = window_shows_practice(w);
    char *name = g_strdup_printf("%s.%s", practice ? "figures" : w->office.client, kind);
    enum plot_file file_kind = plot_file_kind(name);
    if ((!practice && w->office.client == NULL) || file_kind == PLOT_FILE_NONE) {
        g_free(name);
        return;
    }
    struct saving *s = g_new0(struct saving, 1);
    s->window = w;
    s->bytes = practice ? practice_page_file(w, file_kind) : render(w, file_kind);
    save_as(w, "Save", "Save", name, on_where, s);
    g_free(name);
}
