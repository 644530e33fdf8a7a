// The C library's allocation functions and pthread_create, with a note of what was refused. The dynamic linker prefers the
// program's own definitions to those of any library, so the Swift runtime, Foundation and libdispatch call these too.
#define _GNU_SOURCE
#include "CProcess.h"
#include "exhaustion.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

static _Thread_local bool expects_thread_refusal;

void cprocess_expect_thread_refusal(bool expected) { expects_thread_refusal = expected; }

// Sanitizers replace the same functions, and other C libraries than glibc have no second names for theirs.
#if defined(__GLIBC__) && !defined(HAS_SANITIZER)

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// Hardly any caller can do without so little: libdispatch waits for it forever.
enum { least_that_can_be_missed = 1 << 20 };

static void *noted(void *memory, size_t bytes) {
  if (__builtin_expect(memory != NULL, 1)) {
    exhaustion_granted();
    return memory;
  }
  if (bytes == 0) return memory;
  if (exhaustion_is_armed() && bytes < least_that_can_be_missed) exhaustion_end_for_memory(bytes);
  cprocess_memory_refused(bytes);
  errno = ENOMEM;
  return memory;
}

void *malloc(size_t bytes) { return noted(__libc_malloc(bytes), bytes); }

void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = (size_t)-1;
  return noted(__libc_calloc(count, size), bytes);
}

void *realloc(void *old, size_t bytes) { return noted(__libc_realloc(old, bytes), bytes); }

void *memalign(size_t alignment, size_t bytes) { return noted(__libc_memalign(alignment, bytes), bytes); }

void *aligned_alloc(size_t alignment, size_t bytes) { return noted(__libc_memalign(alignment, bytes), bytes); }

int posix_memalign(void **result, size_t alignment, size_t bytes) {
  if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  const int before = errno;
  void *memory = noted(__libc_memalign(alignment, bytes), bytes);
  errno = before;
  if (memory == NULL) return ENOMEM;
  *result = memory;
  return 0;
}

typedef int (*thread_creator)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  static thread_creator real;
  if (real == NULL) real = (thread_creator)dlsym(RTLD_NEXT, "pthread_create");
  if (real == NULL) return EAGAIN;
  int error = real(thread, attributes, start, argument);
  if (error == 0 || expects_thread_refusal || !exhaustion_is_armed()) return error;
  // Threads that are ending give their stacks and their places back.
  for (int attempt = 0; error == EAGAIN && attempt < 10; attempt++) {
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    error = real(thread, attributes, start, argument);
  }
  if (error != 0) exhaustion_end("the system refused this process another thread; allow it more threads (ulimit -u, pids.max of its "
                                 "control group) or more memory (ulimit -v), or use fewer with --threads");
  return 0;
}

#endif
