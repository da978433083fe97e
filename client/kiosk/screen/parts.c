/* Happy path: GTK's own labels and buttons, named for screen readers by their words. Failure: none
 * that GTK would tell. */
#include "client/kiosk/screen/parts.h"

#include <stdio.h>
#include <string.h>

#include "client/kiosk/screen/drawings.h"

const struct texts *parts_texts(const struct screen *s)
{
    const struct instrument *i = flow_instrument(s->flow);
    return catalogs_find(s->catalogs, i != NULL ? i->language : s->language);
}

const char *parts_text(const struct screen *s, enum text text)
{
    return parts_texts(s)->at[text];
}

GtkWidget *parts_label(const char *words, const char *style, float align)
{
    GtkWidget *label = gtk_label_new(words);
    gtk_widget_add_css_class(label, style);
    gtk_label_set_xalign(GTK_LABEL(label), align);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_justify(GTK_LABEL(label),
                          align > 0.4f && align < 0.6f ? GTK_JUSTIFY_CENTER : GTK_JUSTIFY_LEFT);
    return label;
}

/* ---- buttons --------------------------------------------------------------------------------- */

struct press {
    struct screen *screen;
    enum flow_event event;
    size_t area;
    uint32_t number;
};

static void on_clicked(GtkButton *button, gpointer data)
{
    (void)button;
    const struct press p = *(const struct press *)data; /* The page may go while we tell. */
    if (p.event != FLOW_TOUCH) {
        p.screen->event_cb(p.screen, FLOW_TOUCH, 0, 0); /* A screen reader presses without one. */
    }
    p.screen->event_cb(p.screen, p.event, p.area, p.number);
}

static void free_press(gpointer data, GClosure *closure)
{
    (void)closure;
    g_free(data);
}

GtkWidget *parts_button(struct screen *s, const char *words, const char *style,
                        enum flow_event event, size_t area, uint32_t number)
{
    GtkWidget *button = gtk_button_new();
    GtkWidget *label = parts_label(words, "words", 0.5f);
    struct press *p = g_new(struct press, 1);
    *p = (struct press){s, event, area, number};
    gtk_label_set_wrap(GTK_LABEL(label), FALSE); /* GTK measures wrapped ones in a row badly. */
    gtk_button_set_child(GTK_BUTTON(button), label);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                   -1);
    gtk_widget_add_css_class(button, style);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    g_signal_connect_data(button, "clicked", G_CALLBACK(on_clicked), p, free_press, 0);
    return button;
}

void parts_wrap(GtkWidget *button)
{
    gtk_label_set_wrap(GTK_LABEL(gtk_button_get_child(GTK_BUTTON(button))), TRUE);
}

static unsigned width_of(const struct screen *s, GtkWidget *button)
{
    const char *words = gtk_label_get_text(GTK_LABEL(gtk_button_get_child(GTK_BUTTON(button))));
    return layout_button_px(&s->layout, (unsigned)g_utf8_strlen(words, -1));
}

unsigned parts_widest(const struct screen *s, GtkWidget *const *buttons, size_t count)
{
    unsigned widest = 0;
    for (size_t i = 0; i < count; i++) {
        widest = MAX(widest, width_of(s, buttons[i]));
    }
    return widest;
}

GtkWidget *parts_column(const struct screen *s, GtkWidget *const *children, size_t count)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, (int)s->layout.gap_px);
    for (size_t i = 0; i < count; i++) {
        gtk_box_append(GTK_BOX(box), children[i]);
    }
    return box;
}

/* ---- drawings -------------------------------------------------------------------------------- */

struct sign {
    unsigned colour;
    char symbol[FLOW_TEXT];
};

static void draw_sign(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
    (void)area;
    const struct sign *sign = data;
    drawings_sign(cr, MIN(width, height), sign->colour, sign->symbol);
}

static void wipe_sign(gpointer data)
{
    explicit_bzero(data, sizeof(struct sign));
    g_free(data);
}

const char *parts_sign_name(const struct screen *s, char room[TEXTS_ROOM])
{
    static const char *const words[] = {"leaf", "wave", "star", "moon",
                                        "sun",  "hill", "tree", "bird"};
    const struct flow_ticket *t = &s->flow->person.ticket;
    const char *symbol = t->symbol;
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strcmp(words[i], t->symbol) == 0) {
            symbol = parts_text(s, TEXT_SYMBOL_LEAF + i);
        }
    }
    const char *colour = parts_text(s, TEXT_COLOUR_BLACK + t->colour % 8);
    return texts_fill(room, parts_text(s, TEXT_SIGN_OF), symbol, colour);
}

