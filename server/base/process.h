/* process.h - what both programs do as processes: signals, limits, readiness, the port file. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct process;
/* TERM or INT: stop, finishing what is held; a second one: stop at once. */
typedef void (*process_stop_cb)(struct process *p, bool at_once);
typedef void (*process_reload_cb)(struct process *p); /* HUP. */
typedef void (*process_close_cb)(struct process *p);

struct process {
    uv_signal_t term, interrupt, hangup;
    process_stop_cb stop_cb;
    process_reload_cb reload_cb;
    process_close_cb close_cb;
    unsigned open;
    bool stopping;
};

/* Before anything else in main: ignores SIGPIPE and forbids core files, which would hold ratings.
 * Nothing to undo. */
void process_harden(void);

/* The limit of open files, raised to the hard limit if need be. Returns 0 or ERR_CONFIG when
 * `wanted` cannot be had. */
int process_need_files(uint64_t wanted);

void process_init(struct process *p, process_stop_cb stop_cb, process_reload_cb reload_cb);
void process_start(struct process *p, uv_loop_t *loop);
void process_close(struct process *p, process_close_cb cb);

/* Tell systemd (sd_notify's protocol), if it asked: "READY=1", "RELOADING=1", "STOPPING=1". */
void process_notify(const char *state);

/* Write `listen PORT` (left out when 0) and `health PORT` to `path`, whole or not at all. Returns 0
 * or ERR_DISK. */
int process_write_ports(const char *path, uint16_t listen_port, uint16_t health_port);
