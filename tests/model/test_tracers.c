/* What is carried: rows, tags, removal classes, what acts on what, and what bad requests are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/emis/groups.h"
#include "model/state/tracers.h"

static const unsigned ALL = BS_ACT_ADVECT | BS_ACT_MIX | BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET | BS_ACT_EMIT;
static const char *const THREE[] = {"pm25", "pmcoarse", "inert"};
static const char *const SECTORS[] = {"industry", "transport"};

static bs_tracers *tracers(const bs_tracer_request *r)
{
    bs_tracers *t = NULL;
    bs_err err = {0};
    if (bs_tracers_create(r, &t, &err) != BS_OK) fail_msg("%s", err.text);
    return t;
}

static void species_table(void **state)
{
    (void)state;
    int n;
    const bs_species *table = bs_species_table(&n);
    assert_true(n >= 3);
    for (int s = 0; s < n; s++) {
        assert_int_equal(bs_species_find(table[s].name), s);
        assert_true(table[s].sigma >= 1);
        if (table[s].kind == BS_PARTICLE) assert_true(table[s].density > 0 && table[s].diameter > 0);
        assert_true(strlen(table[s].output_name) > 0 && strlen(table[s].output_long_name) > 0);
    }
    assert_int_equal(bs_species_find("pm"), -1);
    assert_int_equal(bs_species_find(""), -1);
}

static void rows_of_totals_and_tags(void **state)
{
    (void)state;
    const bs_tracer_request r = {.n_species = 3,
                                 .species = THREE,
                                 .n_sectors = 2,
                                 .sectors = SECTORS,
                                 .tag_initial = 1,
                                 .tag_boundary = 1,
                                 .acts = ALL};
    bs_tracers *t = tracers(&r);
    static const char *const labels[] = {"", "industry", "transport", "initial", "boundary"};
    static const bs_role roles[] = {BS_ROLE_TOTAL, BS_ROLE_GROUP, BS_ROLE_GROUP, BS_ROLE_INITIAL, BS_ROLE_BOUNDARY};
    assert_int_equal(t->n, 15);
    for (int n = 0; n < t->n; n++) {
        const bs_tracer *row = &t->row[n];
        char name[96];
        snprintf(name, sizeof name, "%s%s%s", THREE[n / 5], n % 5 ? "_" : "", labels[n % 5]);
        assert_string_equal(row->name, name);
        assert_string_equal(row->label, labels[n % 5]);
        assert_int_equal(row->role, roles[n % 5]);
        assert_int_equal(row->total, n / 5 * 5); /* the total comes before its tags */
        assert_int_equal(row->species, bs_species_find(THREE[n / 5]));
        assert_int_equal(row->removal_class, t->row[row->total].removal_class);
        const unsigned source = row->role == BS_ROLE_INITIAL || row->role == BS_ROLE_BOUNDARY ? 0 : BS_ACT_EMIT;
        assert_int_equal(row->acts & BS_ACT_EMIT, source);
        assert_int_equal(row->acts & ~(unsigned)BS_ACT_EMIT, t->row[row->total].acts & ~(unsigned)BS_ACT_EMIT);
    }
    bs_tracers_destroy(t);
    bs_tracers_destroy(NULL);
}

static void without_tags(void **state)
{
    (void)state;
    const bs_tracer_request r = {.n_species = 2, .species = THREE, .acts = BS_ACT_ADVECT};
    bs_tracers *t = tracers(&r);
    assert_int_equal(t->n, 2);
    for (int n = 0; n < 2; n++) {
        assert_int_equal(t->row[n].total, n);
        assert_int_equal(t->row[n].acts, BS_ACT_ADVECT); /* no more than the case switches on */
    }
    bs_tracers_destroy(t);
}

