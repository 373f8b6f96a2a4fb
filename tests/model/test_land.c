/* Classes of land: every row is found by its number, legends lead to the class that their name means, strangers to none. */
#include "tests/model/config_support.h"

#include "model/met/land.h"

static void rows_are_numbered_as_modis(void **state)
{
    (void)state;
    assert_int_equal(BS_LAND_COUNT, 20);
    for (int l = 0; l < BS_LAND_COUNT; l++) {
        assert_int_equal(bs_land_numbered("MODIFIED_IGBP_MODIS_NOAH", l + 1), l);
        assert_int_equal(bs_land_numbered("MODIS", l + 1), l);
        assert_int_equal(bs_land_numbered("IGBP", l + 1), l);
        assert_true(strlen(bs_land_name((bs_land)l)) > 4);
        for (int other = 0; other < l; other++)
            assert_string_not_equal(bs_land_name((bs_land)l), bs_land_name((bs_land)other));
    }
    assert_int_equal(bs_land_numbered("MODIFIED_IGBP_MODIS_NOAH", 21), BS_LAND_WATER); /* lakes */
    assert_string_equal(bs_land_name(BS_LAND_COUNT), "");
}

/* By the names of WRF's table of 24 classes and of its extensions. */
static void usgs_leads_to_what_it_names(void **state)
{
    (void)state;
    static const struct {
        int number;
        bs_land land;
    } known[] = {{1, BS_LAND_URBAN},
                 {2, BS_LAND_CROPS},
                 {6, BS_LAND_CROP_MOSAIC},
                 {7, BS_LAND_GRASS},
                 {8, BS_LAND_OPEN_SHRUB},
                 {10, BS_LAND_SAVANNA},
                 {11, BS_LAND_DECIDUOUS_BROAD},
                 {13, BS_LAND_EVERGREEN_BROAD},
                 {14, BS_LAND_EVERGREEN_NEEDLE},
                 {15, BS_LAND_MIXED_FOREST},
                 {16, BS_LAND_WATER},
                 {18, BS_LAND_WETLAND},
                 {19, BS_LAND_BARREN},
                 {21, BS_LAND_WOODED_TUNDRA},
                 {23, BS_LAND_BARREN_TUNDRA},
                 {24, BS_LAND_ICE},
                 {27, BS_LAND_BARREN},
                 {28, BS_LAND_WATER},
                 {31, BS_LAND_URBAN},
                 {33, BS_LAND_URBAN}};
    for (size_t n = 0; n < sizeof known / sizeof *known; n++)
        assert_int_equal(bs_land_numbered("USGS", known[n].number), known[n].land);
}

static void wesely_leads_to_what_it_names(void **state)
{
    (void)state;
    static const bs_land names[] = {
        BS_LAND_URBAN,        BS_LAND_CROPS, BS_LAND_GRASS,          BS_LAND_DECIDUOUS_BROAD, BS_LAND_EVERGREEN_NEEDLE,
        BS_LAND_MIXED_FOREST, BS_LAND_WATER, BS_LAND_BARREN,         BS_LAND_WETLAND,         BS_LAND_CROP_MOSAIC,
        BS_LAND_OPEN_SHRUB,   BS_LAND_ICE,   BS_LAND_EVERGREEN_BROAD};
    for (int n = 1; n <= 13; n++) assert_int_equal(bs_land_numbered("WESELY", n), names[n - 1]);
    assert_int_equal(bs_land_numbered("WESELY", 14), BS_LAND_COUNT);
}

/* Deposition and roughness of every class, by properties that a row in the wrong place would break. */
static void rows_say_what_their_names_do(void **state)
{
    (void)state;
    for (int l = 0; l < BS_LAND_COUNT; l++) {
        const bs_land land = (bs_land)l;
        const char *name = bs_land_name(land), *zhang = bs_land_use_name(bs_land_zhang(land));
        bool plants;
        const bs_modis_land pleim = bs_land_pleim(land, &plants);
        for (int summer = 0; summer < 2; summer++) {
            const double z0 = bs_land_roughness(land, summer);
            assert_true(z0 >= 1e-4 && z0 <= 0.8);
            assert_true((z0 == 1e-4) == (land == BS_LAND_WATER) && (z0 == 0.8) == (land == BS_LAND_URBAN));
        }
        assert_true(bs_land_roughness(land, true) >= bs_land_roughness(land, false) || land == BS_LAND_BARREN);
        const bool tree = strstr(name, "forest"), needles = strstr(name, "needle"), tundra = strstr(name, "tundra");
        assert_true(tree == (strstr(zhang, "trees") != NULL) &&
                    needles == (strstr(zhang, "needleleaf") && land != BS_LAND_MIXED_FOREST));
        assert_true(tundra == (strcmp(zhang, "tundra") == 0));
        assert_true((pleim == BS_ML_WATER) == (land == BS_LAND_WATER) &&
                    (pleim == BS_ML_URBAN) == (land == BS_LAND_URBAN));
        assert_true(!tree || pleim == (needles ? BS_ML_EVERGREEN_NEEDLELEAF : BS_ML_DECIDUOUS_BROADLEAF));
        static const char *const like[][2] = {{"grassland", "grass"},
                                              {"permanent wetland", "wetland with plants"},
                                              {"cropland", "crops and mixed farming"},
                                              {"cropland and natural vegetation", "crops and mixed farming"},
                                              {"urban and built-up land", "urban"},
                                              {"snow and ice", "ice cap and glacier"},
                                              {"barren land", "desert"},
                                              {"water", "inland water"},
                                              {"open shrubland", "shrubs and interrupted woodlands"},
                                              {"savanna", "shrubs and interrupted woodlands"}};
        for (size_t n = 0; n < sizeof like / sizeof *like; n++)
            if (strcmp(name, like[n][0]) == 0) assert_string_equal(zhang, like[n][1]);
        const bool bare = land == BS_LAND_ICE || land == BS_LAND_BARREN || land == BS_LAND_BARREN_TUNDRA;
        assert_true(plants == !(bare || land == BS_LAND_WATER));
        /* where pleim2022 has the very class, it is taken */
        if (bs_modis_land_numbered(l + 1) != BS_ML_COUNT) assert_int_equal(pleim, bs_modis_land_numbered(l + 1));
    }
}

static void strangers_are_no_land(void **state)
{
    (void)state;
    static const int numbers[] = {-1, 0, 34, 255};
    for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
        assert_int_equal(bs_land_numbered("USGS", numbers[n]), BS_LAND_COUNT);
        assert_int_equal(bs_land_numbered("MODIS", numbers[n]), BS_LAND_COUNT);
    }
    assert_int_equal(bs_land_numbered("NLCD40", 1), BS_LAND_COUNT);
    assert_int_equal(bs_land_numbered("", 1), BS_LAND_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_numbered_as_modis),    cmocka_unit_test(usgs_leads_to_what_it_names),
        cmocka_unit_test(wesely_leads_to_what_it_names), cmocka_unit_test(rows_say_what_their_names_do),
        cmocka_unit_test(strangers_are_no_land),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
