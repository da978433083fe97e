/* attune: the command line, a thin client like the others.
 *
 * Happy path: find the command, read its options, run it.
 * Failure: no such command, or options that make no sense: one sentence and exit 2. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <gio/gio.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <protobuf-c/protobuf-c.h>

#include "client/cli/command.h"
#include "client/link/harden.h"
#include "proto/wire/failpoint.h"

static void print_help(void)
{
    printf("attune COMMAND [OPTION …]: Attune from the command line\n\n");
    for (size_t at = 0; commands[at] != NULL; at++) {
        char left[64];
        (void)snprintf(left, sizeof left, "%s %s", commands[at]->name, commands[at]->words);
        printf("  %-30s %s\n", left, commands[at]->summary);
    }
    printf("\n  attune COMMAND --help          a command's options\n"
           "  attune --version               this and the libraries' versions\n"
           "  attune --list-failpoints       places where a test can stop this program\n\n"
           "Exit codes: 0 done, 1 failed, 2 usage, 69 server unreachable, 77 not allowed,\n"
           "78 configuration.\n"
           "Attune is a communication aid; not validated; not for emergencies.\n");
}

static void print_version(void)
{
    printf("attune %s\nGLib %u.%u.%u\n%s\nprotobuf-c %s\njansson %s\n", ATTUNE_VERSION,
           glib_major_version, glib_minor_version, glib_micro_version,
           OpenSSL_version(OPENSSL_VERSION), protobuf_c_version(), jansson_version_str());
}

/* What is asked of the program itself; false: a command is meant. */
static bool about_itself(int count, char *const *arguments)
{
    const char *first = count > 0 ? arguments[0] : "";
    if (strcmp(first, "--help") == 0 || strcmp(first, "help") == 0) {
        print_help();
    } else if (strcmp(first, "--version") == 0) {
        print_version();
    } else if (strcmp(first, "--list-failpoints") == 0) {
        failpoint_list();
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    int count = argc > 0 ? argc - 1 : 0, words = 0;
    char *const *rest = argv + 1;
    struct arguments arguments;
    harden_process();              /* Before a word is read: some are passwords and clients. */
    (void)setlocale(LC_CTYPE, ""); /* Without it: plain ASCII names of things, nothing worse. */
    if (about_itself(count, rest)) {
        return fflush(stdout) == 0 ? EXITS_OK : EXITS_FAILED;
    }
    const struct command *command = command_find(count, rest, &words);
    if (command == NULL) {
        fprintf(stderr, "attune: %s%.60s%s; see attune --help\n",
                count > 0 ? "no such command: \"" : "say what to do", count > 0 ? rest[0] : "",
                count > 0 ? "\"" : "");
        return EXITS_USAGE;
    }
    int rc = arguments_parse(&arguments, &command->table, count - words, rest + words);
    if (rc != 0) {
        return (int)command_misused(command, arguments.why);
    }
    if (arguments.common[ARGUMENTS_HELP] != NULL) {
        command_help(command);
        return fflush(stdout) == 0 ? EXITS_OK : EXITS_FAILED;
    }
    return (int)command->run(&arguments);
}
