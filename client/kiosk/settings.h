/* settings.h - the kiosk's configuration file. */
#pragma once

#include <stdint.h>

#include "proto/wire/config.h"

struct settings {
    char server[CONFIG_TEXT_MAX];
    char identity[CONFIG_TEXT_MAX];
    char spool[CONFIG_TEXT_MAX];
    char language[CONFIG_TEXT_MAX];
    char pin[CONFIG_TEXT_MAX];
    uint32_t panel_mm;
    uint32_t idle_s, warning_s, thanks_s, windowed;
};

const struct config_table *settings_table(void);

/* Reads and judges. 0, or ERR_CONFIG and what is wrong, with its line where there is one. */
int settings_load(const char *path, struct settings *s, struct config_fault *fault);
