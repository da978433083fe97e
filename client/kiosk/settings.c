/* Happy path: the table, then what a table cannot say. Failure: named with its key. */
#include "client/kiosk/settings.h"

#include <stdio.h>
#include <string.h>

#include "client/kiosk/flow.h"
#include "proto/wire/err.h"

#define AT(member) offsetof(struct settings, member)

static const struct config_key keys[] = {
    {"server", CONFIG_TEXT, AT(server), 0, 0, "",
     "The server, as attune.example.org:7443 or 192.0.2.7:7443; empty: where the kiosk was "
     "enrolled."},
    {"identity", CONFIG_TEXT, AT(identity), 0, 0, "/var/lib/attune-kiosk/identity",
     "The folder with ca.crt, device.crt and device.key; empty: the first page asks for a code."},
    {"spool", CONFIG_TEXT, AT(spool), 0, 0, "/var/lib/attune-kiosk/spool",
     "Where ratings lie until the server has them; its parent must be there."},
    {"panel_width_mm", CONFIG_NUMBER, AT(panel_mm), 60, 1500, "217",
     "The picture's width as the screen hangs, measured: 217 is a 10.1-inch one lying."},
    {"pin", CONFIG_TEXT, AT(pin), 0, 0, "",
     "4 to 12 digits for the staff corner (press the upper right corner for 3 s); empty: shut."},
    {"language", CONFIG_TEXT, AT(language), 0, 0, "en",
     "What everybody begins in: en, de, fr, es, ar, or one of the practice's own wordings."},
    {"idle_s", CONFIG_NUMBER, AT(idle_s), 1, 600, "90",
     "Seconds without a touch before it asks whether anybody is still there."},
    {"warning_s", CONFIG_NUMBER, AT(warning_s), 1, 120, "30",
     "Seconds from then until the page is cleared."},
    {"windowed", CONFIG_NUMBER, AT(windowed), 0, 1, "0",
     "1: a window of 1024 x 640 pixels, to try it; never in a room."},
    {"thanks_s", CONFIG_NUMBER, AT(thanks_s), 1, 60, "8", "Seconds that the thank you stays."},
};

static const struct config_table table = {keys, sizeof keys / sizeof keys[0],
                                          sizeof(struct settings)};

const struct config_table *settings_table(void)
{
    return &table;
}

static int refuse(struct config_fault *fault, const char *text)
{
    *fault = (struct config_fault){0};
    (void)snprintf(fault->text, sizeof fault->text, "%s", text);
    return ERR_CONFIG;
}

int settings_load(const char *path, struct settings *s, struct config_fault *fault)
{
    int rc = config_load(&table, path, s, fault);
    if (rc != 0) {
        return rc;
    }
    size_t digits = strlen(s->pin);
    if (digits > 0 && (digits < FLOW_PIN_MIN || digits > FLOW_PIN_MAX ||
                       strspn(s->pin, "0123456789") != digits)) {
        return refuse(fault, "pin: must be 4 to 12 digits, or empty");
    }
    size_t letters = strlen(s->language);
    if (letters < 2 || letters > 3 ||
        strspn(s->language, "abcdefghijklmnopqrstuvwxyz") != letters) {
        return refuse(fault, "language: must be two or three lower-case letters, as en");
    }
    return 0;
}
