/* Happy path: the client's page without anything that is not the client's: no names, no others, no
 * alerts. Escape or the button ends it. Failure: none. */
#include "client/therapist/pages/review_page.h"

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

#define LARGER 1.3 /* It is looked at from two chairs. */

enum { TOTAL_WIDTH = 640, TOTAL_HEIGHT = 360, AREA_WIDTH = 200, AREA_HEIGHT = 150 };

static void on_back(GtkButton *button, gpointer data)
{
    (void)button;
    window_review(data, false);
}

void review_page_update(struct window *w)
{
    struct review_page *p = &w->review_page;
    char room[PLOT_SAYS];
    picture_take_course(&p->course, &w->office.course, &w->office.lines);
    for (size_t at = 0; at < p->course.history.count; at++) {
        p->course.sessions[at].marks = 0; /* What the rules say of it is not the client's. */
    }
    picture_say(p->total, "Your ratings so far", plot_course_says(&p->course.history, NULL, room));
    for (int area = 0; area < COURSE_AREAS; area++) {
        picture_say(p->areas[area], kit_area(area),
                    plot_area_says(&p->course.history, area, NULL, room));
    }
}

GtkWidget *review_page_make(struct window *w)
{
    struct review_page *p = &w->review_page;
    GtkWidget *head = kit_row(12), *row = kit_row(16), *title = kit_heading("Your ratings so far");
    p->self = kit_column(16);
    p->total = picture_new(picture_total, &p->course, 0, TOTAL_WIDTH, TOTAL_HEIGHT);
    p->back = kit_button("Done", NULL, G_CALLBACK(on_back), w);
    picture_enlarge(p->total, LARGER);
    gtk_widget_add_css_class(p->self, "review");
    gtk_widget_add_css_class(title, "title-2");
    gtk_widget_set_hexpand(title, TRUE);
    gtk_widget_set_vexpand(p->total, TRUE);
    gtk_box_set_homogeneous(GTK_BOX(row), TRUE);
    kit_add(head, title);
    kit_add(head, p->back);
    for (int area = 0; area < COURSE_AREAS; area++) {
        p->areas[area] = picture_new(picture_area, &p->course, area, AREA_WIDTH, AREA_HEIGHT);
        picture_enlarge(p->areas[area], LARGER);
        kit_add(row, p->areas[area]);
    }
    kit_add(p->self, head);
    kit_add(p->self, p->total);
    kit_add(p->self, row);
    return p->self;
}
