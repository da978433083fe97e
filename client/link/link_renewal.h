/* link_renewal.h - between link.c and link_renewal.c only: a device keeps its certificate, and whom
 * it trusts, up to date by itself.
 *
 * From two thirds of the certificate's life on it is renewed on the live connection, at a moment
 * that is the certificate's own, so that devices which began together do not come together. One
 * that has expired is renewed before connecting, for 30 days. The authorities that the server
 * names take the place of those that were trusted, if the server and we are good by them. New files
 * are there all at once; the link uses them from its next connection on. */
#pragma once

#include "client/link/link.h"

/* When a certificate is to be renewed, Unix seconds: after two thirds of its life and before seven
 * ninths; `share` of 65,536 says where between. Pure. */
int64_t renewal_due_s(int64_t begins_s, int64_t ends_s, uint16_t share);

/* Welcome was received. */
void link_renewal_up(struct link *l);
/* The connection is gone. */
void link_renewal_lost(struct link *l);
/* The server has other authorities from now on. */
void link_renewal_authority(struct link *l);
/* Something may be due. */
void link_renewal_tick(struct link *l);
/* When to come again; INT64_MAX: not before an event. */
int64_t link_renewal_wake_ms(const struct link *l);

/* Before connecting. True: the certificate has expired and is being renewed first; then the link
 * connects, or waits as after any other failure. */
bool link_renewal_recover(struct link *l);
/* Call it off; the clock is armed when it is over. */
void link_renewal_cancel(struct link *l);

/* link.c's: look at what waits. */
void link_arm(struct link *l);
