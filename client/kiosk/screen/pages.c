/* Happy path: what a page says, and below it what one may answer. Failure: none. */
#include "client/kiosk/screen/pages.h"

#include <stdio.h>

#include "client/kiosk/screen/parts.h"
#include "proto/wire/must.h"

/* Words in the middle, buttons below them. */
static GtkWidget *calm(struct screen *s, GtkWidget *const *children, size_t count)
{
    GtkWidget *box = parts_column(s, children, count);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_widget_set_vexpand(box, TRUE);
    return box;
}

static GtkWidget *centred(const struct screen *s, GtkWidget *w)
{
    gtk_widget_set_margin_top(w, (int)s->layout.gap_px);
    gtk_widget_set_halign(w, GTK_ALIGN_CENTER);
    return w;
}

static GtkWidget *words(const struct screen *s, enum text text, const char *style)
{
    return parts_label(parts_text(s, text), style, 0.5f);
}

static GtkWidget *answer(struct screen *s, enum text text, const char *style, enum flow_event event)
{
    return parts_button(s, parts_text(s, text), style, event, 0, 0);
}

/* How many answers go beside each other: all of them, two, or one. */
static size_t columns_of(const struct screen *s, GtkWidget *const *buttons, size_t count)
{
    unsigned widest = parts_widest(s, buttons, count) + s->layout.gap_px;
    unsigned room = s->layout.content_px + s->layout.gap_px;
    bool all = count <= 3 && widest * (unsigned)count <= room;
    bool low = s->height_px < s->width_px && s->layout.tried > 1; /* A column was too high. */
    return all ? count : low && widest * 2 <= room ? 2 : 1;
}

/* Answers of the same dignity: as wide as each other. */
static GtkWidget *answers(const struct screen *s, GtkWidget *const *buttons, size_t count)
{
    size_t columns = columns_of(s, buttons, count);
    int gap = (int)(s->layout.tried > 1 ? s->layout.gap_px : s->layout.gap_px * 3 / 2);
    GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, gap);
    gtk_widget_set_halign(column, GTK_ALIGN_CENTER);
    gtk_widget_set_margin_top(column, (int)s->layout.gap_px);
    if (columns == 1) {
        for (size_t i = 0; i < count; i++) {
            parts_wrap(buttons[i]);
            gtk_box_append(GTK_BOX(column), buttons[i]);
        }
        return column;
    }
    GtkSizeGroup *alike = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    GtkWidget *row = NULL;
    for (size_t i = 0; i < count; i++) {
        if (i % columns == 0) {
            row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, gap);
            gtk_box_append(GTK_BOX(column), row);
        }
        gtk_size_group_add_widget(alike, buttons[i]);
        gtk_box_append(GTK_BOX(row), buttons[i]);
    }
    g_object_unref(alike);
    return column;
}

static const char *clock_time(int64_t ms, char room[16])
{
    GDateTime *when = g_date_time_new_from_unix_local(ms / 1000);
    char *text = when != NULL ? g_date_time_format(when, "%H:%M") : NULL;
    (void)snprintf(room, 16, "%s", text != NULL ? text : "");
    g_free(text);
    if (when != NULL) {
        g_date_time_unref(when);
    }
    return room;
}

static GtkWidget *recognise(struct screen *s)
{
    char who[TEXTS_ROOM], sign[TEXTS_ROOM], name[TEXTS_ROOM], therapist[TEXTS_ROOM], at[16];
    const struct flow_ticket *t = &s->flow->person.ticket;
    /* In marks that keep a name's own direction within a sentence of the other. */
    (void)texts_fill(therapist, "\u2068{1}\u2069", t->therapist, "");
    (void)texts_fill(who, parts_text(s, TEXT_RECOGNISE_WHO), therapist,
                     clock_time(t->start_ms, at));
    (void)texts_fill(sign, parts_text(s, TEXT_RECOGNISE_SIGN), parts_sign_name(s, name), "");
    GtkWidget *const both[] = {answer(s, TEXT_YES, "main", FLOW_YES),
                               answer(s, TEXT_NOT_MINE, "main", FLOW_NOT_ME)};
    GtkWidget *const all[] = {
        words(s, TEXT_RECOGNISE_TITLE, "title"), parts_sign(s, s->layout.symbol_px),
        parts_label(sign, "subtitle", 0.5f), parts_label(who, "large", 0.5f), answers(s, both, 2)};
    return calm(s, all, G_N_ELEMENTS(all));
}

