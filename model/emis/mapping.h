/* mapping.h - how the files of an inventory are laid out and what their words mean: a YAML file (docs/emissions.md,
 * "Inventories"; configs/inventories). Private to model/emis. */
#ifndef BS_MODEL_EMIS_MAPPING_H
#define BS_MODEL_EMIS_MAPPING_H

#include <stdbool.h>

#include "model/config/yaml.h"
#include "model/emis/lonlat_formats.h"
#include "model/units/units.h"

typedef enum bs_mapping_format {
    BS_MAPPING_NETCDF,
    BS_MAPPING_GMT,
    BS_MAPPING_ASCII_GRID,
    BS_MAPPING_LIST
} bs_mapping_format;

/* A sector of the model and the codes that the inventory has for it. */
typedef struct bs_mapping_sector {
    const char *name;
    const char **code;
    int n_codes;
    bool optional; /* whether any of the codes may have no file or variable */
    bool one_of;   /* whether just one of the codes must be there: names of the same in different releases */
} bs_mapping_sector;

/* A species of the model and what the inventory calls it. */
typedef struct bs_mapping_species {
    const char *name, *code; /* code: in names of files */
    const char *variable;    /* in names of variables; the code when it is not given */
    const char *units;       /* NULL: those of the mapping */
    double molar_mass;       /* kg mol-1 of the inventory's species; 0: not given */
    int minus;               /* row of the species that is part of it and is taken away; -1: none */
    double factor; /* mass of the model's species per mass of the inventory's: 1, or the ratio of molar masses */
} bs_mapping_species;

/* A text that an attribute `units` may hold, and the unit that it means. */
typedef struct bs_mapping_unit {
    const char *stated, *unit; /* stated "": the attribute is absent */
} bs_mapping_unit;

typedef struct bs_mapping {
    bs_arena arena;
    const char *file, *name;
    bs_mapping_format format;
    const char **pattern; /* of names of files */
    int n_patterns;
    const char **variable; /* names to try; NULL: of formats that have none */
    int n_variables;
    bs_mapping_unit *unit; /* a single row with stated NULL: `unit` is what a file states or is taken to mean */
    int n_units;
    bool months_in_order, missing_zero, has_fill;
    double fill;
    const char *sector_dimension; /* NULL: none */
    bs_list_layout list;
    bs_mapping_sector *sector;
    int n_sectors;
    bs_mapping_species *species;
    int n_species;
} bs_mapping;

/* Errors: BS_ERR_INPUT with all problems of the file, each with its place. */
bs_status bs_mapping_read(const char *file, bs_units *units, bs_mapping **out, bs_err *err);
void bs_mapping_destroy(bs_mapping *mapping);

/* What the name of a file says. -1: the pattern has no such placeholder. */
typedef struct bs_mapping_match {
    int species, sector, code; /* rows of the mapping; code: of the sector's codes */
    int year, month;           /* month 0..11 */
} bs_mapping_match;

/* Matches a file's name (without folder) with the patterns. 0: none fits; 1: *out is filled; 2: it fits in two ways
 * that differ, which are in both[2]. */
int bs_mapping_match_name(const bs_mapping *mapping, const char *name, bs_mapping_match both[2]);

/* `variable`, with {species} and {sector} replaced, into text[size]; returns text. */
const char *bs_mapping_variable(const bs_mapping *mapping, int variable, int species, int sector, int code, char *text,
                                size_t size);

/* The unit that a field of a species has whose file states `stated` ("": nothing); NULL: the mapping knows no such
 * text. */
const char *bs_mapping_unit_of(const bs_mapping *mapping, int species, const char *stated);

#endif
