/* Happy path: one strip a session under way; made anew when its state changes. Failure: none; what
 * is old is marked at the foot of the window. */
#include "client/therapist/pages/live_bar.h"

#include <string.h>

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

enum { COLOURS = 8, SWATCH = 22, STATE_MAX = 240 };

/* The palette of PROTOCOL.md, section 7: the kiosk shows the same. */
static const uint32_t palette[COLOURS] = {0x000000, 0xe69f00, 0x56b4e9, 0x009e73,
                                          0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7};

static void on_draw(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
    uint32_t colour = palette[GPOINTER_TO_UINT(data) % COLOURS];
    (void)area;
    cairo_set_source_rgb(cr, (colour >> 16) / 255.0, ((colour >> 8) & 255) / 255.0,
                         (colour & 255) / 255.0);
    cairo_rectangle(cr, 0.5, 0.5, width - 1, height - 1);
    cairo_fill_preserve(cr);
    cairo_set_source_rgb(cr, 0.5, 0.5, 0.5);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
}

static GtkWidget *swatch(const Attune__Session *s)
{
    GtkWidget *area = g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role",
                                   GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
    gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(area), SWATCH);
    gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(area), SWATCH);
    gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(area), on_draw, GUINT_TO_POINTER(s->colour),
                                   NULL);
    gtk_widget_set_valign(area, GTK_ALIGN_CENTER);
    return area;
}

/* Of two who came together, and the other one is not done yet. */
static bool done_and_covered(const struct office *o, const Attune__Session *s)
{
    return s->outcome != ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE &&
           together_covers(o->together, s->session_id.data);
}

/* "Rated: understanding 8.1, relevance 7.9, …" or what is waited for. */
static char *words_of(const struct office *o, const Attune__Session *s)
{
    int16_t scores[COURSE_AREAS];
    course_scores(s->scores, scores);
    if (done_and_covered(o, s)) {
        return g_strdup("Done. What each of the two said is shown when both are.");
    }
    if (s->outcome == ATTUNE__SESSION_OUTCOME__SESSION_SKIPPED) {
        return g_strdup("The client would rather not rate today.");
    }
    if (s->outcome != ATTUNE__SESSION_OUTCOME__SESSION_RATED) {
        return g_strdup(s->state == ATTUNE__SESSION_STATE__SESSION_INVITED
                            ? "The rating is invited: the kiosk is awake."
                            : "Under way. Invite the rating when you are ready.");
    }
    GString *text = g_string_new("Rated: ");
    for (int area = 0; area < COURSE_AREAS; area++) {
        char *score = kit_tenths(scores[area]), *name = g_ascii_strdown(kit_area(area), -1);
        g_string_append_printf(text, "%s%s %s", area > 0 ? ", " : "", name, score);
        g_free(score);
        g_free(name);
    }
    return g_string_free(text, FALSE);
}

static GtkWidget *scores_of(const Attune__Session *s)
{
    int16_t scores[COURSE_AREAS];
    GtkWidget *row = kit_row(22);
    course_scores(s->scores, scores);
    for (int area = 0; area < COURSE_AREAS; area++) {
        GtkWidget *cell = kit_column(0);
        char *score = kit_tenths(scores[area]);
        kit_add(cell, kit_label(kit_area(area), "quiet"));
        kit_add(cell, kit_label(score, "score"));
        kit_add(row, cell);
        g_free(score);
    }
    return row;
}

static void keep_id(GtkWidget *button, const Attune__Session *s)
{
    g_object_set_data_full(G_OBJECT(button), "attune-session",
                           g_memdup2(s->session_id.data, LIMIT_ID_SIZE), g_free);
}

static void on_invite(GtkButton *button, gpointer data)
{
    struct window *w = data;
    office_invite(&w->office, g_object_get_data(G_OBJECT(button), "attune-session"));
}

static void on_close(GtkButton *button, gpointer data)
{
    struct window *w = data;
    office_close_session(&w->office, g_object_get_data(G_OBJECT(button), "attune-session"));
}

static void add_buttons(struct window *w, GtkWidget *row, const Attune__Session *s)
{
    bool settled = s->outcome != ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE;
    if (!settled && s->state == ATTUNE__SESSION_STATE__SESSION_OPEN) {
        GtkWidget *invite =
            kit_button("Invite rating", "suggested-action", G_CALLBACK(on_invite), w);
        keep_id(invite, s);
        kit_add(row, invite);
    }
    GtkWidget *close = kit_button("Close session", NULL, G_CALLBACK(on_close), w);
    keep_id(close, s);
    kit_add(row, close);
}

static GtkWidget *strip(struct window *w, const Attune__Session *s)
{
    GtkWidget *row = kit_row(14), *words = kit_column(4);
    bool rated =
        s->outcome == ATTUNE__SESSION_OUTCOME__SESSION_RATED && !done_and_covered(&w->office, s);
    char *head = g_strdup_printf("%s in %s", s->client_ref, s->room);
    char *mark = g_strdup_printf("%s", s->symbol);
    char *state = words_of(&w->office, s);
    gtk_widget_add_css_class(row, "live");
    gtk_widget_set_hexpand(words, TRUE);
    GtkWidget *kiosk = kit_row(6);
    gtk_widget_set_valign(kiosk, GTK_ALIGN_CENTER);
    kit_add(kiosk, swatch(s));
    GtkWidget *symbol = kit_label(mark, "quiet");
    gtk_widget_set_tooltip_text(kiosk, "The kiosk shows this colour and word");
    kit_add(kiosk, symbol);
    GtkWidget *line = kit_row(10);
    kit_add(line, kit_label(head, "who"));
    kit_add(line, kiosk);
    kit_add(words, line);
    kit_add(words, kit_label(rated ? "Rated" : state, NULL));
    kit_add(row, words);
    if (rated) {
        GtkWidget *scores = scores_of(s);
        gtk_widget_set_valign(scores, GTK_ALIGN_CENTER);
        kit_name(scores, state);
        kit_add(row, scores);
    }
    if (whose_may_act(w->office.whose)) {
        add_buttons(w, row, s);
    }
    g_free(head);
    g_free(mark);
    g_free(state);
    return row;
}

static char *made_from(const struct office *o)
{
    GString *text = g_string_new(NULL);
    for (guint at = 0; at < o->live->len; at++) {
        const Attune__Session *s = g_ptr_array_index(o->live, at);
        char *words = words_of(o, s);
        g_string_append_printf(text, "%s %s %d %s\n", s->client_ref, s->room, (int)s->state, words);
        g_free(words);
    }
    return g_string_free(text, FALSE);
}

void live_bar_update(struct window *w)
{
    struct live_bar *b = &w->live_bar;
    char *now = made_from(&w->office);
    if (g_strcmp0(now, b->shown) == 0) {
        g_free(now);
        return;
    }
    g_free(b->shown);
    b->shown = now;
    kit_clear(b->self);
    for (guint at = 0; at < w->office.live->len; at++) {
        kit_add(b->self, strip(w, g_ptr_array_index(w->office.live, at)));
    }
    gtk_widget_set_visible(b->self, w->office.live->len > 0);
}

GtkWidget *live_bar_make(struct window *w)
{
    w->live_bar.self = kit_column(6);
    gtk_widget_set_visible(w->live_bar.self, FALSE);
    return w->live_bar.self;
}
