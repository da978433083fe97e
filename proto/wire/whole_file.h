/* whole_file.h - bytes into a file: all of them or none. It blocks for as long as the disk does. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* To a temporary beside it, synced and renamed: a full disk leaves what was there before. `mode` is
 * as open's: less what the umask takes, which is changed for a moment: not while other threads
 * make files. Returns 0, or ERR_DISK with errno set. */
int whole_file_write(const char *path, const uint8_t *bytes, size_t len, mode_t mode);