GtkWidget *parts_sign(struct screen *s, unsigned size_px)
{
    char name[TEXTS_ROOM];
    struct sign *sign = g_new0(struct sign, 1);
    GtkWidget *area =
        g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
    sign->colour = s->flow->person.ticket.colour;
    memcpy(sign->symbol, s->flow->person.ticket.symbol, sizeof sign->symbol);
    gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(area), (int)size_px);
    gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(area), (int)size_px);
    gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(area), draw_sign, sign, wipe_sign);
    gtk_widget_set_halign(area, GTK_ALIGN_CENTER);
    gtk_accessible_update_property(GTK_ACCESSIBLE(area), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   parts_sign_name(s, name), -1);
    return area;
}

static void draw_plant(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
    (void)area;
    const double *bloom = data;
    double size = MIN(width, height);
    cairo_translate(cr, (width - size) / 2, (height - size) / 2);
    drawings_plant(cr, size, *bloom);
}

GtkWidget *parts_plant(unsigned size_px, double bloom)
{
    GtkWidget *area = g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role",
                                   GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
    double *kept = g_new(double, 1);
    *kept = bloom;
    gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(area), (int)size_px);
    gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(area), (int)size_px);
    gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(area), draw_plant, kept, g_free);
    return area;
}

/* ---- languages and settings ------------------------------------------------------------------ */

static void mark(GtkWidget *button, bool chosen)
{
    if (chosen) {
        gtk_widget_add_css_class(button, "chosen");
    }
    gtk_accessible_update_state(
        GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_STATE_PRESSED,
        chosen ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
}

/* A button goes beside the one before it as long as there is room. */
static void place_tool(struct screen *s, GtkWidget *column, const char *words, GtkWidget *button,
                       unsigned *left)
{
    unsigned width = layout_tool_px(&s->layout, (unsigned)g_utf8_strlen(words, -1));
    GtkWidget *row = gtk_widget_get_last_child(column);
    if (row == NULL || *left < width) {
        row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, (int)s->layout.gap_px);
        gtk_widget_set_halign(row, GTK_ALIGN_END);
        gtk_box_append(GTK_BOX(column), row);
        *left = s->layout.content_px;
    }
    *left -= MIN(width + s->layout.gap_px, *left);
    gtk_box_append(GTK_BOX(row), button);
}

static void add_tool(struct screen *s, GtkWidget *column, const char *words, bool chosen,
                     enum flow_event event, size_t number, unsigned *left)
{
    GtkWidget *b = parts_button(s, words, "tool", event, 0, (uint32_t)number);
    mark(b, chosen);
    place_tool(s, column, words, b, left);
}

/* Always on the first pages; later, when the room is scarce, no more: they were chosen by then. */
static bool languages_wanted(const struct screen *s)
{
    const struct wordings *w = &s->flow->person.ticket.wordings;
    bool first = s->flow->page == FLOW_RECOGNISE || s->flow->page == FLOW_EXPLAIN;
    glong letters = g_utf8_strlen(parts_text(s, TEXT_LARGER), -1) +
                    g_utf8_strlen(parts_text(s, TEXT_CONTRAST), -1);
    unsigned width = 2 * layout_tool_px(&s->layout, (unsigned)letters / 2);
    for (size_t i = 0; i < w->count; i++) {
        glong more = g_utf8_strlen(w->at[i].language_name, -1);
        width += layout_tool_px(&s->layout, (unsigned)more) + s->layout.gap_px;
    }
    return first || width + s->layout.gap_px <= s->layout.content_px;
}

GtkWidget *parts_tools(struct screen *s)
{
    const struct flow_person *p = &s->flow->person;
    const struct wordings *w = &p->ticket.wordings;
    GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, (int)s->layout.gap_px / 2);
    unsigned left = 0;
    size_t count = w->count > 1 && languages_wanted(s) ? w->count : 0;
    for (size_t i = 0; i < count; i++) {
        add_tool(s, column, w->at[i].language_name, i == p->language, FLOW_LANGUAGE, i, &left);
    }
    add_tool(s, column, parts_text(s, TEXT_LARGER), p->larger, FLOW_LARGER, 0, &left);
    add_tool(s, column, parts_text(s, TEXT_CONTRAST), p->contrast, FLOW_CONTRAST, 0, &left);
    return column;
}
