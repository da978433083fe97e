/* sim - many histories of a practice, one a seed, each judged at its end.
 *
 * A history: clients rate over five virtual minutes while processes die, connections are cut
 * and the database crashes; then all is let heal, and what was sent, acknowledged, stored, alerted
 * and shown must agree. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"
#include "tests/sim/sim.h"

enum { TROUBLE_MS = 300 * 1000, HEAL_MS = 600 * 1000, KEEPER_MS = 2000, FAULT_MS_MAX = 20 * 1000 };

struct sim_piece {
    struct sim_piece *next;
    _Alignas(16) char bytes[];
};

void *sim_memory(struct sim *s, size_t size)
{
    struct sim_piece *piece = calloc(1, sizeof *piece + size);
    must(piece != NULL);
    piece->next = s->pieces;
    s->pieces = piece;
    return piece->bytes;
}

/* ---- what happens ---------------------------------------------------------------------------- */

static void on_rate(struct world *w, void *who, int64_t rating)
{
    (void)w;
    struct sim *s = who;
    kiosk_rate(&s->kiosks[s->ratings[rating].kiosk], (int)rating);
}

/* Whoever is dead is started again: systemd, or a person. */
static void on_keeper(struct world *w, void *who, int64_t unused)
{
    (void)unused;
    struct sim *s = who;
    for (int i = 0; i < SIM_KIOSKS; i++) {
        if (!s->kiosks[i].client.alive) {
            kiosk_start(&s->kiosks[i]);
        }
    }
    for (int i = 0; i < SIM_DESKS; i++) {
        if (!s->desks[i].client.alive) {
            desk_actor_start(&s->desks[i]);
        }
    }
    for (int i = 0; i < SIM_SERVERS; i++) {
        if (!s->servers[i].alive) {
            server_start(&s->servers[i]);
        }
    }
    for (int i = 0; i < SIM_AGGREGATORS; i++) {
        if (!s->aggregators[i].alive) {
            aggregator_start(&s->aggregators[i]);
        }
    }
    s->db.up = true;
    world_in(w, KEEPER_MS, on_keeper, s, 0);
}

static void cut_some(struct sim *s)
{
    for (struct wire *wire = s->network.all; wire != NULL; wire = wire->next) {
        if (!wire->cut && world_chance(&s->world, 40)) {
            wire_cut(wire);
        }
    }
}

static void hurt(struct sim *s)
{
    struct world *w = &s->world;
    int64_t kind = world_between(w, 0, 6), k = world_between(w, 0, SIM_KIOSKS - 1);
    world_note(w, "trouble %d", (int)kind);
    if (kind == 0 && s->kiosks[k].client.alive) {
        kiosk_kill(&s->kiosks[k]);
    } else if (kind == 1 && s->desks[k % SIM_DESKS].client.alive) {
        desk_actor_kill(&s->desks[k % SIM_DESKS]);
    } else if (kind == 2 && s->servers[k % SIM_SERVERS].alive) {
        server_kill(&s->servers[k % SIM_SERVERS]);
    } else if (kind == 3 && s->aggregators[k % SIM_AGGREGATORS].alive) {
        aggregator_kill(&s->aggregators[k % SIM_AGGREGATORS]);
    } else if (kind == 4) {
        db_crash(&s->db);
    } else if (kind > 4) {
        cut_some(s);
    }
}

static void on_trouble(struct world *w, void *who, int64_t unused)
{
    (void)unused;
    struct sim *s = who;
    if (!w->healing) {
        hurt(s);
        world_in(w, world_between(w, 10, FAULT_MS_MAX), on_trouble, s, 0);
    }
}

/* Trouble that comes just when a rating does finds more than trouble at any time. */
static void on_trouble_with_rating(struct world *w, void *who, int64_t unused)
{
    (void)unused;
    if (!w->healing) {
        hurt(who);
    }
}

/* ---- one history ----------------------------------------------------------------------------- */

static void random_id(struct world *w, uint8_t id[LIMIT_ID_SIZE])
{
    uint64_t halves[2] = {world_random(w), world_random(w)};
    memcpy(id, halves, sizeof halves);
}

static void plan_ratings(struct sim *s)
{
    struct world *w = &s->world;
    s->rating_count = (int)world_between(w, 10, SIM_RATINGS);
    for (int i = 0; i < s->rating_count; i++) {
        struct sim_rating *r = &s->ratings[i];
        random_id(w, r->id);
        random_id(w, r->ticket.id);
        r->kiosk = (int)world_between(w, 0, SIM_KIOSKS - 1);
        r->ticket.course = (int)world_between(w, 0, SIM_COURSES - 1);
        r->ticket.session_start = i * 1000 + world_between(w, 0, 5000) / 10 * 10 + i % 10;
        r->poison = world_chance(w, 3);
        int64_t low = world_chance(w, 25) ? 20 : 85;
        for (int area = 0; area < 4; area++) {
            r->scores[area] = world_chance(w, 2) ? -1 : (int16_t)world_between(w, low, low + 15);
        }
        if (r->scores[0] < 0 && r->scores[1] < 0 && r->scores[2] < 0) {
            r->scores[0] = 90;
        }
        int64_t at = world_between(w, 0, TROUBLE_MS);
        world_in(w, at, on_rate, s, i);
        if (world_chance(w, 60)) {
            world_in(w, at + world_between(w, 0, 600), on_trouble_with_rating, s, 0);
        }
    }
}

