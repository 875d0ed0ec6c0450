// Adds the offset in the control file to the time of day; see FakeClock.java for its layout.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NANOS 1000000000LL

struct control {
  _Atomic int64_t offset_nanos;
  _Atomic int64_t readings;
};

static struct control *control;

__attribute__((constructor)) static void map_control(void) {
  const char *path = getenv("FAKE_CLOCK_CONTROL");
  if (path == NULL) return;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) control = mapped;
}

static int64_t offset_nanos(void) {
  int64_t offset = control == NULL ? 0 : atomic_load(&control->offset_nanos);
  if (offset != 0) atomic_fetch_add(&control->readings, 1);
  return offset;
}

typedef int (*clock_type)(clockid_t, struct timespec *);
static int real_clock(clockid_t clock, struct timespec *now) {
  static clock_type real;
  if (real == NULL) real = (clock_type)dlsym(RTLD_NEXT, "clock_gettime");
  return real(clock, now);
}

static void shift(struct timespec *now) {
  int64_t nanos = now->tv_sec * SECOND_NANOS + now->tv_nsec + offset_nanos();
  now->tv_sec = nanos / SECOND_NANOS;
  now->tv_nsec = nanos % SECOND_NANOS;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = real_clock(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) shift(now);
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  if (real_clock(CLOCK_REALTIME, &precise) != 0) return -1;
  shift(&precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec precise;
  if (real_clock(CLOCK_REALTIME, &precise) != 0) return -1;
  shift(&precise);
  if (out != NULL) *out = precise.tv_sec;
  return precise.tv_sec;
}
