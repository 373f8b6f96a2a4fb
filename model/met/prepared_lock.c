/* One writer of a prepared meteorology at a time. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model/core/clock.h"
#include "model/met/prepared.h"

bs_status bs_prepared_lock(const char *lock, bs_err *err)
{
    char host[256] = "", text[512], since[BS_TIME_TEXT_MAX];
    int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0 && errno == EEXIST) {
        int other = open(lock, O_RDONLY);
        ssize_t n = other >= 0 ? read(other, text, sizeof text - 1) : 0;
        if (other >= 0) close(other);
        text[n > 0 ? n : 0] = '\0';
        text[strcspn(text, "\n")] = '\0';
        return bs_fail(
            err, BS_ERR_RUN,
            "%s is there: this meteorology is being prepared by %s; wait for it, or delete the file when that "
            "process is gone",
            lock, *text ? text : "another process");
    }
    if (fd < 0) return bs_fail(err, BS_ERR_IO, "%s: cannot be created: %s", lock, strerror(errno));
    gethostname(host, sizeof host - 1);
    int n = snprintf(text, sizeof text, "process %ld on %s since %s\n", (long)getpid(), host,
                     bs_time_format((bs_time)time(NULL), since));
    const bool written = write(fd, text, (size_t)n) == n;
    close(fd);
    if (written) return BS_OK;
    unlink(lock);
    return bs_fail(err, BS_ERR_IO, "%s: cannot be written: %s", lock, strerror(errno));
}
