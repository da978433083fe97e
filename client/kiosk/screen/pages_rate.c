/* The four areas: four lines at once or one question at a time; for children a row of plants.
 *
 * Happy path: an input is touched, the flow takes the answer in, and what it holds is shown.
 * Failure: none. */
#include <stdio.h>
#include <string.h>

#include "client/kiosk/screen/line.h"
#include "client/kiosk/screen/pages.h"
#include "client/kiosk/screen/parts.h"
#include "proto/wire/must.h"

static const char area_key[] = "attune-area", screen_key[] = "attune-screen";

static struct screen *screen_of(gpointer widget)
{
    return g_object_get_data(G_OBJECT(widget), screen_key);
}

/* ---- one area -------------------------------------------------------------------------------- */

static void on_line(AttuneLine *line, double place)
{
    struct screen *s = screen_of(line);
    size_t area = GPOINTER_TO_SIZE(g_object_get_data(G_OBJECT(line), area_key));
    uint32_t tenths = instrument_score(flow_instrument(s->flow), place);
    s->event_cb(s, FLOW_TOUCH, 0, 0);
    s->event_cb(s, FLOW_ANSWER, area, tenths);
}

static GtkWidget *line_of(struct screen *s, size_t area)
{
    char name[CONFIG_TEXT_MAX * 3];
    const struct instrument *i = flow_instrument(s->flow);
    const struct instrument_area *a = &i->areas[area];
    (void)snprintf(name, sizeof name, "%s 0: %s. 10: %s.", a->question, a->lowest, a->highest);
    GtkWidget *line = attune_line_new(name, i->steps, on_line);
    g_object_set_data(G_OBJECT(line), screen_key, s);
    g_object_set_data(G_OBJECT(line), area_key, GSIZE_TO_POINTER(area));
    return line;
}

static GtkWidget *ends_of(const struct instrument_area *a)
{
    GtkWidget *ends = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 24);
    GtkWidget *low = parts_label(a->lowest, "anchor", 0),
              *high = parts_label(a->highest, "anchor", 1);
    gtk_widget_set_hexpand(low, TRUE);
    gtk_widget_set_hexpand(high, TRUE);
    gtk_widget_set_halign(low, GTK_ALIGN_START);
    gtk_widget_set_halign(high, GTK_ALIGN_END);
    gtk_label_set_justify(GTK_LABEL(high), GTK_JUSTIFY_RIGHT);
    gtk_box_append(GTK_BOX(ends), low);
    gtk_box_append(GTK_BOX(ends), high);
    return ends;
}

/* A row of plants, from a bud to full bloom. */
static GtkWidget *plants_of(struct screen *s, size_t area)
{
    const struct instrument *i = flow_instrument(s->flow);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, (int)s->layout.gap_px);
    gtk_box_set_homogeneous(GTK_BOX(box), TRUE);
    unsigned room = (s->layout.content_px - i->steps * s->layout.gap_px) / (i->steps + 1);
    unsigned size = MIN(s->layout.drawing_px, room) * 3 / 4;
    for (uint32_t step = 0; step <= i->steps; step++) {
        char name[TEXTS_ROOM], number[12], steps[12];
        (void)snprintf(number, sizeof number, "%u", step + 1);
        (void)snprintf(steps, sizeof steps, "%u", i->steps + 1);
        (void)texts_fill(name, parts_text(s, TEXT_VALUE_STEP), number, steps);
        GtkWidget *b = parts_button(s, name, "plant", FLOW_ANSWER, area, step * (100 / i->steps));
        gtk_button_set_child(GTK_BUTTON(b), parts_plant(size, (double)step / i->steps));
        gtk_box_append(GTK_BOX(box), b);
    }
    return box;
}

