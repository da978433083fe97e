/* picture_file.h - a picture into its file, whole or not at all. The shell of picture.h. */
#pragma once

#include "server/aggregator/study/picture.h"

/* Before the work: whether FILE could be written, its ending included. What is wrong is said on
 * standard error, after `command`. Returns 0 or the exit code: 2 for the ending, 1 for the folder.
 */
int picture_file_check(const char *command, const char *path);

/* To a temporary beside it, synced and renamed: a full disk leaves what was there before. Returns 0
 * or the exit code, having said why. */
int picture_file_write(const char *command, const char *path, struct picture *p);
