/* Sizes on the screens that hang in rooms, and at the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/kiosk/layout.h"

static const struct layout_screen ten_inch = {1280, 800, 217, .form = true};
static const struct layout_screen seven_inch = {800, 480, 154, .form = true};
static const struct layout_screen desktop = {1920, 1080, 344, .form = true};
static const struct layout_screen upright = {800, 1280, 136, .form = true};

static void four_lines_fit_on_ten_inches_and_more(void **state)
{
    (void)state;
    assert_int_not_equal(layout_of(&ten_inch).kind, LAYOUT_ONE);
    assert_int_equal(layout_of(&desktop).kind, LAYOUT_ROOMY);
    assert_int_not_equal(layout_of(&upright).kind, LAYOUT_ONE);
}

static void one_at_a_time_on_small_screens_with_larger_text_and_when_drawn(void **state)
{
    (void)state;
    struct layout_screen s = desktop;
    assert_int_equal(layout_of(&seven_inch).kind, LAYOUT_ONE);
    s.larger = true;
    assert_int_equal(layout_of(&s).kind, LAYOUT_ONE);
    s.larger = false;
    s.drawn = true;
    assert_int_equal(layout_of(&s).kind, LAYOUT_ONE);
}

static void a_target_is_44_pixels_and_9_millimetres(void **state)
{
    (void)state;
    struct layout_screen s = ten_inch;
    assert_int_equal(layout_of(&s).target_px, 53); /* 9 x 1280 / 217. */
    s.panel_mm = 300;                              /* 38 pixels would be 9 mm. */
    assert_int_equal(layout_of(&s).target_px, 44);
    s.panel_mm = 100;
    assert_int_equal(layout_of(&s).target_px, 115);
}

static void text_follows_millimetres_and_never_gets_too_small(void **state)
{
    (void)state;
    struct layout_screen s = {1280, 800, 217, .form = false};
    assert_int_equal(layout_of(&s).font_px, 23);
    s.larger = true;
    assert_int_equal(layout_of(&s).font_px, 29);
    s.panel_mm = 1500;
    assert_int_equal(layout_of(&s).font_px, LAYOUT_FONT_PX_MIN);
}

static void each_further_try_is_smaller_until_the_last(void **state)
{
    (void)state;
    const struct layout_screen all[] = {ten_inch, seven_inch, desktop, upright};
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        for (int page = 0; page < 2; page++) {
            struct layout_screen s = all[i];
            s.form = page == 0;
            struct layout l = layout_of(&s);
            unsigned tries = 1;
            while (!l.last) {
                uint32_t kind = l.kind, font = l.font_px;
                s.tried = l.tried;
                l = layout_of(&s);
                assert_true(l.kind > kind || l.font_px < font);
                tries++;
            }
            assert_in_range(tries, 2, 12);
            s.tried = l.tried;
            assert_true(layout_of(&s).last); /* And stays there. */
        }
    }
}

static void margins_leave_the_content_and_wide_screens_do_not_stretch_it(void **state)
{
    (void)state;
    struct layout wide = layout_of(&(struct layout_screen){3840, 1080, 800, .form = true});
    assert_int_equal(wide.content_px + 2 * wide.margin_x_px, 3840);
    assert_in_range(wide.content_px, 1000, 1016); /* 210 mm. */
    struct layout small = layout_of(&seven_inch);
    assert_int_equal(small.content_px + 2 * small.margin_x_px, 800);
    assert_in_range(small.margin_x_px, 12, 40);
}

static void five_drawings_fit_beside_each_other(void **state)
{
    (void)state;
    const struct layout_screen all[] = {ten_inch, seven_inch, desktop, upright};
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct layout_screen s = all[i];
        s.drawn = true;
        struct layout l = layout_of(&s);
        assert_true(5 * l.drawing_px + 4 * l.gap_px <= l.content_px);
        assert_true(l.drawing_px >= l.target_px);
    }
}

static void a_button_grows_with_its_letters_and_the_text(void **state)
{
    (void)state;
    struct layout l = layout_of(&ten_inch);
    assert_true(layout_button_px(&l, 20) > layout_button_px(&l, 10));
    assert_true(layout_button_px(&l, 0) > 2 * l.font_px);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_lines_fit_on_ten_inches_and_more),
        cmocka_unit_test(one_at_a_time_on_small_screens_with_larger_text_and_when_drawn),
        cmocka_unit_test(a_target_is_44_pixels_and_9_millimetres),
        cmocka_unit_test(text_follows_millimetres_and_never_gets_too_small),
        cmocka_unit_test(each_further_try_is_smaller_until_the_last),
        cmocka_unit_test(margins_leave_the_content_and_wide_screens_do_not_stretch_it),
        cmocka_unit_test(five_drawings_fit_beside_each_other),
        cmocka_unit_test(a_button_grows_with_its_letters_and_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
