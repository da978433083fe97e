/* A practice's own lines for its rules: put by its administrator, in force without a restart.
 *
 * Happy path: the file is read here, so that what is stored can be used; the next claim uses it.
 * Failure: a line that is not understood is answered with its number and what is near; the rules in
 * force stay. */
#include <stdio.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/aggregator/rules/settings.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"

unsigned on_rules_ask_tension_at(void)
{
    return (unsigned)(offsetof(struct rule_settings, ask_tension) / sizeof(int32_t)) + 1;
}

static void on_put(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

void on_put_rules(struct peer *p, uint64_t seq, const Attune__PutRules *put)
{
    struct rule_settings settings;
    struct config_fault fault;
    int32_t numbers[RULE_SETTINGS];
    if (rule_settings_parse(put->file, strlen(put->file), &settings, &fault) != 0) {
        char detail[sizeof fault.text + 24];
        (void)snprintf(detail, sizeof detail, "line %u: %s", fault.line, fault.text);
        peer_error(p, seq, ERR_RULES, detail, 0);
        return;
    }
    rule_settings_to(&settings, numbers);
    struct request *r = request_new(p, seq);
    request_started(r, store_rules_put(&p->gateway->store, &r->call, p->practice_id, numbers,
                                       RULE_SETTINGS, p->label, on_put));
}

static void on_got(struct store_call *call, int rc, int32_t version, const int32_t *numbers,
                   size_t count)
{
    struct request *r = container_of(call, struct request, call);
    struct rule_settings settings;
    char file[RULE_SETTINGS_TEXT_MAX];
    if (!request_good(r, rc)) {
        return;
    }
    if (rule_settings_from(numbers, count, &settings) != 0) {
        rule_settings_defaults(&settings); /* As the aggregator does with a newer version's. */
    }
    rule_settings_print(&settings, file);
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Rules rules = ATTUNE__RULES__INIT;
    rules.version = version;
    rules.file = file;
    response.body_case = ATTUNE__RESPONSE__BODY_RULES;
    response.rules = &rules;
    peer_answer(r->pending.peer, r->pending.seq, &response);
    request_free(r);
}

void on_get_rules(struct peer *p, uint64_t seq)
{
    struct request *r = request_new(p, seq);
    request_started(r, store_rules_get(&p->gateway->store, &r->call, p->practice_id, on_got));
}
