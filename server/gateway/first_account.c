/* Happy path: a password, its hash. Failure: a line that is too short or too long is refused. */
#include "server/gateway/first_account.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "proto/wire/err.h"
#include "proto/wire/valid.h"

/* Nothing of it is shown; the terminal is as it was afterwards. */
static bool read_line(char *line, size_t room)
{
    struct termios was, quiet;
    bool terminal = tcgetattr(STDIN_FILENO, &was) == 0;
    if (terminal) {
        quiet = was;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        fputs("One-time password for the first administrator: ", stderr);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet); /* Else it is shown, to who types it. */
    }
    bool read = fgets(line, (int)room, stdin) != NULL;
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
        fputs("\n", stderr);
    }
    char *end = read ? strchr(line, '\n') : NULL;
    if (end != NULL) {
        *end = '\0';
    }
    return read;
}

int first_account_prepare(struct first_account *f, bool asks)
{
    memset(f, 0, sizeof *f);
    password_init();
    if (!asks) {
        password_one_time(f->password);
        f->was_made = true;
    } else if (!read_line(f->password, sizeof f->password) ||
               valid_text(f->password, LIMIT_PASSWORD_BYTES) != 0 ||
               strlen(f->password) < LIMIT_PASSWORD_BYTES_MIN) {
        fputs("setup: a password of 12 to 128 bytes\n", stderr);
        return ERR_FIELD;
    }
    return password_make(f->password, f->hash) ? 0 : ERR_BUSY;
}
