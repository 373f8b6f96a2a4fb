#include "model/commands/tables.h"

#include <stdio.h>
#include <string.h>

#include "model/emis/sectors.h"
#include "model/state/tracers.h"

/* Rows of fields.def by their ids, and those of layouts.def that lead to them. */
enum {
#define BS_FIELD(id, name, unit, dims, min, max, standard, text) id,
#include "model/core/fields.def"
#undef BS_FIELD
    N_FIELDS
};

static void print_layouts(int field, const char *name)
{
    static const struct {
        const char *layout, *names, *unit, *kind;
        int field, period, sign;
    } row[] = {
#define BS_LAYOUT(layout, field, names, unit, kind, period, sign) {#layout, names, unit, #kind, field, period, sign},
#include "model/met/layouts.def"
#undef BS_LAYOUT
    };
    for (size_t r = 0; r < sizeof row / sizeof row[0]; r++) {
        if (row[r].field != field) continue;
        printf("  %-22s %-4s  %s, %s", name, row[r].layout, row[r].names, row[r].unit);
        if (row[r].period)
            printf(", %s over %g h", strcmp(row[r].kind, "SUM") == 0 ? "sum" : "mean", row[r].period / 3600.0);
        printf("%s\n", row[r].sign < 0 ? ", downward positive" : "");
    }
}

void bs_print_fields(void)
{
    printf("Fields that meteorology.variables may name:\n");
#define BS_FIELD(id, name, unit, dims, min, max, standard, text)                                                       \
    printf("  %-22s %dD  %-11s %g to %g  %s\n", name, dims, unit, (double)(min), (double)(max), text);
#include "model/core/fields.def"
#undef BS_FIELD
    printf("\nVariables in which meteorology.layout finds them, the first that is there:\n");
#define BS_FIELD(id, name, unit, dims, min, max, standard, text) print_layouts(id, name);
#include "model/core/fields.def"
#undef BS_FIELD
}

void bs_print_species(void)
{
    int n;
    const bs_species *s = bs_species_table(&n);
    printf("Species that tracers.species may name:\n");
    for (int k = 0; k < n; k++)
        printf("  %-9s %s; %g kg m-3, %g um, sigma %g; written as %s\n", s[k].name, s[k].long_name, s[k].density,
               s[k].diameter * 1e6, s[k].sigma, s[k].output_name);
}

void bs_print_sectors(void)
{
    int n;
    const bs_sector *s = bs_sectors(&n);
    printf("Sectors and their parts; inventories may hold others, too:\n");
    for (int k = 0; k < n; k++)
        printf("  %s%-*s %s %s\n", *s[k].parent ? "  " : "", *s[k].parent ? 18 : 20, s[k].name, s[k].label,
               s[k].label_zh);
}
