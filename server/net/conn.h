/* conn.h - between net.c and conn.c only: the life of one connection. */
#pragma once

#include "server/net/net.h"

/* The stranger at the listener's door becomes `c`. */
void conn_accept(struct conn *c, struct net *n);
/* Say what was gathered in this turn. */
void conn_flush(struct conn *c);
/* Cut it if a deadline has passed. */
void conn_sweep(struct conn *c, uint64_t now);

/* Gone without another word. */
void conn_cut(struct conn *c, int rc);

/* A handle of the net's, or a connection, has closed. */
void net_handle_closed(struct net *n);
