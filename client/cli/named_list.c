/* Happy path: page after page into the table and the array, then one of the two is printed.
 * Failure: the talk's is said; what came before it is not printed. */
#include "client/cli/named_list.h"

#include <glib.h>

#include "client/cli/show.h"

void named_list_add(struct named_list *l, const char *name, const char *const *cells, size_t count,
                    json_t *object)
{
    for (size_t at = 0; at < count; at++) {
        table_add(&l->table, cells[at]);
    }
    json_array_append_new(l->array, object);
    g_free(l->after);
    l->after = g_strdup(name);
}

enum exits named_list_run(struct named_list *l, const char *const *headings, size_t count,
                          const struct arguments *a)
{
    struct talk *t = g_new0(struct talk, 1);
    l->pages.limit = UINT32_MAX;
    l->after = g_strdup("");
    l->array = json_array();
    table_init(&l->table, headings, count);
    enum exits how = pages_run(&l->pages, t, a);
    if (how == EXITS_OK) {
        int rc = t->json ? show_json(json_incref(l->array)) : show_table(&l->table);
        how = rc == 0 ? EXITS_OK : EXITS_FAILED;
    }
    json_decref(l->array);
    table_fini(&l->table);
    g_free(l->after);
    talk_end(t);
    g_free(t);
    return how;
}