static GtkWidget *row_of(struct screen *s, size_t area)
{
    const struct instrument *i = flow_instrument(s->flow);
    bool drawn = i->audience == AUDIENCE_CHILD;
    bool one = s->layout.kind == LAYOUT_ONE;
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, one ? (int)s->layout.gap_px : 0);
    GtkWidget *input = drawn ? plants_of(s, area) : line_of(s, area);
    gtk_widget_add_css_class(box, "row");
    gtk_box_append(GTK_BOX(box), parts_label(i->areas[area].question, "question", 0));
    gtk_box_append(GTK_BOX(box), input);
    gtk_box_append(GTK_BOX(box), ends_of(&i->areas[area]));
    gtk_widget_set_vexpand(box, TRUE);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    s->inputs[area] = input;
    return box;
}

/* ---- head and foot --------------------------------------------------------------------------- */

static GtkWidget *head(struct screen *s)
{
    bool drawn = flow_instrument(s->flow)->audience == AUDIENCE_CHILD;
    bool one = s->layout.kind == LAYOUT_ONE;
    enum text how = drawn ? TEXT_RATE_HOW_CHILD : one ? TEXT_RATE_HOW_ONE : TEXT_RATE_HOW;
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    if (one) {
        char words[TEXTS_ROOM], number[4];
        (void)snprintf(number, sizeof number, "%zu", s->flow->person.at + 1);
        (void)texts_fill(words, parts_text(s, TEXT_QUESTION_OF), number, "4");
        gtk_box_append(GTK_BOX(box), parts_label(words, "subtitle", 0));
    } else {
        gtk_box_append(GTK_BOX(box), parts_label(parts_text(s, TEXT_RATE_TITLE), "title", 0));
    }
    gtk_box_append(GTK_BOX(box), parts_label(parts_text(s, how), "subtitle", 0));
    if (s->layout.kind == LAYOUT_ROOMY) {
        gtk_box_append(GTK_BOX(box), parts_label(parts_text(s, TEXT_RATE_WHO), "private", 0));
    }
    return box;
}

static GtkWidget *go(struct screen *s, enum text text, const char *style, enum flow_event event)
{
    return parts_button(s, parts_text(s, text), style, event, 0, 0);
}

static GtkWidget *foot(struct screen *s)
{
    bool one = s->layout.kind == LAYOUT_ONE;
    size_t at = s->flow->person.at;
    bool last = !one || at + 1 == INSTRUMENT_AREAS;
    GtkWidget *skip = go(s, TEXT_SKIP, "main", FLOW_SKIP);
    GtkWidget *back = one ? go(s, TEXT_BACK, "quiet", FLOW_BACK)
                          : go(s, TEXT_START_OVER, "quiet", FLOW_START_OVER);
    GtkWidget *on = go(s, last ? TEXT_SEND : TEXT_NEXT, "main", last ? FLOW_SEND : FLOW_NEXT);
    GtkWidget *const all[] = {skip, back, on};
    unsigned gaps = 2 * s->layout.gap_px, quiet = parts_widest(s, &back, 1);
    bool beside =
        2 * parts_widest(s, all, G_N_ELEMENTS(all)) + quiet + gaps <= s->layout.content_px;
    GtkWidget *box = gtk_box_new(beside ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL,
                                 (int)s->layout.gap_px / (beside ? 1 : 2));
    gtk_widget_set_visible(back, !one || at > 0);
    gtk_widget_set_hexpand(skip, TRUE);
    gtk_widget_set_hexpand(on, TRUE);
    GtkSizeGroup *alike = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL); /* The same dignity. */
    gtk_size_group_add_widget(alike, skip);
    gtk_size_group_add_widget(alike, on);
    g_object_unref(alike);
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        gtk_box_append(GTK_BOX(box), all[beside ? i : 2 - i]);
    }
    gtk_widget_set_margin_top(box, (int)s->layout.gap_px / 2);
    s->send = last ? on : NULL;
    return box;
}

GtkWidget *pages_rate(struct screen *s)
{
    GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_box_append(GTK_BOX(page), head(s));
    GtkWidget *rows = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_set_vexpand(rows, TRUE);
    bool one = s->layout.kind == LAYOUT_ONE;
    for (size_t i = 0; i < INSTRUMENT_AREAS; i++) {
        if (!one || i == s->flow->person.at) {
            gtk_box_append(GTK_BOX(rows), row_of(s, i));
        }
    }
    gtk_box_append(GTK_BOX(page), rows);
    s->hint = parts_label("", "count", 0.5f);
    gtk_box_append(GTK_BOX(page), s->hint);
    gtk_box_append(GTK_BOX(page), foot(s));
    return page;
}

