/* harden.h - what a process that holds a rating, a name or a password owes it: that nothing of it
 * outlives the process. */
#pragma once

#include <stddef.h>

/* From here on this process leaves no core file, overwrites what it frees and lets no debugger of
 * the same user in. Cannot fail. (With the address sanitizer a debugger is let in: its search for
 * leaks is one.) */
void harden_process(void);

/* The desktop, and so a debugger of the same user, may look at this process, as the file chooser
 * does at who asks; a core file there is none all the same, but where the hard limit on them was
 * zero at the start and a program takes them. harden_process() ends it. */
void harden_pause(void);

/* This memory is never written to swap, as far as the limit on locked memory allows: a page or two
 * always. The unit forbids swap for all the rest (MemorySwapMax=0). */
void harden_memory(const void *bytes, size_t len);
