/* fhir.h - a copy as a FHIR R4 bundle, for other programs. Pure.
 *
 * One Patient without a name (the pseudonym is an identifier of the practice's own system), an
 * Observation a rating (the total, and a component an area), a Goal a goal, a Communication for
 * each time that the therapist was told something of it, and the Provenance of it all. The code
 * system is ours, in our own words. */
#pragma once

#include "client/therapist/copy/copy.h"

/* JSON, ends with NUL; the caller wipes and frees it. */
char *fhir_bundle(const struct copy *c);
