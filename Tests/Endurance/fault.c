// Preloaded into the program: makes one call on a file of a run fail, counted from the first.
//
// FAULT_PATH   calls on paths that contain this text are counted
// FAULT_AT     the number of the call that fails; 0 for none
// FAULT_ERRNO  the error that it fails with
// FAULT_LOG    gets the number of calls at the program's end, and the name of the one that failed
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;
static const char *_Atomic failed = "none";

static bool fails(const char *name, const char *path) {
  const char *part = getenv("FAULT_PATH"), *at = getenv("FAULT_AT"), *code = getenv("FAULT_ERRNO");
  if (part == NULL || at == NULL || code == NULL || path == NULL || strstr(path, part) == NULL) { return false; }
  if (atomic_fetch_add(&calls, 1) + 1 != atol(at)) { return false; }
  failed = name;
  errno = atoi(code);
  return true;
}

static bool fails_open_file(const char *name, int fd) {
  char link[64], path[PATH_MAX];
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t (*real)(const char *, char *, size_t) = dlsym(RTLD_NEXT, "readlink");
  ssize_t length = real(link, path, sizeof path - 1);
  errno = before;
  if (length < 0) { return false; }
  path[length] = 0;
  return fails(name, path);
}

__attribute__((destructor)) static void report(void) {
  const char *log = getenv("FAULT_LOG");
  FILE *file = log == NULL ? NULL : fopen(log, "w");
  if (file == NULL) { return; }
  fprintf(file, "%ld %s\n", atomic_load(&calls), failed);
  fclose(file);
}

#define ON_PATH(result, name, failure, parameters, path, arguments) \
  result name parameters { \
    result(*real) parameters = dlsym(RTLD_NEXT, #name); \
    return fails(#name, path) ? failure : real arguments; \
  }
#define ON_FILE(result, name, failure, parameters, fd, arguments) \
  result name parameters { \
    result(*real) parameters = dlsym(RTLD_NEXT, #name); \
    return fails_open_file(#name, fd) ? failure : real arguments; \
  }
#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
    return fails(#name, path) ? -1 : real(path, flags, mode); \
  }

OPEN(open)
OPEN(open64)
ON_PATH(DIR *, opendir, NULL, (const char *path), path, (path))
ON_PATH(int, stat, -1, (const char *path, struct stat *status), path, (path, status))
ON_PATH(int, lstat, -1, (const char *path, struct stat *status), path, (path, status))
ON_PATH(int, rename, -1, (const char *old, const char *new), new, (old, new))
ON_PATH(int, mkdir, -1, (const char *path, mode_t mode), path, (path, mode))
ON_PATH(int, unlink, -1, (const char *path), path, (path))
ON_PATH(int, rmdir, -1, (const char *path), path, (path))
ON_PATH(int, symlink, -1, (const char *target, const char *path), path, (target, path))
ON_PATH(ssize_t, readlink, -1, (const char *path, char *buffer, size_t size), path, (path, buffer, size))
ON_FILE(int, fsync, -1, (int fd), fd, (fd))
ON_FILE(int, ftruncate, -1, (int fd, off_t length), fd, (fd, length))
ON_FILE(ssize_t, pread, -1, (int fd, void *buffer, size_t size, off_t offset), fd, (fd, buffer, size, offset))
ON_FILE(ssize_t, write, -1, (int fd, const void *buffer, size_t size), fd, (fd, buffer, size))
ON_FILE(struct dirent *, readdir, NULL, (DIR *folder), dirfd(folder), (folder))
