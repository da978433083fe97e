/* Happy path: the PDF is read from memory, gets an embedded file and a name for it, and is written
 * to memory, encrypted. Failure: what the library cannot read or write. */
#include "client/therapist/copy/locked.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <qpdf/qpdf-c.h>

#include "proto/wire/err.h"

/* "/application#2Ffhir+json": a slash in a name is written so. */
static void type_name(const char *type, char name[64])
{
    const char *slash = strchr(type, '/');
    int before = slash != NULL ? (int)(slash - type) : 0;
    (void)snprintf(name, 64, "/%.*s#2F%s", before, type, slash != NULL ? slash + 1 : type);
}

/* The bytes as a stream of the document. */
static qpdf_oh embedded(qpdf_data q, const struct locked_attachment *a)
{
    char words[128], type[64];
    qpdf_oh stream = qpdf_oh_new_stream(q);
    qpdf_oh_replace_stream_data(q, stream, (const unsigned char *)a->bytes, a->size,
                                qpdf_oh_new_null(q), qpdf_oh_new_null(q));
    qpdf_oh dictionary = qpdf_oh_get_dict(q, stream);
    type_name(a->type, type);
    (void)snprintf(words, sizeof words, "<< /Size %zu >>", a->size);
    qpdf_oh_replace_key(q, dictionary, "/Type", qpdf_oh_new_name(q, "/EmbeddedFile"));
    qpdf_oh_replace_key(q, dictionary, "/Subtype", qpdf_oh_parse(q, type));
    qpdf_oh_replace_key(q, dictionary, "/Params", qpdf_oh_parse(q, words));
    return stream;
}

static void attach(qpdf_data q, const struct locked_attachment *a)
{
    qpdf_oh stream = embedded(q, a), files = qpdf_oh_new_dictionary(q);
    qpdf_oh name = qpdf_oh_new_unicode_string(q, a->name);
    qpdf_oh_replace_key(q, files, "/F", stream);
    qpdf_oh_replace_key(q, files, "/UF", stream);
    qpdf_oh of_file = qpdf_make_indirect_object(q, qpdf_oh_new_dictionary(q));
    qpdf_oh_replace_key(q, of_file, "/Type", qpdf_oh_new_name(q, "/Filespec"));
    qpdf_oh_replace_key(q, of_file, "/F", name);
    qpdf_oh_replace_key(q, of_file, "/UF", name);
    qpdf_oh_replace_key(q, of_file, "/Desc", qpdf_oh_new_unicode_string(q, a->description));
    qpdf_oh_replace_key(q, of_file, "/AFRelationship", qpdf_oh_new_name(q, "/Data"));
    qpdf_oh_replace_key(q, of_file, "/EF", files);
    qpdf_oh pairs = qpdf_oh_new_array(q), tree = qpdf_oh_new_dictionary(q);
    qpdf_oh_append_item(q, pairs, name);
    qpdf_oh_append_item(q, pairs, of_file);
    qpdf_oh_replace_key(q, tree, "/Names", pairs);
    qpdf_oh names = qpdf_oh_new_dictionary(q), list = qpdf_oh_new_array(q);
    qpdf_oh_replace_key(q, names, "/EmbeddedFiles", tree);
    qpdf_oh_append_item(q, list, of_file);
    qpdf_oh root = qpdf_get_root(q); /* Cairo's documents have no names of their own. */
    qpdf_oh_replace_key(q, root, "/Names", names);
    qpdf_oh_replace_key(q, root, "/AF", list);
}

static bool write_locked(qpdf_data q, const char *passphrase, struct plot_bytes *ret_bytes)
{
    if ((qpdf_init_write_memory(q) & QPDF_ERRORS) != 0) {
        return false;
    }
    /* It is the client's: whoever opens it may do anything with it. */
    qpdf_set_r6_encryption_parameters2(q, passphrase, passphrase, QPDF_TRUE, QPDF_TRUE, QPDF_TRUE,
                                       QPDF_TRUE, QPDF_TRUE, QPDF_TRUE, qpdf_r3p_full, QPDF_TRUE);
    if ((qpdf_write(q) & QPDF_ERRORS) != 0) {
        return false;
    }
    plot_bytes_add(ret_bytes, qpdf_get_buffer(q), qpdf_get_buffer_length(q));
    return true;
}

int locked_pdf(const struct plot_bytes *pdf, const struct locked_attachment *attachment,
               const char *passphrase, struct plot_bytes *ret_bytes)
{
    qpdf_data q = qpdf_init();
    qpdf_silence_errors(q);
    bool good =
        (qpdf_read_memory(q, "copy", (const char *)pdf->at, pdf->count, NULL) & QPDF_ERRORS) == 0;
    if (good) {
        attach(q, attachment);
        good = !qpdf_has_error(q) && write_locked(q, passphrase, ret_bytes);
    }
    qpdf_cleanup(&q);
    return good ? 0 : ERR_INTERNAL;
}
