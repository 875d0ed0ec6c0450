// Fails calls on files by the rule in the control file; see FailingDisk.java for its layout.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

enum operation { READ, WRITE, FORCE, SHORT_WRITE, RENAME };

struct control {
  _Atomic int32_t operation;
  _Atomic int32_t error;
  _Atomic int32_t remaining;
  _Atomic int32_t fired;
  char path[4080];
};

static struct control *control;

__attribute__((constructor)) static void map_control(void) {
  const char *path = getenv("FAILING_DISK_CONTROL");
  if (path == NULL) return;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) control = mapped;
}

#define REAL(name, type) \
  static type real; \
  if (real == NULL) real = (type)dlsym(RTLD_NEXT, name)

static int take(void) {
  int32_t left = atomic_load(&control->remaining);
  while (left > 0) {
    if (atomic_compare_exchange_weak(&control->remaining, &left, left - 1)) {
      atomic_fetch_add(&control->fired, 1);
      return 1;
    }
  }
  return 0;
}

static int is_due(enum operation operation) {
  return control != NULL && atomic_load(&control->remaining) > 0 &&
         atomic_load(&control->operation) == (int32_t)operation;
}

static int fails_path(enum operation operation, const char *path) {
  return is_due(operation) && strstr(path, control->path) != NULL && take();
}

static int fails(enum operation operation, int fd) {
  if (!is_due(operation)) return 0;
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  // Sockets and pipes are no files.
  return path[0] == '/' && fails_path(operation, path);
}

static int fail(void) {
  errno = atomic_load(&control->error);
  return -1;
}

static size_t half(size_t count) { return count > 1 ? count / 2 : count; }

typedef ssize_t (*read_type)(int, void *, size_t);
ssize_t read(int fd, void *to, size_t count) {
  REAL("read", read_type);
  if (fails(READ, fd)) return fail();
  return real(fd, to, count);
}

typedef ssize_t (*pread_type)(int, void *, size_t, off64_t);
ssize_t pread64(int fd, void *to, size_t count, off64_t offset) {
  REAL("pread64", pread_type);
  if (fails(READ, fd)) return fail();
  return real(fd, to, count, offset);
}

typedef ssize_t (*readv_type)(int, const struct iovec *, int);
ssize_t readv(int fd, const struct iovec *to, int count) {
  REAL("readv", readv_type);
  if (fails(READ, fd)) return fail();
  return real(fd, to, count);
}

typedef ssize_t (*sendfile_type)(int, int, off64_t *, size_t);
ssize_t sendfile64(int to, int fd, off64_t *offset, size_t count) {
  REAL("sendfile64", sendfile_type);
  if (fails(READ, fd)) return fail();
  return real(to, fd, offset, count);
}

typedef ssize_t (*write_type)(int, const void *, size_t);
ssize_t write(int fd, const void *from, size_t count) {
  REAL("write", write_type);
  if (fails(WRITE, fd)) return fail();
  if (fails(SHORT_WRITE, fd)) return real(fd, from, half(count));
  return real(fd, from, count);
}

typedef ssize_t (*pwrite_type)(int, const void *, size_t, off64_t);
ssize_t pwrite64(int fd, const void *from, size_t count, off64_t offset) {
  REAL("pwrite64", pwrite_type);
  if (fails(WRITE, fd)) return fail();
  if (fails(SHORT_WRITE, fd)) return real(fd, from, half(count), offset);
  return real(fd, from, count, offset);
}

typedef ssize_t (*writev_type)(int, const struct iovec *, int);
ssize_t writev(int fd, const struct iovec *from, int count) {
  REAL("writev", writev_type);
  if (fails(WRITE, fd)) return fail();
  if (fails(SHORT_WRITE, fd)) {
    struct iovec part = {from[0].iov_base, half(from[0].iov_len)};
    return real(fd, &part, 1);
  }
  return real(fd, from, count);
}

typedef int (*force_type)(int);
int fsync(int fd) {
  REAL("fsync", force_type);
  if (fails(FORCE, fd)) return fail();
  return real(fd);
}

int fdatasync(int fd) {
  REAL("fdatasync", force_type);
  if (fails(FORCE, fd)) return fail();
  return real(fd);
}

typedef int (*rename_type)(const char *, const char *);
int rename(const char *from, const char *to) {
  REAL("rename", rename_type);
  if (fails_path(RENAME, to)) return fail();
  return real(from, to);
}
