/* speciation.h - PM2.5 split into elemental carbon, organic carbon, sulfate and all else, by sector. Private to
 * model/emis.
 *
 * The table is CSV: sector,species,ec,oc,so4,other; species is pm25; fractions of its mass, whose sum must be 1 within
 * 1e-9. A row counts for its sector and for its parts (sectors.h) that have none, '*' for all others. */
#ifndef BS_MODEL_EMIS_SPECIATION_H
#define BS_MODEL_EMIS_SPECIATION_H

#include "model/emis/emis.h"

enum { BS_PARTS = 4 };

/* Names of the species that the columns ec, oc, so4 and other become. */
extern const char *const BS_PART_SPECIES[BS_PARTS];

/* Whether a species is needed for its parts: emissions.speciation is there and one of them is carried. */
bool bs_speciation_needs(const bs_config *config, const bs_tracers *tracers, const char *species);

/* Gives each sheet of pm25 (and its points) four more, its parts; the last is what the others leave, so that they sum
 * to it to rounding. Nothing where emissions.speciation is not given. After all inventories are read.
 * Errors: BS_ERR_INPUT "file:line: ..." for a bad table; a sector without a row; parts carried but no table; a part
 * that an inventory holds itself. */
bs_status bs_emis_speciate(bs_emission *e, const bs_emis_input *in, bs_err *err);

#endif