/* The memory of one history serves the next: a megabyte is not asked for a thousand times. */
static void sim_init(struct sim *s, uint64_t seed, enum sim_plant plant, bool trace)
{
    memset(s, 0, offsetof(struct sim, arena));
    world_init(&s->world, seed, trace);
    s->network.world = &s->world;
    s->db.world = &s->world;
    s->plant = plant;
    codec_arena_init(&s->arena);
    codec_arena_init(&s->record_arena);
    for (int i = 0; i < SIM_KIOSKS; i++) {
        kiosk_init(&s->kiosks[i], s, i);
    }
    for (int i = 0; i < SIM_DESKS; i++) {
        desk_actor_init(&s->desks[i], s, i);
    }
    for (int i = 0; i < SIM_SERVERS; i++) {
        server_init(&s->servers[i], s);
    }
    for (int i = 0; i < SIM_AGGREGATORS; i++) {
        aggregator_init(&s->aggregators[i], s);
    }
    on_keeper(&s->world, s, 0);
    plan_ratings(s);
    world_in(&s->world, 1, on_trouble, s, 0);
}

static void sim_fini(struct sim *s)
{
    for (int i = 0; i < SIM_KIOSKS; i++) {
        if (s->kiosks[i].client.alive) {
            kiosk_kill(&s->kiosks[i]);
        }
    }
    for (int i = 0; i < SIM_DESKS; i++) {
        desk_actor_kill(&s->desks[i]);
    }
    for (int i = 0; i < SIM_SERVERS; i++) {
        server_kill(&s->servers[i]);
    }
    while (s->pieces != NULL) {
        struct sim_piece *piece = s->pieces;
        s->pieces = piece->next;
        free(piece);
    }
    network_fini(&s->network);
    world_fini(&s->world);
}

static int play(struct sim *s, uint64_t seed, enum sim_plant plant, bool quiet, bool trace,
                const char **ret_breach)
{
    sim_init(s, seed, plant, trace);
    while (world_step(&s->world, TROUBLE_MS)) {
    }
    s->world.healing = true;
    while (!checker_settled(s) && world_step(&s->world, TROUBLE_MS + HEAL_MS)) {
    }
    int rc = checker_judge(s, seed, quiet, ret_breach);
    sim_fini(s);
    return rc;
}

/* ---- the program ----------------------------------------------------------------------------- */

static const char *const plants[PLANTS] = {"none", "ack-before-commit", "claim-greater-than",
                                           "forget-lost", "report-before-shown"};

static const char usage[] =
    "sim [--seeds N] [--first SEED] [--verbose] [--plant DEFECT]   many histories; with a defect, "
    "until it is found\n"
    "sim --seed SEED [--trace] [--plant DEFECT]                    one history, and what happened "
    "in it\n"
    "defects: ack-before-commit, claim-greater-than, forget-lost, report-before-shown\n";

static int play_many(struct sim *s, uint64_t first, uint64_t seeds, enum sim_plant plant,
                     bool verbose)
{
    const char *breach = NULL;
    (void)play(s, first, plant, true, false, &breach); /* Judged below, and here only: */
    uint64_t digest = s->world.digest;
    (void)play(s, first, plant, true, false, &breach);
    if (s->world.digest != digest) {
        printf("seed %" PRIu64 " is not the same history twice\n", first);
        return 1;
    }
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        if (play(s, seed, plant, !verbose && seed + 1 < first + seeds, false, &breach) != 0) {
            printf("seed %" PRIu64 ": %s%s%s\n", seed, breach,
                   plant != PLANT_NONE ? "; planted: " : "",
                   plant != PLANT_NONE ? plants[plant] : "");
            return plant == PLANT_NONE ? 1 : 0;
        }
    }
    printf("%" PRIu64 " histories, no breach\n", seeds);
    return plant == PLANT_NONE ? 0 : 1;
}

int main(int argc, char **argv)
{
    enum { SEEDS = 1, FIRST, SEED, TRACE, VERBOSE, PLANT, HELP };
    static const struct option options[] = {
        {"seeds", required_argument, NULL, SEEDS}, {"first", required_argument, NULL, FIRST},
        {"seed", required_argument, NULL, SEED},   {"trace", no_argument, NULL, TRACE},
        {"verbose", no_argument, NULL, VERBOSE},   {"plant", required_argument, NULL, PLANT},
        {"help", no_argument, NULL, HELP},         {0}};
    uint64_t seeds = 1000, first = 1, one = 0;
    bool trace = false, verbose = false;
    size_t plant = PLANT_NONE;
    int code;
    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1) {
        uint64_t number =
            code == SEEDS || code == FIRST || code == SEED ? strtoull(optarg, NULL, 10) : 0;
        seeds = code == SEEDS ? number : seeds;
        first = code == FIRST ? number : first;
        one = code == SEED ? number : one;
        trace |= code == TRACE;
        verbose |= code == VERBOSE;
        for (plant = code == PLANT ? 0 : plant; code == PLANT && plant < PLANTS; plant++) {
            if (strcmp(plants[plant], optarg) == 0) {
                break;
            }
        }
        if (code == '?' || code == HELP || plant == PLANTS) {
            fputs(usage, code == HELP ? stdout : stderr);
            return code == HELP ? 0 : 2;
        }
    }
    struct sim *s = malloc(sizeof *s);
    must(s != NULL);
    const char *breach = NULL;
    int rc = one == 0 ? play_many(s, first, seeds, (enum sim_plant)plant, verbose)
                      : play(s, one, (enum sim_plant)plant, false, trace, &breach);
    if (breach != NULL && one != 0) {
        printf("%s\n", breach);
    }
    free(s);
    return rc;
}
