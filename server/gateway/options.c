/* The table, and nothing else: every bound of the server stands here with its default. */
#include "server/gateway/options.h"

#include "proto/wire/limits.h"

#define AT(member) offsetof(struct options, member)

static const struct config_key keys[] = {
    {"listen", CONFIG_ADDRESS, AT(listen), 0, 0, "0.0.0.0:7443",
     "Where kiosks and staff connect: address and port."},
    {"health", CONFIG_ADDRESS, AT(health), 0, 0, "127.0.0.1:7480",
     "Loopback address and port of /healthz, /readyz and /metrics."},
    {"certificate", CONFIG_TEXT, AT(certificate), 0, 0, NULL, "The server's certificate, PEM."},
    {"key", CONFIG_TEXT, AT(key), 0, 0, NULL,
     "Its private key, PEM, readable by the server alone."},
    {"authority", CONFIG_TEXT, AT(authority), 0, 0, NULL,
     "The certificate of the authority that signs devices, PEM; two while one follows another."},
    {"address", CONFIG_TEXT, AT(address), 0, 0, "",
     "Where devices find this practice, host:port: goes into codes; empty: they are asked for it."},
    {"issuer", CONFIG_TEXT, AT(issuer), 0, 0, "",
     "The socket of `attune-server issuer`, which signs devices' certificates."},
    {"issuing_authority", CONFIG_TEXT, AT(issuing_authority), 0, 0, "",
     "Or the folder with ca.crt and ca.key, for this process to sign itself; neither: no codes."},
    {"sealing_keys", CONFIG_TEXT, AT(sealing_keys), 0, 0, "",
     "The folder of the practice's sealing keys, the server's alone; empty: ratings go unsealed."},
    {"sealing_required", CONFIG_NUMBER, AT(sealing_required), 0, 1, "0",
     "1: a rating that is not sealed is not taken; its kiosk keeps it."},
    {"audit_key", CONFIG_TEXT, AT(audit_key), 0, 0, "",
     "The key that signs how far the audit has come, the server's alone; empty: unsigned."},
    {"audit_head_s", CONFIG_NUMBER, AT(audit_head_s), 1, 3600, "60", "Seconds from head to head."},
    {"database", CONFIG_TEXT, AT(database), 0, 0, NULL,
     "PostgreSQL, as libpq's connection string, in the role attune_server."},
    {"database_owner", CONFIG_TEXT, AT(database_owner), 0, 0, "",
     "The same in the role attune_owner: for migrate and setup only."},
    {"keys_database", CONFIG_TEXT, AT(keys_database), 0, 0, "",
     "The database of pseudonyms and keys, in the role attune_keys; empty: pseudonyms and texts "
     "lie "
     "in the main one."},
    {"keys_database_owner", CONFIG_TEXT, AT(keys_database_owner), 0, 0, "",
     "The same in the role attune_owner: for migrate only."},
    {"database_connections", CONFIG_NUMBER, AT(database_connections), 2, 16, "4",
     "Connections to PostgreSQL, the one that listens not counted."},
    {"database_calls_max", CONFIG_NUMBER, AT(database_calls_max), 16, 1000000, "20000",
     "Calls that may wait for PostgreSQL; above it requests are told to come back."},
    {"database_call_s", CONFIG_NUMBER, AT(database_call_s), 1, 3600, "60",
     "Seconds after which a call is given up and its connection dropped."},
    {"connections_max", CONFIG_NUMBER, AT(connections_max), 1, 100000, "5000",
     "Devices connected at a time; further ones wait in the kernel's queue."},
    {"handshakes_max", CONFIG_NUMBER, AT(handshakes_max), 1, 100000, "256",
     "TLS handshakes under way at a time."},
    {"handshakes_per_second", CONFIG_NUMBER, AT(handshakes_per_second), 4, 1000000, "200",
     "New connections a second."},
    {"handshake_s", CONFIG_NUMBER, AT(handshake_s), 1, 60, "5", "Seconds for a TLS handshake."},
    {"hello_s", CONFIG_NUMBER, AT(hello_s), 1, 60, "3", "Seconds from then until Hello."},
    {"enrol_s", CONFIG_NUMBER, AT(enrol_s), 1, 300, "15",
     "Seconds for a device's whole enrolment, on a connection without a certificate."},
    {"enrolments_max", CONFIG_NUMBER, AT(enrolments_max), 1, 10000, "32",
     "Connections without a certificate at a time."},
    {"frame_s", CONFIG_NUMBER, AT(frame_s), 1, 300, "10",
     "Seconds from a frame's first byte to its last."},
    {"silence_s", CONFIG_NUMBER, AT(silence_s), 15, 3600, "30",
     "Seconds without a byte after which a device is taken for gone."},
    {"unsent_s", CONFIG_NUMBER, AT(unsent_s), 1, 3600, "30",
     "Seconds that a device may leave what it was sent unread."},
    {"unsent_max", CONFIG_NUMBER, AT(unsent_max), 65536, 16777216, "262144",
     "Bytes that may wait for one device."},
    {"ratings_held_max", CONFIG_NUMBER, AT(ratings_held_max), 16, 1000000, "20000",
     "Ratings waiting for PostgreSQL; reading stops at three quarters."},
    {"batch_max", CONFIG_NUMBER, AT(batch_max), 1, 65536, "4000",
     "Ratings in one transaction; at most ratings_held_max."},
    {"poll_ms", CONFIG_NUMBER, AT(poll_ms), 100, 60000, "3000",
     "Milliseconds between looks at the tables when no hint comes."},
    {"resend_kiosks_per_second", CONFIG_NUMBER, AT(resend_kiosks_per_second), 0, 10000, "100",
     "Kiosks a second that are asked to send again, after a fail-over; 0: none is."},
    {"drain_s", CONFIG_NUMBER, AT(drain_s), 1, 600, "30",
     "Seconds over which a stopping server spreads its devices' return."},
    {"log_on_idle_s", CONFIG_NUMBER, AT(log_on_idle_s), 1, 86400, "600",
     "Seconds without a request that a person makes after which staff log on again."},
    {"log_on_last_s", CONFIG_NUMBER, AT(log_on_last_s), 1, 604800, "43200",
     "Seconds after which they do whatever was done."},
    {"log_on_hashes", CONFIG_NUMBER, AT(log_on_hashes), 1, 4, "2",
     "Passwords hashed at a time: 64 MiB and a core each."},
    {"log_on_waiting", CONFIG_NUMBER, AT(log_on_waiting), 1, 10000, "64",
     "Passwords that may wait for that; above it log-ons are told to come back."},
};

static const struct config_table table = {keys, sizeof keys / sizeof keys[0],
                                          sizeof(struct options)};

const struct config_table *options_table(void)
{
    return &table;
}
