/* Goal: a page is what its file's ending says, the same bytes each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/therapist/plots/page.h"
#include "client/therapist/plots/report.h"
#include "tests/unit/therapist/plots/samples.h"

static struct plot_page page_of(const struct plot_history *h)
{
    return (struct plot_page){.client = "c<017> & more",
                              .under = "t04",
                              .history = h,
                              .made = {2026, 5, 7},
                              .theme = &plot_theme_light};
}

static void the_ending_says_which_kind(void **state)
{
    (void)state;
    assert_int_equal(plot_file_kind("a.pdf"), PLOT_FILE_PDF);
    assert_int_equal(plot_file_kind("/x.y/A.PNG"), PLOT_FILE_PNG);
    assert_int_equal(plot_file_kind("a.b.svg"), PLOT_FILE_SVG);
    assert_int_equal(plot_file_kind("a.Csv"), PLOT_FILE_CSV);
    static const char *const others[] = {"", "a", "a.txt", ".pdf", "/x/.csv", "pdf", "a.pdf/b"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(plot_file_kind(others[i]), PLOT_FILE_NONE);
    }
}

/* 21 lines on the first page, 45 on each that follows. */
static void a_long_course_goes_on_over_pages(void **state)
{
    (void)state;
    struct plot_history h = *sample_long();
    struct plot_page p = page_of(&h);
    size_t last = 0, grown[4] = {0};
    for (h.count = 0; h.count <= SAMPLE_LONG; h.count++) {
        size_t count = plot_page_count(&p);
        assert_true(count == last || count == last + 1);
        if (count == last + 1) {
            assert_true(count < 4);
            grown[count] = h.count;
        }
        last = count;
    }
    assert_int_equal(last, 2);
    assert_int_equal(grown[1], 0);
    assert_in_range(grown[2], 15, 30);
}

static size_t count_of(const struct plot_bytes *b, const char *words)
{
    size_t count = 0, length = strlen(words);
    const uint8_t *at = b->at, *end = b->at + b->count;
    while ((at = memmem(at, (size_t)(end - at), words, length)) != NULL) {
        count++;
        at += length;
    }
    return count;
}

static void each_kind_is_what_it_says(void **state)
{
    (void)state;
    struct plot_page p = page_of(&sample_nine);
    struct plot_bytes b;
    plot_page_render(&p, PLOT_FILE_PDF, &b);
    assert_memory_equal(b.at, "%PDF-1.", 7);
    assert_int_equal(count_of(&b, "/Type /Page "), 1);
    assert_int_equal(count_of(&b, "20260507"), 2); /* Made and changed; no clock was asked. */
    plot_bytes_fini(&b);
    plot_page_render(&p, PLOT_FILE_PNG, &b);
    assert_memory_equal(b.at, "\x89PNG\r\n\x1a\n", 8);
    plot_bytes_fini(&b);
    plot_page_render(&p, PLOT_FILE_SVG, &b);
    assert_int_equal(count_of(&b, "<title>c&lt;017> &amp; more</title>"), 1);
    assert_int_equal(count_of(&b, "<desc>Nine sessions. Total last 26.1, below"), 1);
    assert_memory_equal(b.at + b.count - 7, "</svg>\n", 7);
    plot_bytes_fini(&b);
    plot_page_render(&p, PLOT_FILE_CSV, &b);
    assert_int_equal(count_of(&b, "\r\n"), 10);
    plot_bytes_fini(&b);
    p = page_of(sample_long());
    plot_page_render(&p, PLOT_FILE_PDF, &b);
    assert_int_equal(count_of(&b, "/Type /Page "), plot_page_count(&p));
    plot_bytes_fini(&b);
    p = page_of(&sample_empty);
    plot_page_render(&p, PLOT_FILE_PDF, &b);
    assert_int_equal(count_of(&b, "/Type /Page "), 1);
    plot_bytes_fini(&b);
}

/* In a process of its own: cairo numbers its surfaces within one. */
static void render_into(int fd, enum plot_file kind)
{
    pid_t pid = fork();
    int status;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct plot_page p = page_of(&sample_nine);
        struct plot_bytes b;
        plot_page_render(&p, kind, &b);
        _exit(write(fd, b.at, b.count) == (ssize_t)b.count ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void two_runs_give_the_same_bytes(void **state)
{
    (void)state;
    for (enum plot_file kind = PLOT_FILE_PDF; kind <= PLOT_FILE_CSV; kind++) {
        FILE *files[2] = {tmpfile(), tmpfile()};
        uint8_t *seen[2];
        off_t sizes[2];
        for (int run = 0; run < 2; run++) {
            assert_non_null(files[run]);
            render_into(fileno(files[run]), kind);
            sizes[run] = lseek(fileno(files[run]), 0, SEEK_END);
            seen[run] = malloc((size_t)sizes[run]);
            assert_non_null(seen[run]);
            assert_int_equal(pread(fileno(files[run]), seen[run], (size_t)sizes[run], 0),
                             sizes[run]);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_true(sizes[0] > 300);
        assert_memory_equal(seen[0], seen[1], (size_t)sizes[0]);
        for (int run = 0; run < 2; run++) {
            free(seen[run]);
            assert_int_equal(fclose(files[run]), 0);
        }
    }
}

static int forget_fonts(void **state)
{
    (void)state;
    pango_cairo_font_map_set_default(NULL);
    return 0;
}

static struct plot_bytes reported(const struct plot_report *r, enum plot_file kind)
{
    struct plot_bytes bytes;
    plot_report_render(r, kind, &bytes);
    return bytes;
}

static bool holds(const struct plot_bytes *b, const char *text)
{
    return memmem(b->at, b->count, text, strlen(text)) != NULL;
}

static void a_practices_figures_are_a_page_too(void **state)
{
    (void)state;
    struct plot_calendar calendars[] = {sample_coverage, sample_ruptures};
    const struct plot_report r = {.title = "The practice",
                                  .under = "Lindenhof",
                                  .calendars = calendars,
                                  .calendar_count = 2,
                                  .shares = &sample_shares,
                                  .share_count = 1,
                                  .made = {2026, 5, 7},
                                  .theme = &plot_theme_print};
    static const struct {
        enum plot_file kind;
        const char *magic;
    } files[] = {{PLOT_FILE_PDF, "%PDF"}, {PLOT_FILE_PNG, "\x89PNG"}, {PLOT_FILE_SVG, "<?xml"}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct plot_bytes one = reported(&r, files[i].kind), two = reported(&r, files[i].kind);
        assert_memory_equal(one.at, files[i].magic, strlen(files[i].magic));
        if (files[i].kind != PLOT_FILE_SVG) { /* Cairo counts an SVG's hatchings on in a program. */
            assert_int_equal(one.count, two.count);
            assert_memory_equal(one.at, two.at, one.count);
        }
        plot_bytes_fini(&one);
        plot_bytes_fini(&two);
    }
    struct plot_bytes csv = reported(&r, PLOT_FILE_CSV);
    assert_true(holds(&csv, "monday,hidden,part,of\r\n"));
    assert_true(holds(&csv, "\r\n\r\nOpen ruptures\r\nmonday,hidden,older,2 to 6 weeks"));
    assert_true(holds(&csv, "code,part,of\r\n"));
    plot_bytes_fini(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ending_says_which_kind),
        cmocka_unit_test(a_long_course_goes_on_over_pages),
        cmocka_unit_test(each_kind_is_what_it_says),
        cmocka_unit_test(two_runs_give_the_same_bytes),
        cmocka_unit_test(a_practices_figures_are_a_page_too),
    };
    return cmocka_run_group_tests(tests, NULL, forget_fonts);
}
