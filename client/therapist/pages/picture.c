/* Happy path: GTK asks for a drawing, the theme of the moment is chosen, the plot draws. Failure:
 * none; without figures the plot draws its empty frame. */
#include "client/therapist/pages/picture.h"

#include <string.h>

enum { DPI = 96, POINTS_PER_INCH = 72, TYPE = 13, YEAR_MAX = 9999 };

struct picture {
    picture_draw draw;
    const void *figures;
    int area;
    double times;
};

/* How much larger than usual this person's type is. */
static double type_scale(GtkWidget *widget)
{
    PangoContext *context = gtk_widget_get_pango_context(widget);
    const PangoFontDescription *font = pango_context_get_font_description(context);
    double size = (double)pango_font_description_get_size(font) / PANGO_SCALE;
    double dpi = pango_cairo_context_get_resolution(context);
    if (!pango_font_description_get_size_is_absolute(font)) {
        size *= (dpi > 0 ? dpi : DPI) / POINTS_PER_INCH;
    }
    return size > 0 ? size / TYPE : 1;
}

static void on_draw(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
    const struct picture *p = data;
    bool dark = adw_style_manager_get_dark(adw_style_manager_get_default());
    const struct plot_frame frame = {
        .width = width,
        .height = height,
        .scale = type_scale(GTK_WIDGET(area)) * p->times,
        .theme = dark ? &plot_theme_dark : &plot_theme_light,
    };
    p->draw(cr, &frame, p->figures, p->area);
}

static void on_style(AdwStyleManager *manager, GParamSpec *spec, gpointer picture)
{
    (void)manager;
    (void)spec;
    gtk_widget_queue_draw(picture);
}

GtkWidget *picture_new(picture_draw draw, const void *figures, int area, int width, int height)
{
    struct picture *p = g_new0(struct picture, 1);
    GtkWidget *widget =
        g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
    *p = (struct picture){.draw = draw, .figures = figures, .area = area, .times = 1};
    g_object_set_data(G_OBJECT(widget), "attune-picture", p);
    gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(widget), width);
    gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(widget),
                                        (int)(height * type_scale(widget)));
    gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(widget), on_draw, p, g_free);
    g_signal_connect_object(adw_style_manager_get_default(), "notify::dark", G_CALLBACK(on_style),
                            widget, 0);
    return widget;
}

void picture_enlarge(GtkWidget *picture, double times)
{
    struct picture *p = g_object_get_data(G_OBJECT(picture), "attune-picture");
    p->times = times;
    gtk_widget_queue_draw(picture);
}

void picture_say(GtkWidget *picture, const char *name, const char *words)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(picture), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
    gtk_widget_queue_draw(picture);
}

struct plot_day picture_day(int64_t ms)
{
    GDateTime *at = g_date_time_new_from_unix_local(ms / 1000);
    struct plot_day day = {0};
    if (at != NULL) {
        day = (struct plot_day){.year = (int16_t)g_date_time_get_year(at),
                                .month = (int8_t)g_date_time_get_month(at),
                                .day = (int8_t)g_date_time_get_day_of_month(at)};
        g_date_time_unref(at);
    }
    return day;
}

struct plot_day picture_day_of(const char *date)
{
    char *end;
    gint64 numbers[3];
    for (size_t at = 0; at < G_N_ELEMENTS(numbers); at++) {
        numbers[at] = g_ascii_strtoll(date, &end, 10);
        bool good = end != date && numbers[at] > 0 && numbers[at] <= YEAR_MAX;
        if (!good || *end != (at < 2 ? '-' : '\0')) {
            return (struct plot_day){0};
        }
        date = end + 1;
    }
    return (struct plot_day){
        .year = (int16_t)numbers[0], .month = (int8_t)numbers[1], .day = (int8_t)numbers[2]};
}

void picture_take_course(struct picture_course *p, const struct course *c, const struct lines *l)
{
    memset(p->sessions, 0, sizeof p->sessions); /* Of somebody else's nothing stays behind. */
    for (size_t at = 0; at < c->count; at++) {
        const struct course_session *s = &c->sessions[c->count - 1 - at];
        p->sessions[at] =
            (struct plot_session){.number = (int)at + 1,
                                  .day = picture_day(s->start_ms),
                                  .instrument = s->instrument[0] != '\0' ? s->instrument : NULL,
                                  .marks = s->marks};
        memcpy(p->sessions[at].scores, s->scores, sizeof p->sessions[at].scores);
    }
    /* The session under way has no rating yet: that is no missed one. */
    bool under_way = c->count > 0 && course_total(&c->sessions[0]) == COURSE_MISSING &&
                     !course_missed(&c->sessions[0]);
    p->history = (struct plot_history){.sessions = p->sessions,
                                       .count = under_way ? c->count - 1 : c->count,
                                       .cut = l->cut,
                                       .area_low = l->area_low,
                                       .spread = l->spread};
}

void picture_total(cairo_t *cr, const struct plot_frame *f, const void *figures, int area)
{
    const struct picture_course *p = figures;
    (void)area;
    plot_course(cr, f, &p->history);
}

void picture_area(cairo_t *cr, const struct plot_frame *f, const void *figures, int area)
{
    const struct picture_course *p = figures;
    plot_area(cr, f, &p->history, area);
}

void picture_spark(cairo_t *cr, const struct plot_frame *f, const void *figures, int area)
{
    const struct picture_course *p = figures;
    (void)area;
    plot_sparkline(cr, f, &p->history);
}

void picture_weeks(cairo_t *cr, const struct plot_frame *f, const void *figures, int area)
{
    const struct picture_weeks *p = figures;
    (void)area;
    plot_weeks(cr, f, &p->calendar);
}

void picture_funnel(cairo_t *cr, const struct plot_frame *f, const void *figures, int area)
{
    const struct picture_shares *p = figures;
    (void)area;
    plot_funnel(cr, f, &p->shares);
}
