/* Happy path: read attune.conf if there is one, then let the TLS layer load and test the three
 * files. Failure: a sentence with the file's name, and the line where there is one. GKeyFile takes
 * any key, so every group and key is held against the table, and the line is searched for again. */
#include "client/link/identity.h"

#include <string.h>

#include <gio/gio.h>

#include "client/link/identity_files.h"
#include "proto/wire/err.h"
#include "proto/wire/tls_session_enrol.h"
#include "client/link/wrong_clock.h"

static const struct {
    const char *group, *key;
} settings[] = {{"server", "address"}};

/* Letters to change, add or leave out to get from one word to the other. */
static size_t distance(const char *from, const char *to)
{
    size_t to_len = strlen(to);
    size_t *row = g_new(size_t, to_len + 1);
    for (size_t at = 0; at <= to_len; at++) {
        row[at] = at;
    }
    for (size_t i = 0; from[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < to_len; j++) {
            size_t best = diagonal + (from[i] == to[j] ? 0 : 1);
            best = MIN(best, MIN(row[j], row[j + 1]) + 1);
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    size_t result = row[to_len];
    g_free(row);
    return result;
}

/* The known word nearest to this one: a group's name, or the name of a key in `group`. */
static const char *nearest(const char *word, const char *group)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t at = 0; at < G_N_ELEMENTS(settings); at++) {
        if (group != NULL && strcmp(group, settings[at].group) != 0) {
            continue;
        }
        const char *known = group == NULL ? settings[at].group : settings[at].key;
        size_t d = distance(word, known);
        if (d < best_distance) {
            best_distance = d;
            best = known;
        }
    }
    return best;
}

/* The first line that begins with this word, from 1; 0 when there is none. */
static unsigned line_of(const char *text, const char *word)
{
    unsigned line = 1;
    while (text != NULL) {
        while (*text == ' ' || *text == '\t' || *text == '[') {
            text++;
        }
        if (strncmp(text, word, strlen(word)) == 0) {
            return line;
        }
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
        line++;
    }
    return 0;
}

static int check_keys(GKeyFile *file, const char *group, const char *text, const char *name,
                      char *why, size_t why_size)
{
    int rc = 0;
    char **keys = g_key_file_get_keys(file, group, NULL, NULL);
    for (size_t at = 0; rc == 0 && keys != NULL && keys[at] != NULL; at++) {
        const char *near = nearest(keys[at], group);
        if (near == NULL || strcmp(near, keys[at]) != 0) {
            g_snprintf(why, why_size, "%s:%u: unknown key \"%.60s\" in [%s]; did you mean \"%s\"?",
                       name, line_of(text, keys[at]), keys[at], group, near);
            rc = ERR_CONFIG;
        }
    }
    g_strfreev(keys);
    return rc;
}

static int check_groups(GKeyFile *file, const char *text, const char *name, char *why,
                        size_t why_size)
{
    int rc = 0;
    char **groups = g_key_file_get_groups(file, NULL);
    for (size_t at = 0; rc == 0 && groups[at] != NULL; at++) {
        const char *near = nearest(groups[at], NULL);
        if (strcmp(near, groups[at]) != 0) {
            g_snprintf(why, why_size, "%s:%u: unknown group [%.60s]; did you mean [%s]?", name,
                       line_of(text, groups[at]), groups[at], near);
            rc = ERR_CONFIG;
        } else {
            rc = check_keys(file, groups[at], text, name, why, why_size);
        }
    }
    g_strfreev(groups);
    return rc;
}

int identity_settings(const char *text, const char *name, char **ret_address, char *why,
                      size_t why_size)
{
    GError *error = NULL;
    GKeyFile *file = g_key_file_new();
    int rc = 0;
    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, &error) &&
        !g_error_matches(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_NOT_FOUND)) {
        g_snprintf(why, why_size, "%s: %s", name, error->message);
        rc = ERR_CONFIG;
    }
    g_clear_error(&error);
    rc = rc == 0 ? check_groups(file, text, name, why, why_size) : rc;
    if (rc == 0) {
        *ret_address = g_key_file_get_string(file, "server", "address", NULL);
    }
    g_key_file_unref(file);
    return rc;
}

static int load_settings(struct identity *i, char *why, size_t why_size)
{
    GError *error = NULL;
    char *text = NULL, *name = g_build_filename(i->folder, "attune.conf", NULL);
    int rc = 0;
    if (g_file_get_contents(name, &text, NULL, &error)) {
        rc = identity_settings(text, name, &i->address, why, why_size);
    } else if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_snprintf(why, why_size, "%s", error->message);
        rc = ERR_CONFIG;
    }
    g_clear_error(&error);
    g_free(text);
    g_free(name);
    return rc;
}

/* A certificate that has expired lately is taken all the same. */
static int load_context(struct identity *i, const struct tls_files *files, char *why,
                        size_t why_size)
{
    char ignored[IDENTITY_WHY];
    struct tls_authorities trusted;
    int rc = tls_context_new(TLS_CLIENT, files, &i->context, why, why_size);
    if (rc == ERR_CERTIFICATE &&
        tls_context_expired(files, &i->context, ignored, sizeof ignored) == 0) {
        int64_t left = tls_context_expires_in(i->context, g_get_real_time() / G_USEC_PER_SEC);
        i->expired = left <= 0 && left > -LIMIT_RENEW_GRACE_S;
        rc = i->expired ? 0 : rc;
    }
    if (rc == 0 && tls_authorities_from(i->context, &trusted) == 0) {
        memcpy(i->authority_id, trusted.id, sizeof i->authority_id);
        tls_authorities_fini(&trusted);
    }
    return rc;
}

int identity_load(struct identity *i, const char *folder, char *why, size_t why_size)
{
    memset(i, 0, sizeof *i);
    i->folder = g_strdup(folder);
    identity_files_settle(folder);
    int rc = load_settings(i, why, why_size);
    if (rc != 0) {
        return rc;
    }
    char *authority = g_build_filename(folder, "ca.crt", NULL);
    char *certificate = g_build_filename(folder, "device.crt", NULL);
    char *key = g_build_filename(folder, "device.key", NULL);
    const struct tls_files files = {authority, certificate, key};
    rc = load_context(i, &files, why, why_size);
    if (rc != 0) {
        wrong_clock_hint(why, why_size);
    }
    g_free(authority);
    g_free(certificate);
    g_free(key);
    return rc;
}

int identity_reload(struct identity *i, char *why, size_t why_size)
{
    struct identity fresh;
    int rc = identity_load(&fresh, i->folder, why, why_size);
    if (rc == 0) {
        SSL_CTX *old = i->context;
        i->context = fresh.context;
        fresh.context = old; /* Connections that use it hold it. */
        i->expired = fresh.expired;
        memcpy(i->authority_id, fresh.authority_id, sizeof i->authority_id);
    }
    identity_fini(&fresh);
    return rc;
}

void identity_fini(struct identity *i)
{
    SSL_CTX_free(i->context);
    g_free(i->folder);
    g_free(i->address);
    memset(i, 0, sizeof *i);
}
