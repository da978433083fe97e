/* Goal: nothing is guessed: a file is taken whole or refused with its line, and then the struct
 * keeps what it had. Method: one table with each type; every rule on both of its sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/config.h"

struct settings {
    char path[CONFIG_TEXT_MAX];
    char word[CONFIG_TEXT_MAX];
    uint32_t count;
    struct config_address listen;
};

static const struct config_key keys[] = {
    {"path", CONFIG_TEXT, offsetof(struct settings, path), 0, 0, NULL, "Must be given."},
    {"word", CONFIG_TEXT, offsetof(struct settings, word), 0, 0, "as it was", "A text."},
    {"count", CONFIG_NUMBER, offsetof(struct settings, count), 3, 5000, "7", "A number."},
    {"listen", CONFIG_ADDRESS, offsetof(struct settings, listen), 0, 0, "[::1]:0", "Where."},
};
static const struct config_table table = {keys, sizeof keys / sizeof keys[0],
                                          sizeof(struct settings)};

static struct config_fault fault;

static int parse(const char *text, struct settings *into)
{
    return config_parse(&table, text, strlen(text), into, &fault);
}

static void assert_refused(const char *text, unsigned line, const char *word)
{
    struct settings s, before;
    memset(&s, 0x5a, sizeof s);
    before = s;
    assert_int_equal(parse(text, &s), ERR_CONFIG);
    assert_int_equal(fault.line, line);
    assert_non_null(strstr(fault.text, word));
    assert_memory_equal(&s, &before, sizeof s);
}

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    struct settings s;
    memset(&s, 0x5a, sizeof s);
    assert_int_equal(parse("path = /etc/a", &s), 0);
    assert_string_equal(s.path, "/etc/a");
    assert_string_equal(s.word, "as it was");
    assert_int_equal(s.count, 7);
    assert_string_equal(s.listen.host, "::1");
    assert_int_equal(s.listen.port, 0);
}

static void comments_blank_lines_and_spaces_mean_nothing(void **state)
{
    (void)state;
    struct settings s;
    assert_int_equal(
        parse("# word = no\n\n \t\r\n\tpath\t=  a b \r\n  # path = no\nword=a=b\n", &s), 0);
    assert_string_equal(s.path, "a b");
    assert_string_equal(s.word, "a=b");
}

static void a_text_may_be_empty_if_it_is_written_so(void **state)
{
    (void)state;
    struct settings s;
    assert_int_equal(parse("path =\nword = \n", &s), 0);
    assert_string_equal(s.path, "");
    assert_string_equal(s.word, "");
}

static void a_key_without_a_default_must_be_given(void **state)
{
    (void)state;
    assert_refused("", 0, "path: must be given");
    assert_refused("count = 9\n", 0, "path: must be given");
}

static void an_unknown_key_is_refused_with_the_nearest_known_one(void **state)
{
    (void)state;
    assert_refused("path = x\nlissen = 127.0.0.1:1\n", 2, "'listen'");
    assert_refused("pat = x\n", 1, "'path'");
    assert_refused("Path = x\n", 1, "'path'"); /* Case counts. */
    assert_refused(" = x\n", 1, "unknown key ''");
    char text[400];
    memset(text, 'k', sizeof text);
    memcpy(text + 300, " = x", 5);
    assert_refused(text, 1, "unknown key 'kkk");
}

static void a_line_without_equals_is_refused(void **state)
{
    (void)state;
    assert_refused("path = x\n\ncount 7\n", 3, "no '='");
}

static void a_key_given_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("path = x\ncount = 4\npath = x\n", 3, "path: is given twice");
}

static void a_number_is_taken_within_its_range_only(void **state)
{
    (void)state;
    struct settings s;
    assert_refused("path = x\ncount = 2\n", 2, "from 3 to 5000");
    assert_int_equal(parse("path = x\ncount = 3\n", &s), 0);
    assert_int_equal(s.count, 3);
    assert_int_equal(parse("path = x\ncount = 5000\n", &s), 0);
    assert_int_equal(s.count, 5000);
    assert_refused("path = x\ncount = 5001\n", 2, "from 3 to 5000");
}

static void what_is_no_whole_number_is_refused(void **state)
{
    (void)state;
    static const char *const values[] = {"",    "-7",  "+7",           "7.0",
                                         "0x7", "7 8", "seven",        "4294967303",
                                         "1e1", "7s",  "000000000004", "99999999999"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[100];
        (void)snprintf(text, sizeof text, "path = x\ncount = %s\n", values[i]);
        assert_refused(text, 2, "whole number");
    }
}

