#include "fuzz.h"

#include <dirent.h>
#include <unistd.h>

#include "model/core/text.h"

enum { PATH_MAX_HERE = 512 };

/* One unit system for all: reading its database takes longer than all else. The linker puts these in the place of the two (--wrap). */
bs_status __real_bs_units_create(bs_units **out, bs_err *err);
bs_status __wrap_bs_units_create(bs_units **out, bs_err *err);
void __wrap_bs_units_destroy(bs_units *units);

bs_status __wrap_bs_units_create(bs_units **out, bs_err *err)
{
    static bs_units *units = NULL;
    if (!units) {
        bs_status st = __real_bs_units_create(&units, err);
        if (st != BS_OK) return st;
    }
    *out = units;
    return BS_OK;
}

void __wrap_bs_units_destroy(bs_units *units)
{
    (void)units;
}

bool fuzz_judge(bs_status status, const bs_err *err)
{
    if (status == BS_OK) return true;
    FUZZ_CHECK(status == BS_ERR_INPUT || status == BS_ERR_USAGE || status == BS_ERR_MEMORY, "status %d: %s",
               (int)status, err->text);
    FUZZ_CHECK(err->status == status, "status %d, in the message %d: %s", (int)status, (int)err->status, err->text);
    FUZZ_CHECK(*err->text, "no message");
    const unsigned char *p = (const unsigned char *)err->text;
    for (size_t left = strlen(err->text); left > 0;) {
        const size_t n = bs_utf8_length(p, left);
        FUZZ_CHECK(n > 0, "byte 0x%02X of the message is no UTF-8: %s", *p, err->text);
        FUZZ_CHECK(*p >= 0x20 || *p == '\n' || *p == '\t', "the message has the control character 0x%02X: %s", *p,
                   err->text);
        FUZZ_CHECK(*p != 0x7F && !(n == 2 && p[0] == 0xC2 && p[1] < 0xA0), "the message has a control character: %s",
                   err->text);
        p += n;
        left -= n;
    }
    return false;
}

static char *folder(void)
{
    static char name[128];
    return name;
}

static void remove_folder(void)
{
    char path[PATH_MAX_HERE];
    DIR *d = opendir(folder());
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        snprintf(path, sizeof path, "%s/%s", folder(), e->d_name);
        if (e->d_name[0] != '.') remove(path);
    }
    if (d) closedir(d);
    rmdir(folder());
}

const char *fuzz_path(const char *name)
{
    static char path[2][PATH_MAX_HERE];
    static int turn = 0;
    if (!*folder()) {
        snprintf(folder(), 128, "%s/bashu-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        FUZZ_CHECK(mkdtemp(folder()), "no folder");
        atexit(remove_folder);
    }
    turn = 1 - turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder(), name);
    return path[turn];
}

const char *fuzz_write(const char *name, const void *data, size_t size)
{
    const char *path = fuzz_path(name);
    FILE *f = fopen(path, "wb");
    FUZZ_CHECK(f && fwrite(data, 1, size, f) == size && fclose(f) == 0, "%s cannot be written", path);
    return path;
}

bool fuzz_names(const uint8_t *data, size_t size, const char *word)
{
    const size_t n = strlen(word);
    return size > n + 2 && memcmp(data, "# ", 2) == 0 && memcmp(data + 2, word, n) == 0 && data[n + 2] == '\n';
}

static const char REGIONS[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"1\",\"name\":\"west\",\"group\":\"both\"},\"geometry\":"
    "{\"type\":\"Polygon\",\"coordinates\":[[[102,29],[104,29],[104,31],[102,31],[102,29]]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"2\",\"name\":\"east\",\"group\":\"both\"},\"geometry\":"
    "{\"type\":\"Polygon\",\"coordinates\":[[[104,29],[106,29],[106,31],[104,31],[104,29]]]}}]}\n";

bs_case *fuzz_case(const char *name, const char *rows)
{
    static bs_log quiet = {0};
    static const char HEAD[] =
        "case: {name: fuzz}\ntime: {start: 2020-01-01T00:00:00Z, end: 2020-01-01T06:00:00Z}\n"
        "grid: {projection: '+proj=longlat +R=6370000', nx: 5, ny: 4, dx: 0.4 degree, corner: [102.9, 29.1],\n"
        "  levels: {top: 200 hPa, eta: [1, 0.9, 0.5, 0]}}\n"
        "regions: {file: regions.geojson}\n";
    static const char TRACERS[] = "tracers: {species: [pm25], tag_initial: true, tag_boundary: true}\n";
    char text[4096], file[64];
    bs_err *err = calloc(1, sizeof *err);
    bs_case *c = NULL;
    FUZZ_CHECK(err, "no memory");
    fuzz_write("regions.geojson", REGIONS, sizeof REGIONS - 1);
    snprintf(file, sizeof file, "%s.yaml", name);
    snprintf(text, sizeof text, "%s%s%s%s", HEAD, strstr(rows, "tracers:") ? "" : TRACERS, rows,
             strstr(rows, "meteorology:") ? "" : "meteorology: {provider: idealised}\n");
    FUZZ_CHECK(bs_case_open(fuzz_write(file, text, strlen(text)), 0, NULL, &quiet, &c, err) == BS_OK, "%s", err->text);
    free(err);
    return c;
}
