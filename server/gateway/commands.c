/* Happy path: the subcommand's options are read by its own table, its function is called, its code
 * is the exit's. Failure: an unknown word or a missing option is answered with what is needed,
 * code 2. */
#include "server/gateway/commands.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <protobuf-c/protobuf-c.h>
#include <uv.h>

#include "proto/wire/err.h"
#include "proto/wire/valid.h"
#include "proto/wire/limits.h"
#include "server/gateway/first_account.h"
#include "server/gateway/free_text.h"
#include "server/gateway/issuer_command.h"
#include "server/base/audit_key.h"
#include "server/gateway/pki.h"
#include "server/gateway/sealing.h"
#include "server/pg/adopt.h"
#include "server/pg/migrate.h"
#include "server/pg/setup.h"
#include "server/pg/store.h"
#include "server/pg/store_resend.h"

enum { PER_MINUTE = 120, PER_MINUTE_MAX = 100000 };

struct arguments {
    const char *since, *config, *sql, *practice, *certificate, *label, *out, *time_zone;
    const char *socket, *authority, *user, *per_minute;
    const char *account, *without_log_on, *ask_password; /* The last two: switches. */
    const char *names[PKI_NAMES_MAX];
    size_t name_count;
    const char *words[4]; /* What is not an option. */
    int word_count;
};

enum {
    OPT_CONFIG = 1,
    OPT_SQL,
    OPT_PRACTICE,
    OPT_CERTIFICATE,
    OPT_LABEL,
    OPT_OUT,
    OPT_TIME_ZONE,
    OPT_SOCKET,
    OPT_AUTHORITY,
    OPT_USER,
    OPT_PER_MINUTE,
    OPT_ACCOUNT,
    OPT_WITHOUT_LOG_ON,
    OPT_ASK_PASSWORD,
    OPT_SINCE,
    OPT_NAME
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"sql", required_argument, NULL, OPT_SQL},
    {"practice", required_argument, NULL, OPT_PRACTICE},
    {"certificate", required_argument, NULL, OPT_CERTIFICATE},
    {"label", required_argument, NULL, OPT_LABEL},
    {"out", required_argument, NULL, OPT_OUT},
    {"time-zone", required_argument, NULL, OPT_TIME_ZONE},
    {"socket", required_argument, NULL, OPT_SOCKET},
    {"authority", required_argument, NULL, OPT_AUTHORITY},
    {"user", required_argument, NULL, OPT_USER},
    {"per-minute", required_argument, NULL, OPT_PER_MINUTE},
    {"account", required_argument, NULL, OPT_ACCOUNT},
    {"without-log-on", no_argument, NULL, OPT_WITHOUT_LOG_ON},
    {"ask-password", no_argument, NULL, OPT_ASK_PASSWORD},
    {"since", required_argument, NULL, OPT_SINCE},
    {"name", required_argument, NULL, OPT_NAME},
    {0},
};

static int usage(const char *needed)
{
    fprintf(stderr, "attune-server: needed: %s; see --help\n", needed);
    return EXITS_USAGE;
}

static const char **place_of(struct arguments *a, int code)
{
    const char **places[] = {[OPT_CONFIG] = &a->config,
                             [OPT_SQL] = &a->sql,
                             [OPT_PRACTICE] = &a->practice,
                             [OPT_CERTIFICATE] = &a->certificate,
                             [OPT_LABEL] = &a->label,
                             [OPT_OUT] = &a->out,
                             [OPT_TIME_ZONE] = &a->time_zone,
                             [OPT_SOCKET] = &a->socket,
                             [OPT_AUTHORITY] = &a->authority,
                             [OPT_USER] = &a->user,
                             [OPT_PER_MINUTE] = &a->per_minute,
                             [OPT_ACCOUNT] = &a->account,
                             [OPT_WITHOUT_LOG_ON] = &a->without_log_on,
                             [OPT_ASK_PASSWORD] = &a->ask_password,
                             [OPT_SINCE] = &a->since};
    return places[code];
}