static void an_address_is_numeric_with_a_port(void **state)
{
    (void)state;
    struct settings s;
    assert_int_equal(parse("path = x\nlisten = 0.0.0.0:65535\n", &s), 0);
    assert_string_equal(s.listen.host, "0.0.0.0");
    assert_int_equal(s.listen.port, 65535);
    assert_int_equal(parse("path = x\nlisten = [2001:db8::1]:7443\n", &s), 0);
    assert_string_equal(s.listen.host, "2001:db8::1");
    assert_int_equal(s.listen.port, 7443);
    static const char *const values[] = {
        "",        "127.0.0.1", "127.0.0.1:", ":7443",        "localhost:1", "127.0.0.1:65536",
        "1.2.3:1", "[]:1",      "[::1:1",     "127.0.0.1:-1", "127.0.0.1:1x"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[100];
        (void)snprintf(text, sizeof text, "path = x\nlisten = %s\n", values[i]);
        assert_refused(text, 2, "listen: must be a numeric address");
    }
    char text[200] = "path = x\nlisten = ";
    memset(text + strlen(text), '1', 60);
    (void)snprintf(text + strlen("path = x\nlisten = ") + 60, 10, ":1\n");
    assert_refused(text, 2, "numeric address");
}

static void a_text_of_511_bytes_is_taken_and_of_512_refused(void **state)
{
    (void)state;
    struct settings s;
    char text[600] = "path = ";
    memset(text + 7, 'a', CONFIG_TEXT_MAX - 1);
    assert_int_equal(parse(text, &s), 0);
    assert_int_equal(strlen(s.path), CONFIG_TEXT_MAX - 1);
    text[7 + CONFIG_TEXT_MAX - 1] = 'a';
    assert_refused(text, 1, "511 bytes at most");
}

static void a_nul_byte_is_refused(void **state)
{
    (void)state;
    struct settings s;
    static const char text[] = "path = a\0b\n";
    assert_int_equal(config_parse(&table, text, sizeof text - 1, &s, &fault), ERR_CONFIG);
    assert_int_equal(fault.line, 1);
    assert_non_null(strstr(fault.text, "NUL"));
}

/* ---- files ----------------------------------------------------------------------------------- */

static int load(const char *text, size_t len, struct settings *into)
{
    char path[] = "/tmp/attune-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
    int rc = config_load(&table, path, into, &fault);
    assert_int_equal(unlink(path), 0);
    return rc;
}

static void a_file_of_64_kib_is_taken_and_one_byte_more_refused(void **state)
{
    (void)state;
    struct settings s = {.count = 99};
    char *text = malloc(CONFIG_FILE_MAX + 1);
    assert_non_null(text);
    memset(text, '\n', CONFIG_FILE_MAX + 1);
    memcpy(text, "path = x", 8);
    assert_int_equal(load(text, CONFIG_FILE_MAX + 1, &s), ERR_CONFIG);
    assert_int_equal(s.count, 99);
    assert_non_null(strstr(fault.text, "64 KiB"));
    assert_int_equal(load(text, CONFIG_FILE_MAX, &s), 0);
    assert_string_equal(s.path, "x");
    free(text);
}

static void a_file_that_cannot_be_read_is_refused(void **state)
{
    (void)state;
    struct settings s = {.count = 99};
    assert_int_equal(config_load(&table, "/nowhere/attune.conf", &s, &fault), ERR_CONFIG);
    assert_int_equal(fault.line, 0);
    assert_non_null(strstr(fault.text, "cannot be read"));
    assert_int_equal(config_load(&table, "/tmp", &s, &fault), ERR_CONFIG); /* A folder. */
    assert_int_equal(s.count, 99);
}

/* Method: standard output goes to a file, which then is parsed. */
static void what_is_printed_is_taken_again(void **state)
{
    (void)state;
    static const struct config_table given = {keys + 1, sizeof keys / sizeof keys[0] - 1,
                                              sizeof(struct settings)};
    char text[4096];
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fflush(stdout), 0);
    int was = dup(STDOUT_FILENO);
    assert_true(was >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
    config_print(&given);
    assert_int_equal(fflush(stdout), 0);
    assert_true(dup2(was, STDOUT_FILENO) >= 0 && close(was) == 0);
    rewind(file);
    size_t len = fread(text, 1, sizeof text, file);
    assert_int_equal(fclose(file), 0);
    struct settings s = {0};
    assert_int_equal(config_parse(&given, text, len, &s, &fault), 0);
    assert_string_equal(s.word, "as it was");
    assert_int_equal(s.count, 7);
    assert_string_equal(s.listen.host, "::1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(comments_blank_lines_and_spaces_mean_nothing),
        cmocka_unit_test(a_text_may_be_empty_if_it_is_written_so),
        cmocka_unit_test(a_key_without_a_default_must_be_given),
        cmocka_unit_test(an_unknown_key_is_refused_with_the_nearest_known_one),
        cmocka_unit_test(a_line_without_equals_is_refused),
        cmocka_unit_test(a_key_given_twice_is_refused),
        cmocka_unit_test(a_number_is_taken_within_its_range_only),
        cmocka_unit_test(what_is_no_whole_number_is_refused),
        cmocka_unit_test(an_address_is_numeric_with_a_port),
        cmocka_unit_test(a_text_of_511_bytes_is_taken_and_of_512_refused),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(a_file_of_64_kib_is_taken_and_one_byte_more_refused),
        cmocka_unit_test(a_file_that_cannot_be_read_is_refused),
        cmocka_unit_test(what_is_printed_is_taken_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
