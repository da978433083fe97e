/* log.h - one line to standard error, with a journald priority: "<6>gateway: ready".
 *
 * Shells log, cores never do. A line says what happened and what to do; it never has a name, a
 * pseudonym, a note or a score of a client, nor bytes that a peer chose (the format's arguments are
 * ours, or numbers). */
#pragma once

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6
};

/* `tag` names the module. 500 bytes at most; line breaks become spaces. */
__attribute__((format(printf, 3, 4))) void log_line(enum log_level level, const char *tag,
                                                    const char *format, ...);
