/* secret.h - a password or a code from whoever types: not shown, never an argument. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_ROOM = 256 };

/* One line of standard input; the prompt and the silence only on a terminal. In Unicode's normal
 * form C, as the server wants it. False: there is none, or it is no text. Wipe it. */
bool secret_read(const char *prompt, bool shown, char ret_secret[SECRET_ROOM]);

/* Twice, where it is typed and nobody sees it. False: also when they differ. */
bool secret_read_new(char ret_secret[SECRET_ROOM]);

void secret_wipe(char secret[SECRET_ROOM]);