/* ---- in place -------------------------------------------------------------------------------- */

static void show_line(struct screen *s, size_t area)
{
    const struct flow_person *p = &s->flow->person;
    char number[12], said[TEXTS_ROOM];
    const char *sign = parts_text(s, TEXT_DECIMAL_SIGN);
    (void)snprintf(number, sizeof number, "%u%s%u", p->tenths[area] / 10, sign,
                   p->tenths[area] % 10);
    (void)texts_fill(said, parts_text(s, TEXT_VALUE_OF_10), number, "");
    attune_line_show(ATTUNE_LINE(s->inputs[area]), p->answered[area], p->tenths[area] / 100.0,
                     p->answered[area] ? said : parts_text(s, TEXT_NOT_ANSWERED));
    explicit_bzero(said, sizeof said);
    explicit_bzero(number, sizeof number);
}

static void show_plants(struct screen *s, size_t area)
{
    const struct flow_person *p = &s->flow->person;
    uint32_t steps = flow_instrument(s->flow)->steps, step = 0;
    for (GtkWidget *b = gtk_widget_get_first_child(s->inputs[area]); b != NULL;
         b = gtk_widget_get_next_sibling(b), step++) {
        bool chosen = p->answered[area] && p->tenths[area] == step * (100 / steps);
        if (chosen) {
            gtk_widget_add_css_class(b, "chosen");
        } else {
            gtk_widget_remove_css_class(b, "chosen");
        }
        gtk_accessible_update_state(
            GTK_ACCESSIBLE(b), GTK_ACCESSIBLE_STATE_PRESSED,
            chosen ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
    }
}

static void show_count(struct screen *s)
{
    char words[TEXTS_ROOM], number[12];
    size_t answered = flow_answered(s->flow);
    bool hinted = s->flow->person.hinted;
    (void)snprintf(number, sizeof number, "%zu", answered);
    (void)texts_fill(words, parts_text(s, TEXT_ANSWERED_OF), number, "");
    const char *said = !hinted        ? words
                       : answered > 0 ? parts_text(s, TEXT_OPEN_SOME)
                                      : parts_text(s, TEXT_OPEN_NONE);
    gtk_label_set_text(GTK_LABEL(s->hint), said);
    if (hinted) {
        gtk_widget_add_css_class(s->hint, "hint");
    } else {
        gtk_widget_remove_css_class(s->hint, "hint");
    }
    if (s->send != NULL && answered == INSTRUMENT_AREAS) {
        gtk_widget_add_css_class(s->send, "ready");
    } else if (s->send != NULL) {
        gtk_widget_remove_css_class(s->send, "ready");
    }
}

static void show_digits(struct screen *s)
{
    static const char dots[] = "••••••••••••"; /* FLOW_PIN_MAX of them, 3 bytes each. */
    size_t all = sizeof dots - 1, have = 3 * strlen(s->flow->digits);
    bool shut = !flow_pin_open(s->flow, g_get_monotonic_time() / 1000);
    const char *said = shut                 ? parts_text(s, TEXT_PIN_SHUT)
                       : s->flow->pin_wrong ? parts_text(s, TEXT_PIN_WRONG)
                                            : dots + all - have;
    gtk_label_set_text(GTK_LABEL(s->digits), said);
}

void pages_update(struct screen *s)
{
    for (size_t i = 0; i < INSTRUMENT_AREAS; i++) {
        if (s->inputs[i] != NULL && ATTUNE_IS_LINE(s->inputs[i])) {
            show_line(s, i);
        } else if (s->inputs[i] != NULL) {
            show_plants(s, i);
        }
    }
    if (s->hint != NULL) {
        show_count(s);
    }
    if (s->digits != NULL) {
        show_digits(s);
    }
}
