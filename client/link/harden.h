/* harden.h - what a process that holds a rating, a name or a password owes it: that nothing of it
 * outlives the process. */
#pragma once

#include <stddef.h>

/* From here on this process leaves no core file and lets no debugger of the same user in. Cannot
 * fail. (With the address sanitizer a debugger is let in: its search for leaks is one.) */
void harden_process(void);

/* The same but for the core file: the desktop may look at this process, as its file chooser does
 * at who asks. harden_process() ends it. */
void harden_pause(void);

/* This memory is never written to swap, as far as the limit on locked memory allows: a page or two
 * always. The unit forbids swap for all the rest (MemorySwapMax=0). */
void harden_memory(const void *bytes, size_t len);
