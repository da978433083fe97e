/* Happy path: an entry a thing, each with an id of its own that the others refer to. Failure: none
 * but memory: all text was judged when it was stored. */
#include "client/therapist/copy/fhir.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/therapist/copy/copy_words.h"
#include "proto/wire/must.h"

static const char CODES[] = "urn:x-attune:session-rating";
static const char ABSENT[] = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
static const char UNITS[] = "http://unitsofmeasure.org";
enum { REFERENCE = COPY_UUID + 9 };

struct bundle {
    json_t *entries, *targets;
    char patient[REFERENCE];
};

static void reference_of(const uint8_t id[LIMIT_ID_SIZE], char text[REFERENCE])
{
    char uuid[COPY_UUID];
    copy_uuid(id, uuid);
    (void)snprintf(text, REFERENCE, "urn:uuid:%s", uuid);
}

static json_t *packed(json_t *value)
{
    must(value != NULL); /* Every text is UTF-8. */
    return value;
}

static json_t *coded(const char *system, const char *code, const char *display)
{
    return packed(json_pack("{s:[{s:s, s:s, s:s}], s:s}", "coding", "system", system, "code", code,
                            "display", display, "text", display));
}

static json_t *pointer(const char *reference)
{
    return packed(json_pack("{s:s}", "reference", reference));
}

/* Takes `resource`. */
static void add(struct bundle *b, const uint8_t id[LIMIT_ID_SIZE], json_t *resource)
{
    char full[REFERENCE];
    reference_of(id, full);
    json_object_set_new(resource, "id", json_string(full + strlen("urn:uuid:")));
    json_array_append_new(b->targets, pointer(full));
    json_array_append_new(
        b->entries, packed(json_pack("{s:s, s:o}", "fullUrl", full, "resource", packed(resource))));
}

static void add_patient(struct bundle *b, const struct copy *c)
{
    reference_of(c->copy_id, b->patient);
    add(b, c->copy_id,
        json_pack("{s:s, s:[{s:s, s:s, s:s, s:{s:s}}]}", "resourceType", "Patient", "identifier",
                  "use", "secondary", "system", "urn:x-attune:client", "value", c->client,
                  "assigner", "display", c->practice));
}

/* ---- ratings ----------------------------------------------------------------------------------
 */

static json_t *quantity(int tenths, const char *unit)
{
    return packed(json_pack("{s:f, s:s, s:s, s:s}", "value", tenths / 10.0, "unit", unit, "system",
                            UNITS, "code", "{score}"));
}

static json_t *absent(const char *code, const char *display)
{
    return coded(ABSENT, code, display);
}

static void set_value(json_t *object, int tenths, const char *unit)
{
    if (tenths == COPY_MISSING) {
        json_object_set_new(object, "dataAbsentReason",
                            absent("asked-declined", "Asked But Declined"));
    } else {
        json_object_set_new(object, "valueQuantity", quantity(tenths, unit));
    }
}

static json_t *components(const struct copy_session *s)
{
    static const char *const codes[COPY_AREAS] = {"understanding", "relevance", "safety", "fit"};
    json_t *list = json_array();
    for (size_t area = 0; area < COPY_AREAS; area++) {
        json_t *one =
            packed(json_pack("{s:o}", "code", coded(CODES, codes[area], copy_area_word(area))));
        set_value(one, s->scores[area], "points of 10");
        json_array_append_new(list, one);
    }
    return list;
}

static void add_note(json_t *notes, const char *text)
{
    if (text[0] != '\0') {
        json_array_append_new(notes, packed(json_pack("{s:s}", "text", text)));
    }
}

static json_t *notes_of(const struct copy_session *s)
{
    json_t *notes = json_array();
    add_note(notes, copy_talk(s->talk));
    add_note(notes, copy_better(s->better));
    add_note(notes, copy_tension(s->tension));
    if (s->instrument[0] != '\0') {
        char words[LIMIT_NAME_BYTES + 32];
        (void)snprintf(words, sizeof words, "wording: %s", s->instrument);
        add_note(notes, words);
    }
    return notes;
}