static void removal_classes_are_shared(void **state)
{
    (void)state;
    const bs_tracer_request r = {
        .n_species = 3, .species = THREE, .n_sectors = 2, .sectors = SECTORS, .tag_initial = 1, .acts = ALL};
    bs_tracers *t = tracers(&r);
    int n;
    const bs_species *table = bs_species_table(&n);
    assert_int_equal(t->n_removal, 3); /* one a species here, none for a tag */
    for (int a = 0; a < t->n; a++) {
        const bs_removal_class *c = &t->removal[t->row[a].removal_class];
        const bs_species *s = &table[t->row[a].species];
        assert_true(c->density == s->density && c->diameter == s->diameter && c->sigma == s->sigma);
        assert_int_equal(c->wet, s->wet);
    }
    bs_tracers_destroy(t);
}

static void what_acts_on_what(void **state)
{
    (void)state;
    const bs_tracer_request r = {.n_species = 3, .species = THREE, .acts = ALL};
    bs_tracers *t = tracers(&r);
    assert_int_equal(t->row[0].acts, ALL);
    assert_int_equal(t->row[1].acts, ALL);
    assert_int_equal(t->row[2].acts, BS_ACT_ADVECT | BS_ACT_MIX | BS_ACT_EMIT); /* inert */
    bs_tracers_destroy(t);
}

static void refused(const bs_tracer_request *r, const char *what, const char *more)
{
    bs_tracers *t = NULL;
    bs_err err = {0};
    assert_int_equal(bs_tracers_create(r, &t, &err), BS_ERR_INPUT);
    assert_null(t);
    assert_int_equal(err.status, BS_ERR_INPUT);
    if (!strstr(err.text, what) || !strstr(err.text, more))
        fail_msg("expected '%s' and '%s' in: %s", what, more, err.text);
}

static void bad_requests_are_told_why(void **state)
{
    (void)state;
    static const char *const unknown[] = {"pm25", "pm2.5"}, *const twice[] = {"pm25", "inert", "pm25"};
    static const char *const initial[] = {"industry", "initial"}, *const boundary[] = {"boundary"},
                             *const same[] = {"industry", "transport", "industry"}, *const empty[] = {""};
    static const char longest[] = "a sector whose name is longer than a label can hold: sixty-four b";
    static const char *const too_long[] = {longest};
    refused(&(bs_tracer_request){.n_species = 2, .species = unknown}, "tracers.species: 'pm2.5' is no species",
            "pmcoarse (primary coarse particles"); /* with those that there are */
    refused(&(bs_tracer_request){.n_species = 3, .species = twice}, "tracers.species: 'pm25'", "named twice");
    const struct {
        int n;
        const char *const *sectors;
        const char *what, *more;
    } bad[] = {
        {2, initial, "emissions.sectors: 'initial'", "tag of its own"},
        {1, boundary, "emissions.sectors: 'boundary'", "tag of its own"},
        {3, same, "emissions.sectors: 'industry'", "named twice"},
        {1, empty, "emissions.sectors: ''", "empty"},
        {1, too_long, longest, "63 bytes at most"},
    };
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++)
        refused(
            &(bs_tracer_request){.n_species = 1, .species = THREE, .n_sectors = bad[b].n, .sectors = bad[b].sectors},
            bad[b].what, bad[b].more);
}

static void longest_label_is_kept_whole(void **state)
{
    (void)state;
    char label[64];
    memset(label, 'x', 63);
    label[63] = '\0';
    const char *const sectors[] = {label};
    const bs_tracer_request r = {.n_species = 2, .species = THREE, .n_sectors = 1, .sectors = sectors, .acts = ALL};
    bs_tracers *t = tracers(&r);
    assert_string_equal(t->row[3].label, label);
    assert_int_equal(strlen(t->row[3].name), strlen("pmcoarse_") + 63);
    bs_tracers_destroy(t);
}

