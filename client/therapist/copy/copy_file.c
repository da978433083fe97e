/* Happy path: pages and bundle are made, locked together, and wiped. Failure: what the lock says.
 */
#include "client/therapist/copy/copy_file.h"

#include <stdlib.h>
#include <string.h>

#include "client/therapist/copy/copy_paper.h"
#include "client/therapist/copy/fhir.h"
#include "client/therapist/copy/locked.h"

static void fini_bytes(struct plot_bytes *b)
{
    if (b->at != NULL) {
        explicit_bzero(b->at, b->count);
    }
    plot_bytes_fini(b);
}

int copy_file(const struct copy *c, const char *passphrase, struct plot_bytes *ret_bytes)
{
    struct plot_bytes pdf = {0};
    char *fhir = fhir_bundle(c);
    copy_paper(c, &pdf);
    copy_paper_let_go();
    const struct locked_attachment attachment = {.name = "ratings.json",
                                                 .description = "The same as FHIR R4",
                                                 .type = "application/fhir+json",
                                                 .bytes = fhir,
                                                 .size = strlen(fhir)};
    int rc = locked_pdf(&pdf, &attachment, passphrase, ret_bytes);
    explicit_bzero(fhir, strlen(fhir));
    free(fhir); /* jansson's. */
    fini_bytes(&pdf);
    return rc;
}