static void add_rating(struct bundle *b, const struct copy_session *s)
{
    char start[COPY_TIME], made[COPY_TIME];
    copy_time_fhir(s->start_ms, start);
    copy_time_fhir(s->made_ms, made);
    json_t *o = packed(json_pack(
        "{s:s, s:s, s:[o], s:o, s:o, s:s, s:s, s:[o]}", "resourceType", "Observation", "status",
        "final", "category",
        coded("http://terminology.hl7.org/CodeSystem/observation-category", "survey", "Survey"),
        "code", coded(CODES, "session-rating", "Rating of a session by the client"), "subject",
        pointer(b->patient), "effectiveDateTime", start, "issued", made, "performer",
        pointer(b->patient)));
    set_value(o, copy_total(s), "points of 40");
    if (!s->skipped) {
        json_object_set_new(o, "component", components(s));
    }
    json_t *notes = notes_of(s);
    if (json_array_size(notes) > 0) {
        json_object_set(o, "note", notes);
    }
    json_decref(notes);
    add(b, s->rating_id, o);
}

/* ---- goals, and what the therapist was told ----------------------------------------------------
 */

static void add_goal(struct bundle *b, const struct copy_goal *g)
{
    static const char *const states[] = {"active", "completed", "cancelled", "cancelled"};
    char start[COPY_TIME], end[COPY_TIME];
    size_t outcome = (size_t)g->outcome < 4 ? (size_t)g->outcome : 2;
    copy_time_fhir(g->start_ms, start);
    copy_time_fhir(g->ended_ms, end);
    start[10] = end[10] = '\0'; /* Days. */
    json_t *o = packed(json_pack("{s:s, s:s, s:[{s:s}], s:{s:s}, s:o, s:s}", "resourceType", "Goal",
                                 "lifecycleStatus", states[outcome], "category", "text",
                                 copy_goal_area(g->area), "description", "text", g->words,
                                 "subject", pointer(b->patient), "startDate", start));
    if (g->ended_ms != 0) {
        json_object_set_new(o, "statusDate", json_string(end));
        json_object_set_new(o, "statusReason", json_string(copy_outcome(g->outcome)));
    }
    add(b, g->goal_id, o);
}

static void add_alert(struct bundle *b, const struct copy *c, const struct copy_alert *a)
{
    char sent[COPY_TIME];
    copy_time_fhir(a->created_ms, sent);
    add(b, a->alert_id,
        json_pack("{s:s, s:s, s:o, s:s, s:[{s:s}], s:[{s:s}, {s:s}]}", "resourceType",
                  "Communication", "status", "completed", "subject", pointer(b->patient), "sent",
                  sent, "recipient", "display", c->therapist, "payload", "contentString", a->what,
                  "contentString", a->why));
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

/* The copy's own id is the patient's, so this is another one: its last bit is the other. */
static void add_provenance(struct bundle *b, const struct copy *c, const char *made)
{
    uint8_t id[LIMIT_ID_SIZE];
    memcpy(id, c->copy_id, sizeof id);
    id[LIMIT_ID_SIZE - 1] ^= 1;
    json_t *targets = json_copy(b->targets);
    add(b, id,
        json_pack("{s:s, s:o, s:s, s:[{s:o, s:{s:s}, s:{s:s}}]}", "resourceType", "Provenance",
                  "target", targets, "recorded", made, "agent", "type",
                  coded("http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                        "assembler", "Assembler"),
                  "who", "display", "Attune " ATTUNE_VERSION, "onBehalfOf", "display",
                  c->practice));
}

char *fhir_bundle(const struct copy *c)
{
    struct bundle b = {.entries = json_array(), .targets = json_array()};
    char made[COPY_TIME];
    copy_time_fhir(c->made_ms, made);
    add_patient(&b, c);
    for (size_t i = 0; i < c->session_count; i++) {
        if (c->sessions[i].rated) {
            add_rating(&b, &c->sessions[i]);
        }
    }
    for (size_t i = 0; i < c->goal_count; i++) {
        add_goal(&b, &c->goals[i]);
    }
    for (size_t i = 0; i < c->alert_count; i++) {
        add_alert(&b, c, &c->alerts[i]);
    }
    add_provenance(&b, c, made);
    json_t *bundle = packed(json_pack("{s:s, s:s, s:s, s:o}", "resourceType", "Bundle", "type",
                                      "collection", "timestamp", made, "entry", b.entries));
    char *text = json_dumps(bundle, JSON_INDENT(1) | JSON_REAL_PRECISION(4));
    must(text != NULL);
    json_decref(b.targets);
    json_decref(bundle);
    return text;
}
