/* Goal: a picture is what its file's ending says, the same bytes each time, and whole or not there
 * at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/aggregator/study/ink.h"
#include "server/aggregator/study/picture_file.h"

enum { PATH_ROOM = 128 };

static void draw(struct picture *p, cairo_t *cr)
{
    static const struct ink_type type = {14, true, {0, 0, 0}, false};
    ink_text(cr, &type, &(struct ink_place){p->width / 2, p->height / 2, 0.5, 0.5}, "Hamburg");
}

static struct picture some(void)
{
    return (struct picture){200, 100, "A <title> & more", "Words & \"numbers\"; a < b.", draw};
}

static void the_ending_says_which_kind(void **state)
{
    (void)state;
    assert_int_equal(picture_kind_of("a.svg"), PICTURE_SVG);
    assert_int_equal(picture_kind_of("/x.y/ROC.PNG"), PICTURE_PNG);
    static const char *const others[] = {"",    "a",       "a.pdf",  ".svg",   "/x/.png",
                                         "svg", "a.svg/b", "a.svgz", "a.png ", "a.svg."};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(picture_kind_of(others[i]), PICTURE_NONE);
    }
}

static void an_svg_says_its_words_and_a_png_is_one(void **state)
{
    (void)state;
    struct picture p = some();
    struct picture_bytes b;
    picture_render(&p, PICTURE_SVG, &b);
    assert_memory_equal(b.bytes, "<?xml", 5);
    static const char words[] = "<title>A &lt;title> &amp; more</title>\n"
                                "<desc>Words &amp; \"numbers\"; a &lt; b.</desc>";
    assert_non_null(memmem(b.bytes, b.count, words, sizeof words - 1));
    assert_memory_equal(b.bytes + b.count - 7, "</svg>\n", 7);
    picture_bytes_fini(&b);
    picture_render(&p, PICTURE_PNG, &b);
    assert_memory_equal(b.bytes, "\x89PNG\r\n\x1a\n", 8);
    assert_memory_equal(b.bytes + 16, "\0\0\x01\x90\0\0\0\xc8", 8); /* 400 × 200 pixels. */
    picture_bytes_fini(&b);
}

/* Method: two processes, as cairo numbers its surfaces within one. */
static void two_runs_give_the_same_bytes(void **state)
{
    (void)state;
    for (enum picture_kind kind = PICTURE_SVG; kind <= PICTURE_PNG; kind++) {
        struct picture p = some();
        char *seen[2];
        size_t sizes[2];
        for (int run = 0; run < 2; run++) {
            char path[] = "/tmp/attune-picture-XXXXXX";
            int fd = mkstemp(path), status;
            assert_true(fd >= 0);
            pid_t pid = fork();
            assert_true(pid >= 0);
            if (pid == 0) {
                struct picture_bytes b;
                picture_render(&p, kind, &b);
                _exit(write(fd, b.bytes, b.count) == (ssize_t)b.count ? 0 : 1);
            }
            assert_int_equal(waitpid(pid, &status, 0), pid);
            assert_int_equal(status, 0);
            sizes[run] = (size_t)lseek(fd, 0, SEEK_END);
            seen[run] = malloc(sizes[run]);
            assert_non_null(seen[run]);
            assert_int_equal(pread(fd, seen[run], sizes[run], 0), sizes[run]);
            assert_int_equal(close(fd), 0);
            assert_int_equal(unlink(path), 0);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_true(sizes[0] > 500);
        assert_memory_equal(seen[0], seen[1], sizes[0]);
        free(seen[0]);
        free(seen[1]);
    }
}

static size_t files_in(const char *folder)
{
    char pattern[PATH_ROOM];
    glob_t found;
    (void)snprintf(pattern, sizeof pattern, "%s/*", folder);
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

/* Goal: a full disk leaves what was there, and nothing half. Method: a limit on a file's size, in a
 * process of its own. */
static void a_full_disk_leaves_what_was_there(void **state)
{
    (void)state;
    struct picture p = some();
    char folder[] = "/tmp/attune-picture-XXXXXX", path[PATH_ROOM];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/a.png", folder);
    assert_int_equal(picture_file_check("test", path), 0);
    assert_int_equal(picture_file_write("test", path, &p), 0);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    assert_true(before.st_size > 1000);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit limit = {500, 500};
        (void)signal(SIGXFSZ, SIG_IGN);
        _exit(setrlimit(RLIMIT_FSIZE, &limit) != 0        ? 9
              : freopen("/dev/null", "w", stderr) == NULL ? 9
                                                          : picture_file_write("test", path, &p));
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(files_in(folder), 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void what_cannot_be_written_is_refused_before_the_work(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int code;
    } cases[] = {{"a.svg", 0},
                 {"/tmp/a.png", 0},
                 {"a.pdf", 2},
                 {"", 2},
                 {"/tmp", 2},
                 {".png", 2},
                 {"/nowhere/that/is/a.svg", 1}};
    int kept = dup(STDERR_FILENO);
    assert_non_null(freopen("/dev/null", "w", stderr));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(picture_file_check("test", cases[i].path), cases[i].code);
    }
    char folder[] = "/tmp/attune-XXXXXX.svg";
    assert_true(mkstemps(folder, 4) >= 0);
    assert_int_equal(unlink(folder), 0);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(picture_file_check("test", folder), 1);
    assert_int_equal(rmdir(folder), 0);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    assert_int_equal(close(kept), 0);
}

/* Goal: in grey what differs still differs. Method: each mark and each dash in one colour. */
static void marks_and_dashes_differ_without_colour(void **state)
{
    (void)state;
    enum { KINDS = INK_CROSS + 1, SIDE = 64, BYTES = SIDE * SIDE * 4 };
    static uint8_t seen[2 * KINDS][BYTES];
    for (int i = 0; i < KINDS + INK_LONG + 1; i++) {
        struct ink_style style = {{0, 0, 0}, INK_SOLID, INK_DOT};
        cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIDE, SIDE);
        cairo_t *cr = cairo_create(s);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_paint(cr);
        if (i < KINDS) {
            style.mark = (enum ink_mark)i;
            ink_mark(cr, &style, SIDE / 2, SIDE / 2, 5);
        } else {
            style.dash = (enum ink_dash)(i - KINDS);
            ink_line(cr, &style, 2, 0, SIDE / 2, SIDE, SIDE / 2);
        }
        cairo_destroy(cr);
        cairo_surface_flush(s);
        memcpy(seen[i], cairo_image_surface_get_data(s), BYTES);
        cairo_surface_destroy(s);
        for (int other = 0; other < i; other++) {
            int differ = 0;
            for (int at = 0; at < BYTES; at += 4) {
                differ += abs(seen[i][at] - seen[other][at]) > 100;
            }
            assert_true(differ >= 8);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ending_says_which_kind),
        cmocka_unit_test(an_svg_says_its_words_and_a_png_is_one),
        cmocka_unit_test(two_runs_give_the_same_bytes),
        cmocka_unit_test(a_full_disk_leaves_what_was_there),
        cmocka_unit_test(what_cannot_be_written_is_refused_before_the_work),
        cmocka_unit_test(marks_and_dashes_differ_without_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