static GtkWidget *explain(struct screen *s)
{
    GtkWidget *const both[] = {answer(s, TEXT_SKIP, "main", FLOW_SKIP),
                               answer(s, TEXT_GO_ON, "main", FLOW_GO_ON)};
    GtkWidget *all[] = {
        words(s, TEXT_EXPLAIN_TITLE, "title"),
        parts_label(parts_text(s, TEXT_EXPLAIN_WHAT), "plain", 0),
        parts_label(parts_text(s, TEXT_EXPLAIN_WHY), "plain", 0),
        parts_label(parts_text(s, TEXT_EXPLAIN_HONEST), "plain", 0),
        parts_label(parts_text(s, TEXT_EXPLAIN_WHO), "plain", 0),
        parts_label(parts_text(s, TEXT_EXPLAIN_FREE), "plain", 0),
        answers(s, both, 2),
    };
    return calm(s, all, G_N_ELEMENTS(all));
}

struct choice {
    enum text text;
    uint32_t number;
};

static GtkWidget *choose(struct screen *s, enum text title, const struct choice *list, size_t count)
{
    GtkWidget *buttons[8];
    must(count <= G_N_ELEMENTS(buttons));
    for (size_t i = 0; i < count; i++) {
        buttons[i] =
            parts_button(s, parts_text(s, list[i].text), "main", FLOW_CHOOSE, 0, list[i].number);
    }
    GtkWidget *const all[] = {words(s, title, "title"), answers(s, buttons, count)};
    return calm(s, all, G_N_ELEMENTS(all));
}

static GtkWidget *talk(struct screen *s)
{
    static const struct choice list[] = {
        {TEXT_TALK_NOW, ATTUNE__TALK__TALK_NOW},
        {TEXT_TALK_NEXT, ATTUNE__TALK__TALK_NEXT},
        {TEXT_TALK_RATHER_NOT, ATTUNE__TALK__TALK_RATHER_NOT},
    };
    return choose(s, TEXT_TALK_TITLE, list, G_N_ELEMENTS(list));
}

static GtkWidget *tension(struct screen *s)
{
    static const struct choice list[] = {
        {TEXT_TENSION_NONE, ATTUNE__TENSION__TENSION_NONE},
        {TEXT_TENSION_RESOLVED, ATTUNE__TENSION__TENSION_RESOLVED},
        {TEXT_TENSION_UNRESOLVED, ATTUNE__TENSION__TENSION_UNRESOLVED},
        {TEXT_TENSION_NOT_SAID, ATTUNE__TENSION__TENSION_UNSPECIFIED},
    };
    return choose(s, TEXT_TENSION_TITLE, list, G_N_ELEMENTS(list));
}

static GtkWidget *better(struct screen *s)
{
    static const struct choice list[] = {
        {TEXT_BETTER_UNDERSTANDING, ATTUNE__BETTER__BETTER_UNDERSTANDING},
        {TEXT_BETTER_RELEVANCE, ATTUNE__BETTER__BETTER_RELEVANCE},
        {TEXT_BETTER_SAFETY, ATTUNE__BETTER__BETTER_SAFETY},
        {TEXT_BETTER_FIT, ATTUNE__BETTER__BETTER_FIT},
        {TEXT_BETTER_NOTHING, ATTUNE__BETTER__BETTER_NOTHING},
    };
    return choose(s, TEXT_BETTER_TITLE, list, G_N_ELEMENTS(list));
}