/* Two groups and the rest, for two species and two members. */
static bs_tracer_request grouped(bs_source_group group[3], bool *region, char (*sector)[64])
{
    strcpy(sector[0], "industry");
    region[0] = region[2] = true; /* of two regions: the first, and elsewhere */
    group[0] = (bs_source_group){.name = "a", .label = "A", .where = "w", .n_sectors = 1, .sector = sector};
    group[0].n_regions = 2;
    group[0].region = region;
    group[1] = (bs_source_group){.name = "b-1", .where = "w"};
    group[2] = (bs_source_group){.name = "other", .where = "w", .optional = true, .rest = true};
    return (bs_tracer_request){.n_species = 2,
                               .species = THREE,
                               .n_sectors = 1,
                               .sectors = SECTORS + 1,
                               .n_groups = 3,
                               .group = group,
                               .tag_initial = 1,
                               .acts = ALL,
                               .n_members = 2};
}

static void groups_and_members(void **state)
{
    (void)state;
    bs_source_group group[3];
    bool region[3] = {false};
    char sector[1][64];
    const bs_tracer_request r = grouped(group, region, sector);
    bs_tracers *t = tracers(&r);
    static const char *const labels[] = {"", "transport", "a", "b-1", "other", "initial"};
    assert_int_equal(t->per_member, 12);
    assert_int_equal(t->n, 24);
    assert_int_equal(t->n_groups, 4);
    for (int n = 0; n < t->n; n++) {
        const bs_tracer *row = &t->row[n];
        assert_string_equal(row->label, labels[n % 6]);
        assert_int_equal(row->member, n / 12);
        assert_int_equal(row->total, n / 6 * 6);
        assert_int_equal(row->group, row->role == BS_ROLE_GROUP ? n % 6 - 1 : -1);
        for (int m = 0; m < n; m++) assert_string_not_equal(row->name, t->row[m].name);
    }
    const bs_source_group *plain = &t->group[0], *a = &t->group[1], *b = &t->group[2];
    assert_true(bs_emission_group_takes(plain, "transport", 1) && !bs_emission_group_takes(plain, "industry", 1));
    assert_true(bs_emission_group_takes(a, "industry", 0) && bs_emission_group_takes(a, "industry", 2));
    assert_false(bs_emission_group_takes(a, "industry", 1) || bs_emission_group_takes(a, "transport", 0));
    assert_true(bs_emission_group_takes(b, "anything", 1));
    assert_ptr_not_equal(a->region, region); /* copies */
    assert_string_equal(a->label, "A");
    bs_tracers_drop(t, t->row[0].species, 3); /* other, of the first species alone */
    static const char *const left[] = {"",          "transport", "a",   "b-1",   "initial", "",
                                       "transport", "a",         "b-1", "other", "initial"};
    static const int totals[] = {0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5};
    assert_int_equal(t->per_member, 11);
    assert_int_equal(t->n, 22);
    for (int n = 0; n < t->n; n++) {
        assert_string_equal(t->row[n].label, left[n % 11]);
        assert_int_equal(t->row[n].total, totals[n % 11] + n / 11 * 11);
    }
    bs_tracers_destroy(t);
}

static void bad_names_of_groups(void **state)
{
    (void)state;
    bs_source_group group[3];
    bool region[3] = {false};
    char sector[1][64];
    bs_tracer_request r = grouped(group, region, sector);
    static const char *const no_names[] = {"", "2a", "-a", "a b", "\xE6\x88\x90", "a.b"};
    for (size_t n = 0; n < sizeof no_names / sizeof no_names[0]; n++) {
        strcpy(group[0].name, no_names[n]);
        refused(&r, "w: error: '", "cannot be the name of a tag");
    }
    static const char *const taken[] = {"initial", "boundary", "other", "transport", "b-1"};
    for (size_t n = 0; n < sizeof taken / sizeof taken[0]; n++) {
        strcpy(group[0].name, taken[n]);
        refused(&r, taken[n], "is the name of another tag, choose another");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(species_table),
        cmocka_unit_test(rows_of_totals_and_tags),
        cmocka_unit_test(without_tags),
        cmocka_unit_test(removal_classes_are_shared),
        cmocka_unit_test(what_acts_on_what),
        cmocka_unit_test(bad_requests_are_told_why),
        cmocka_unit_test(longest_label_is_kept_whole),
        cmocka_unit_test(groups_and_members),
        cmocka_unit_test(bad_names_of_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
