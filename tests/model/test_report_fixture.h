/* test_report_fixture.h - the folder of a finished run, made by hand: three cities, three days. */
#ifndef BS_TESTS_REPORT_FIXTURE_H
#define BS_TESTS_REPORT_FIXTURE_H

#include "tests/model/config_support.h"

#include <sys/stat.h>

/* Its files are gone, as after a move to another machine. */
static const char CASE[] =
    "case: {name: made-up, title: By hand}\n"
    "time: {start: 2015-01-12T16:00:00Z, end: 2015-01-15T16:00:00Z}\n"
    "grid: {projection: '+proj=longlat +R=6370000', nx: 4, ny: 4, dx: 1 degree, centre: [104, 30],\n"
    "       levels: {top: 200 hPa, eta: [1.0, 0.5, 0.0]}}\n"
    "meteorology: {provider: pressure_levels, label: no real day, files: [/gone/a.nc]}\n"
    "regions: {file: /gone/regions.geojson}\n";

static const char DAILY[] =
    "# means by region over natural days of made-up\n"
    "date_local,adcode,name,name_en,primary_pm25,primary_pm25_industry,primary_pm25_road\n"
    "2015-01-13,510100,成都市,Chengdu,60.5,40,20.5\n2015-01-13,511900,巴中市,Bazhong,20,5,15\n"
    "2015-01-13,513400,凉山彝族自治州,Liangshan,2,1,1\n"
    "2015-01-14,510100,成都市,Chengdu,160,100,60\n2015-01-14,511900,巴中市,Bazhong,34.5,5,29.5\n"
    "2015-01-14,513400,凉山彝族自治州,Liangshan,4,1,3\n"
    "2015-01-15,510100,成都市,Chengdu,152,100,52\n2015-01-15,511900,巴中市,Bazhong,35.5,5,30.5\n"
    "2015-01-15,513400,凉山彝族自治州,Liangshan,3,1,2\n";

static const char PERIOD[] =
    "adcode,name,name_en,share_inside_mesh,primary_pm25_mean,primary_pm25_max_day,primary_pm25_max_day_date,"
    "primary_pm25_industry_mean,primary_pm25_road_mean\n"
    "510100,成都市,Chengdu,1,124,160,2015-01-14,80,44\n"
    "511900,巴中市,Bazhong,1,30,35.5,2015-01-15,5,25\n"
    "513400,凉山彝族自治州,Liangshan,1,3,4,2015-01-14,-0.001,2\n";

static inline const char *in_folder(scratch *s, const char *name)
{
    static char path[640];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    return path;
}

/* A finished run in a folder within the scratch folder ("": the scratch folder itself). */
static inline void make_run(scratch *s, const char *folder, const char *daily)
{
    char name[128];
    static const struct {
        const char *file, *text;
    } PART[] = {{"case.yaml", CASE}, {"summary.json", "{}\n"}, {"cities_period.csv", PERIOD}};
    if (*folder) mkdir(in_folder(s, folder), 0777);
    for (size_t k = 0; k < sizeof PART / sizeof *PART; k++) {
        snprintf(name, sizeof name, "%s%s%s", folder, *folder ? "/" : "", PART[k].file);
        write_text(s, name, PART[k].text);
    }
    snprintf(name, sizeof name, "%s%scities_daily.csv", folder, *folder ? "/" : "");
    if (daily) write_text(s, name, daily);
}

static inline void empty_folder(const char *folder)
{
    const size_t size = strlen(folder) + 300; /* a name has at most 255 bytes */
    char *path = calloc(1, size);
    DIR *d = opendir(folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        if (!path) break;
        snprintf(path, size, "%s/%s", folder, e->d_name);
        if (remove(path) != 0) {
            empty_folder(path);
            rmdir(path);
        }
    }
    if (d) closedir(d);
    free(path);
}

static inline int runs_teardown(void **state)
{
    scratch *s = *state;
    empty_folder(s->folder);
    return scratch_teardown(state);
}

/* The whole of a file, malloc'ed. */
static inline char *slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s is not there", path);
    fseek(f, 0, SEEK_END);
    const long n = ftell(f);
    rewind(f);
    char *text = calloc(1, (size_t)n + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)n, f), (size_t)n);
    fclose(f);
    return text;
}

#endif
