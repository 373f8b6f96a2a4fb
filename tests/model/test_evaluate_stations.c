/* Lists of stations: found by code, else by name within the city, and what is refused. */
#include "tests/model/config_support.h"

#include "model/evaluate/stations.h"

static void stations_by_code_name_and_city(void **state)
{
    scratch *s = *state;
    bs_stations list;
    const char *file = write_text(s, "stations.csv",
                                  "ID,stations_name,stations_en_name,area,area_en_name,lon,lat\n1A,市委,x,广安,x,106,"
                                  "30\n2A,市委,x,雅安,x,103,30\n"
                                  "3A,天生,x,重庆,x,106.4,29.8\n4A,州府,x,阿坝州,x,102,31\n");
    if (bs_stations_read(file, &list, &s->err)) fail_msg("%s", s->err.text);
    assert_int_equal(bs_stations_find(&list, "2A", "any", ""), 1);
    assert_int_equal(bs_stations_find(&list, "", "3A", ""), 2);
    assert_int_equal(bs_stations_find(&list, "", "天生", ""), 2);
    assert_int_equal(bs_stations_find(&list, "", "天生", "重庆市"), 2);
    assert_int_equal(bs_stations_find(&list, "", "天生", "成都"), BS_STATION_ELSEWHERE);
    assert_int_equal(bs_stations_find(&list, "", "市委", ""), BS_STATION_SEVERAL);
    assert_int_equal(bs_stations_find(&list, "", "市委", "雅安"), 1);
    assert_int_equal(bs_stations_find(&list, "", "市委", "乐山"), BS_STATION_ELSEWHERE);
    assert_int_equal(bs_stations_find(&list, "", "天生(停运)", "重庆"), BS_STATION_NONE);
    assert_int_equal(bs_stations_find(&list, "", "州府", "阿坝藏族羌族自治州"), 3);
    bs_stations_free(&list);
    assert_false(bs_same_city("成都", "重庆"));
    assert_false(bs_same_city("", "成都"));
    file = write_text(s, "stations.csv", "ID,lon,lat\n1A,106,30\n1A,103,30\n");
    assert_int_equal(bs_stations_read(file, &list, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "stations.csv:3: the station 1A stands in the list a second time");
    file = write_text(s, "stations.csv", "ID,lon\n1A,106\n");
    assert_int_equal(bs_stations_read(file, &list, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "no column for the latitude");
    file = write_text(s, "stations.csv", "ID,lon,lat\n1A,106,x\n");
    assert_int_equal(bs_stations_read(file, &list, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "stations.csv:2: the latitude is 'x'");
}

#define ON_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SCRATCH(stations_by_code_name_and_city),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