static int read_arguments(int argc, char **argv, struct arguments *a)
{
    int code;
    while ((code = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (code == '?') {
            return EXITS_USAGE;
        }
        if (code != OPT_NAME) {
            *place_of(a, code) = optarg != NULL ? optarg : "";
        } else if (a->name_count == PKI_NAMES_MAX) {
            return usage("16 names at most");
        } else {
            a->names[a->name_count++] = optarg;
        }
    }
    for (; optind < argc && a->word_count < 4; optind++) {
        a->words[a->word_count++] = argv[optind];
    }
    return optind == argc ? 0 : usage("fewer words");
}

static int exit_code(int rc)
{
    switch (rc) {
    case 0:
        return 0;
    case ERR_CONFIG:
        return EXITS_CONFIGURATION;
    case ERR_DATABASE:
    case ERR_UNREACHABLE:
        return EXITS_UNREACHABLE;
    default:
        return EXIT_FAILURE;
    }
}

int command_load(const char *path, struct options *options)
{
    struct config_fault fault;
    if (config_load(options_table(), path, options, &fault) == 0) {
        return 0;
    }
    if (fault.line > 0) {
        fprintf(stderr, "%s:%u: %s\n", path, fault.line, fault.text);
    } else {
        fprintf(stderr, "%s: %s\n", path, fault.text);
    }
    return EXITS_CONFIGURATION;
}

/* The owner's connection string, from the configuration file. */
static int load_owner(const struct arguments *a, struct options *options)
{
    if (a->config == NULL) {
        return usage("--config FILE");
    }
    int rc = command_load(a->config, options);
    if (rc == 0 && options->database_owner[0] == '\0') {
        fprintf(stderr, "%s: database_owner must be given for this\n", a->config);
        return EXITS_CONFIGURATION;
    }
    return rc;
}

static int migrate(const struct arguments *a)
{
    struct options options;
    char keys[CONFIG_TEXT_MAX + 8];
    const char *dir = a->sql != NULL ? a->sql : ATTUNE_SQL_DIR;
    int rc = load_owner(a, &options);
    if (rc == 0 && options.keys_database[0] != '\0' && options.keys_database_owner[0] == '\0') {
        fprintf(stderr, "%s: keys_database_owner must be given for this\n", a->config);
        return EXITS_CONFIGURATION;
    }
    rc = rc != 0 ? rc : exit_code(migrate_run(options.database_owner, dir));
    if (rc == 0 && options.keys_database_owner[0] != '\0') {
        int n = snprintf(keys, sizeof keys, "%s/keys", dir);
        rc = n < (int)sizeof keys ? exit_code(migrate_run(options.keys_database_owner, keys))
                                  : usage("a shorter --sql");
    }
    return rc;
}

/* The first administrator's password is told once, if the account was made. */
static void tell_account(const struct first_account *first, const char *name, bool made)
{
    if (made && first->was_made) {
        printf("account %s: one-time password %s\n", name, first->password);
    } else if (made) {
        printf("account %s\n", name);
    }
}

static int setup_with(const struct arguments *a, const struct options *options,
                      const uint8_t fingerprint[32])
{
    struct first_account first = {.was_made = false};
    int64_t practice_id = 0;
    bool made = false;
    const char *name = a->account != NULL ? a->account : "admin";
    bool without = a->without_log_on != NULL;
    int rc = without ? 0 : first_account_prepare(&first, a->ask_password != NULL);
    const struct setup setup = {.practice = a->practice,
                                .time_zone = a->time_zone != NULL ? a->time_zone : "UTC",
                                .fingerprint = fingerprint,
                                .label = a->label,
                                .without_log_on = without,
                                .account = without ? NULL : name,
                                .password_hash = first.hash,
                                .ret_account = &made};
    rc = rc == 0 ? setup_practice(options->database_owner, &setup, &practice_id) : rc;
    if (rc == 0) {
        printf("practice %" PRId64 "\n", practice_id);
        tell_account(&first, name, made);
    }
    password_wipe(&first, sizeof first);
    if (rc == 0 && options->sealing_keys[0] != '\0') {
        rc = sealing_make_first(options->sealing_keys);
    }
    if (rc == 0 && options->audit_key[0] != '\0') {
        rc = audit_key_make_first(options->audit_key);
    }
    return exit_code(rc);
}

static int setup(const struct arguments *a)
{
    struct options options;
    uint8_t fingerprint[32];
    if (a->practice == NULL || a->certificate == NULL || a->label == NULL) {
        return usage("--practice NAME, --certificate FILE and --label LABEL");
    }
    if (valid_text(a->practice, LIMIT_NAME_BYTES) != 0 ||
        valid_text(a->label, LIMIT_NAME_BYTES) != 0 ||
        (a->account != NULL && valid_text(a->account, LIMIT_NAME_BYTES) != 0)) {
        return usage("a name, an account and a label of 1 to 64 bytes");
    }
    int rc = load_owner(a, &options);
    rc = rc != 0 ? rc : exit_code(pki_fingerprint(a->certificate, fingerprint));
    return rc != 0 ? rc : setup_with(a, &options, fingerprint);
}

/* For who has lost the last administrator's password, and has the database's owner. */
static int reset_password(const struct arguments *a)
{
    struct options options;
    struct first_account fresh;
    if (a->practice == NULL || a->account == NULL) {
        return usage("--practice NAME and --account NAME");
    }
    int rc = load_owner(a, &options);
    if (rc != 0) {
        return rc;
    }
    rc = first_account_prepare(&fresh, a->ask_password != NULL);
    rc = rc == 0 ? setup_password(options.database_owner, a->practice, a->account, fresh.hash) : rc;
    if (rc == ERR_ACCOUNT_UNKNOWN) {
        fprintf(stderr, "attune-server: %s\n", err_text(rc));
    }
    tell_account(&fresh, a->account, rc == 0);
    password_wipe(&fresh, sizeof fresh);
    return exit_code(rc);
}

static int pki_device_command(const struct arguments *a)
{
    char *end = NULL;
    errno = 0;
    int64_t practice = a->practice == NULL ? 0 : strtoll(a->practice, &end, 10);
    if (practice <= 0 || errno != 0 || *end != '\0' || a->label == NULL || a->out == NULL) {
        return usage("--practice NUMBER, --label LABEL and --out IDENTITY_DIR");
    }
    if (valid_text(a->label, LIMIT_NAME_BYTES) != 0) {
        return usage("a label of 1 to 64 bytes");
    }
    return exit_code(pki_device(a->words[2], practice, a->label, a->out));
}

static int pki(const struct arguments *a)
{
    const char *needed = "pki init DIR | server DIR … | device DIR … | sealing-key DIR |"
                         " audit-key FILE";
    if (a->word_count != 3) {
        return usage(needed);
    }
    if (strcmp(a->words[1], "init") == 0) {
        return exit_code(pki_init(a->words[2]));
    }
    if (strcmp(a->words[1], "server") == 0) {
        return exit_code(pki_server(a->words[2], a->names, a->name_count));
    }
    if (strcmp(a->words[1], "device") == 0) {
        return pki_device_command(a);
    }
    if (strcmp(a->words[1], "sealing-key") == 0) {
        return exit_code(sealing_make(a->words[2]));
    }
    if (strcmp(a->words[1], "audit-key") == 0) {
        return exit_code(audit_key_make(a->words[2]));
    }
    return usage(needed);
}

static int issuer(const struct arguments *a)
{
    char *end = NULL;
    errno = 0;
    long per_minute = a->per_minute == NULL ? PER_MINUTE : strtol(a->per_minute, &end, 10);
    if (a->socket == NULL || a->authority == NULL || errno != 0 || (end != NULL && *end != '\0') ||
        per_minute < 1 || per_minute > PER_MINUTE_MAX) {
        return usage("--socket PATH and --authority DIR; --per-minute 1 to 100000");
    }
    const struct issuer_command wanted = {.socket = a->socket,
                                          .folder = a->authority,
                                          .user = a->user,
                                          .per_minute = (uint32_t)per_minute};
    return exit_code(issuer_command(&wanted));
}

/* Every kiosk of every practice: a database that lost something lost it for all. */
static int resend(const struct arguments *a)
{
    struct options options;
    if (a->config == NULL || a->since == NULL) {
        return usage("--config FILE and --since 2026-11-25T10:00");
    }
    int rc = command_load(a->config, &options);
    rc = rc != 0 ? rc : exit_code(resend_by_hand(options.database, a->since));
    if (rc == 0) {
        printf("kiosks are asked again for what was acknowledged since %s; they keep a day\n",
               a->since);
    }
    return rc;
}

static void seal_words(const uint8_t secret[ADOPT_SECRET], const uint8_t token[ADOPT_TOKEN],
                       const uint8_t id[ADOPT_ID], const char *words,
                       char ret_text[ADOPT_TEXT_ROOM])
{
    _Static_assert((int)ADOPT_TEXT_ROOM == (int)FREE_TEXT_ROOM, "one length");
    free_text_seal(secret, token, id, words, ret_text);
}

/* What a run has done is told also if it failed then. */
static int keys_adopt(const struct arguments *a)
{
    struct options options;
    struct adopt_counts n;
    int rc = load_owner(a, &options);
    if (rc == 0 && options.keys_database_owner[0] == '\0') {
        fprintf(stderr, "%s: keys_database_owner must be given for this\n", a->config);
        return EXITS_CONFIGURATION;
    }
    if (rc != 0) {
        return rc;
    }
    const struct adopt adopt = {.main_owner = options.database_owner,
                                .keys_owner = options.keys_database_owner,
                                .words_max = FREE_TEXT_WORDS_MAX,
                                .seal = seal_words};
    rc = adopt_run(&adopt, &n);
    printf("clients moved %u, moved before %u; sealed: goals %u, reasons %u, broken glasses %u, "
           "holds %u\n",
           n.clients, n.before, n.texts[ADOPT_GOALS], n.texts[ADOPT_REASONS],
           n.texts[ADOPT_GLASSES], n.texts[ADOPT_HOLDS]);
    if (rc == 0) {
        puts("The main database names nobody any more. Its write-ahead log, its standbys' and "
             "archives,\nand every backup and dump made until now still do, until they are "
             "thrown away. Back up both\ndatabases now, apart, and start every server with "
             "keys_database.");
    }
    return exit_code(rc);
}

int command_run(int argc, char **argv)
{
    struct arguments a = {0};
    /* getopt starts behind argv[0]: the subcommand's own word comes back as the first of the words.
     */
    char *shifted[64] = {argv[0]};
    if (argc + 1 > (int)(sizeof shifted / sizeof shifted[0])) {
        return usage("fewer words");
    }
    memcpy(shifted + 1, argv, (size_t)argc * sizeof *argv);
    int rc = read_arguments(argc + 1, shifted, &a);
    if (rc != 0) {
        return rc;
    }
    if (a.word_count == 0) {
        return usage("migrate, setup, resend, keys adopt, pki or issuer");
    }
    if (strcmp(a.words[0], "migrate") == 0 && a.word_count == 1) {
        return migrate(&a);
    }
    if (strcmp(a.words[0], "setup") == 0 && a.word_count == 1) {
        return setup(&a);
    }
    if (strcmp(a.words[0], "reset-password") == 0 && a.word_count == 1) {
        return reset_password(&a);
    }
    if (strcmp(a.words[0], "resend") == 0 && a.word_count == 1) {
        return resend(&a);
    }
    if (strcmp(a.words[0], "keys") == 0 && a.word_count == 2 && strcmp(a.words[1], "adopt") == 0) {
        return keys_adopt(&a);
    }
    if (strcmp(a.words[0], "pki") == 0) {
        return pki(&a);
    }
    if (strcmp(a.words[0], "issuer") == 0 && a.word_count == 1) {
        return issuer(&a);
    }
    return usage("migrate, setup, resend, keys adopt, pki or issuer");
}

void command_version(void)
{
    int pq = store_libpq_version();
    printf("attune-server %s (libuv %s, %s, protobuf-c %s, libpq %d.%d)\n", ATTUNE_VERSION,
           uv_version_string(), OpenSSL_version(OPENSSL_VERSION), protobuf_c_version(), pq / 10000,
           pq % 10000);
}
