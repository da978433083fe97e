#include "tests/integration/pg/fixture.h"

int fixture_start_database(void **state)
{
    static struct fixture f;
    database_start(&f.database);
    *state = &f;
    return 0;
}

int fixture_stop_database(void **state)
{
    struct fixture *f = *state;
    database_stop(&f->database);
    return 0;
}

int fixture_set_up(void **state)
{
    struct fixture *f = *state;
    database_do(&f->database, "delete from rating_batch");
    database_practice(&f->database, &f->practice);
    for (unsigned i = 0; i < 8; i++) {
        database_ticket(&f->database, &f->practice, i);
    }
    world_init(&f->world, f->database.as_server);
    world_start(&f->world);
    world_until_up(&f->world);
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *f = *state;
    world_stop(&f->world);
    return 0;
}
