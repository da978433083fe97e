/* conn.h - between net.c and conn.c only: the life of one connection. */
#pragma once

#include "server/net/net.h"

/* The stranger becomes `c`, and its handshake begins. Both are taken, the socket in any case. */
void conn_begin(struct conn *c, struct net *n, struct net_stranger *stranger);
/* Say what was gathered in this turn. */
void conn_flush(struct conn *c);
/* Cut it if a deadline has passed. */
void conn_sweep(struct conn *c, uint64_t now);

/* Gone without another word. */
void conn_cut(struct conn *c, int rc);

/* Accepted; at the door, or shaking hands. */
struct net_stranger {
    struct door_guest guest;
    struct conn *conn; /* NULL: at the door, and `fd` is ours. */
    int fd;
};

/* A handle of the net's, or a connection, has closed. */
void net_handle_closed(struct net *n);
