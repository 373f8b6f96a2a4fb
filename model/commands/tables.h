/* tables.h - what `bashu options` prints beside the options: tables of the model that a case file refers to. To standard output. */
#ifndef BS_MODEL_COMMANDS_TABLES_H
#define BS_MODEL_COMMANDS_TABLES_H

void bs_print_fields(void); /* of the meteorology, and the names that layouts give them */
void bs_print_species(void);
void bs_print_sectors(void);

#endif
