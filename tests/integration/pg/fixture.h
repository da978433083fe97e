/* fixture.h - one database a program, one practice and one store a test. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "proto/wire/err.h"
#include "tests/integration/pg/world.h"

struct fixture {
    struct database database;
    struct practice practice;
    struct world world;
};

int fixture_start_database(void **state);
int fixture_stop_database(void **state);

/* A practice with tickets 0 to 7, no batches, and a store as attune_server that is up. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)