static GtkWidget *not_saved(struct screen *s)
{
    GtkWidget *const both[] = {answer(s, TEXT_TRY_AGAIN, "main", FLOW_TRY_AGAIN),
                               answer(s, TEXT_LEAVE_IT, "main", FLOW_LEAVE)};
    GtkWidget *const all[] = {words(s, TEXT_NOT_SAVED_TITLE, "title"),
                              words(s, TEXT_NOT_SAVED_TEXT, "large"), answers(s, both, 2)};
    return calm(s, all, G_N_ELEMENTS(all));
}

static GtkWidget *thanks(struct screen *s)
{
    bool skipped = s->flow->person.skipped;
    GtkWidget *const all[] = {words(s, TEXT_THANKS_TITLE, "thanks"),
                              words(s, skipped ? TEXT_THANKS_SKIPPED : TEXT_THANKS_SAVED, "large")};
    return calm(s, all, G_N_ELEMENTS(all));
}

static GtkWidget *hand_over(struct screen *s)
{
    GtkWidget *const all[] = {words(s, TEXT_THANKS_TITLE, "thanks"),
                              words(s, TEXT_HAND_OVER_TEXT, "large"),
                              centred(s, answer(s, TEXT_HAND_OVER_READY, "main", FLOW_GO_ON))};
    return calm(s, all, G_N_ELEMENTS(all));
}

static GtkWidget *not_mine(struct screen *s)
{
    GtkWidget *const all[] = {words(s, TEXT_NOT_MINE_TITLE, "title"),
                              words(s, TEXT_NOT_MINE_TEXT, "large"),
                              centred(s, answer(s, TEXT_CLOSE, "main", FLOW_LEAVE))};
    return calm(s, all, G_N_ELEMENTS(all));
}

static GtkWidget *still_there(struct screen *s)
{
    enum text what = s->flow->person.sent ? TEXT_STILL_THERE_SENT : TEXT_STILL_THERE_TEXT;
    GtkWidget *const all[] = {words(s, TEXT_STILL_THERE_TITLE, "title"), words(s, what, "large"),
                              centred(s, answer(s, TEXT_STILL_HERE, "main", FLOW_TOUCH))};
    return calm(s, all, G_N_ELEMENTS(all));
}

static GtkWidget *blank(struct screen *s)
{
    if (s->shut_out && s->flow->page == FLOW_BLANK) {
        GtkWidget *const all[] = {words(s, TEXT_NOT_IN_USE_TITLE, "title"),
                                  words(s, TEXT_NOT_IN_USE_TEXT, "large")};
        return calm(s, all, G_N_ELEMENTS(all));
    }
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_set_vexpand(box, TRUE);
    return box;
}

static GtkWidget *(*const builders[FLOW_PAGES])(struct screen *s) = {
    [FLOW_BLANK] = blank,
    [FLOW_RECOGNISE] = recognise,
    [FLOW_EXPLAIN] = explain,
    [FLOW_RATE] = pages_rate,
    [FLOW_TALK] = talk,
    [FLOW_TENSION] = tension,
    [FLOW_BETTER] = better,
    [FLOW_SAVING] = blank,
    [FLOW_NOT_SAVED] = not_saved,
    [FLOW_THANKS] = thanks,
    [FLOW_HAND_OVER] = hand_over,
    [FLOW_NOT_MINE] = not_mine,
    [FLOW_STILL_THERE] = still_there,
    [FLOW_PIN] = pages_pin,
    [FLOW_STAFF] = pages_staff,
};

GtkWidget *pages_build(struct screen *s)
{
    GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_add_css_class(page, s->flow->page == FLOW_BLANK && !s->shut_out ? "blank" : "page");
    gtk_widget_set_margin_start(page, (int)s->layout.margin_x_px);
    gtk_widget_set_margin_end(page, (int)s->layout.margin_x_px);
    gtk_widget_set_margin_top(page, (int)s->layout.margin_y_px);
    gtk_widget_set_margin_bottom(page, (int)s->layout.margin_y_px);
    if (flow_knows(s->flow->page, FLOW_LANGUAGE)) {
        gtk_box_append(GTK_BOX(page), parts_tools(s));
    }
    gtk_box_append(GTK_BOX(page), builders[s->flow->page](s));
    return page;
}
