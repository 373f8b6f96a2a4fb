/* replay.c - runs a target over files: what a compiler without libFuzzer makes of tests/fuzz, and how a crash is looked at again.
 *   replay FILE|FOLDER... */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    FUZZ_CHECK(f, "%s cannot be opened", path);
    size_t room = 1 << 20;
    uint8_t *data = malloc(room);
    FUZZ_CHECK(data, "no memory");
    const size_t n = fread(data, 1, room, f);
    fclose(f);
    /* Of its exact size, so that the address sanitizer sees a read beyond the end. */
    uint8_t *exact = malloc(n ? n : 1);
    FUZZ_CHECK(exact, "no memory");
    memcpy(exact, data, n);
    free(data);
    if (getenv("FUZZ_SHOW")) fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 1;
}

static int run_folder(const char *folder)
{
    int n = 0;
    DIR *d = opendir(folder);
    FUZZ_CHECK(d, "%s cannot be opened", folder);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        char path[1024];
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        n += run_file(path);
    }
    closedir(d);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int a = 1; a < argc; a++) {
        struct stat info;
        FUZZ_CHECK(stat(argv[a], &info) == 0, "%s is not there", argv[a]);
        n += S_ISDIR(info.st_mode) ? run_folder(argv[a]) : run_file(argv[a]);
    }
    printf("%d inputs replayed\n", n);
    return n > 0 ? 0 : 1;
}
