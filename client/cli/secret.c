/* Happy path: the echo is off, a line is read, the echo is on. Failure: said in one sentence. */
#include "client/cli/secret.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib.h>
#include <openssl/crypto.h>

void secret_wipe(char secret[SECRET_ROOM])
{
    OPENSSL_cleanse(secret, SECRET_ROOM);
}

/* Byte by byte: what comes after the line is the next one's, and no buffer keeps a copy. */
static bool read_line(char line[SECRET_ROOM])
{
    size_t len = 0;
    char c = '\0';
    while (len + 1 < SECRET_ROOM && read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
        line[len++] = c;
    }
    line[len] = '\0';
    return len > 0;
}

bool secret_read(const char *prompt, bool shown, char ret_secret[SECRET_ROOM])
{
    struct termios was, quiet;
    bool terminal = tcgetattr(STDIN_FILENO, &was) == 0;
    if (terminal) {
        quiet = was;
        quiet.c_lflag &= shown ? ~(tcflag_t)0 : ~(tcflag_t)ECHO;
        fprintf(stderr, "%s: ", prompt);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet); /* Else it is shown, to who types it. */
    }
    bool good = read_line(ret_secret);
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
        fputs(shown ? "" : "\n", stderr);
    }
    char *normal = good ? g_utf8_normalize(ret_secret, -1, G_NORMALIZE_NFC) : NULL;
    good = normal != NULL && strlen(normal) < SECRET_ROOM;
    if (good) {
        memcpy(ret_secret, normal, strlen(normal) + 1);
    }
    if (normal != NULL) {
        OPENSSL_cleanse(normal, strlen(normal));
    }
    g_free(normal);
    return good;
}

bool secret_read_new(char ret_secret[SECRET_ROOM])
{
    char again[SECRET_ROOM] = "";
    if (!secret_read("New password, 12 characters or more", false, ret_secret)) {
        return false;
    }
    if (isatty(STDIN_FILENO) == 0) {
        return true;
    }
    bool same = secret_read("The same again", false, again) && strcmp(again, ret_secret) == 0;
    secret_wipe(again);
    if (!same) {
        fputs("attune: the two differ\n", stderr);
    }
    return same;
}
