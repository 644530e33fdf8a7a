// The C library's allocation functions and pthread_create, with a note of what was refused. The dynamic linker prefers the
// program's own definitions to those of any library, so the Swift runtime, Foundation and libdispatch call these too.
//
// Why this is sound:
// - Every function forwards to glibc's own under its second name (`__libc_malloc`). The heap stays glibc's, so `free` and the functions
//   that are not here (`valloc`, `reallocarray`, `malloc_usable_size`) go with it. glibc's manual asks for a whole family of functions
//   only where another heap takes its place.
// - Nothing here allocates, takes a lock or keeps state beyond variables of the thread, whose memory the thread starts with. So the dynamic
//   linker may call in before the program begins, and a child after `fork` may, whichever thread forked: glibc itself makes its heap usable there.
// - A request that succeeds is passed through as it is. One that fails returns what glibc returns, errno included, or ends the process.
// - A request that no machine grants (above PTRDIFF_MAX, or a product that overflows) is the caller's mistake and no lack of memory. It is
//   not noted: a trap that follows keeps its own report. The same holds for an alignment that glibc refuses.
#define _GNU_SOURCE
#include "CProcess.h"
#include "exhaustion.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#endif

static _Thread_local __attribute__((tls_model("initial-exec"))) bool expects_thread_refusal;

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
  if (bytes == 0 || bytes > PTRDIFF_MAX || errno != ENOMEM) return memory;
  if (exhaustion_is_armed() && bytes < least_that_can_be_missed) exhaustion_end_for_memory(bytes);
  cprocess_memory_refused(bytes);
  return memory;
}

void *malloc(size_t bytes) { return noted(__libc_malloc(bytes), bytes); }

void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
  // Tells an overflow from a refusal by itself.
  return noted(__libc_calloc(count, size), bytes);
}

// With no bytes it frees and returns NULL, which is no refusal; on a refusal the old memory stays the caller's.
void *realloc(void *old, size_t bytes) { return noted(__libc_realloc(old, bytes), bytes); }

static bool is_power_of_two(size_t number) { return number != 0 && (number & (number - 1)) == 0; }

void *memalign(size_t alignment, size_t bytes) { return noted(__libc_memalign(alignment, bytes), bytes); }

void *aligned_alloc(size_t alignment, size_t bytes) {
  if (!is_power_of_two(alignment)) {
    errno = EINVAL;
    return NULL;
  }
  return noted(__libc_memalign(alignment, bytes), bytes);
}

int posix_memalign(void **result, size_t alignment, size_t bytes) {
  if (alignment % sizeof(void *) != 0 || !is_power_of_two(alignment)) return EINVAL;
  // It reports by its result alone.
  const int before = errno;
  void *memory = noted(__libc_memalign(alignment, bytes), bytes);
  errno = before;
  if (memory == NULL) return ENOMEM;
  *result = memory;
  return 0;
}

typedef int (*thread_creator)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  // Every thread that looks it up finds the same.
  static _Atomic(thread_creator) known;
  thread_creator real = atomic_load_explicit(&known, memory_order_relaxed);
  if (real == NULL) {
    real = (thread_creator)dlsym(RTLD_NEXT, "pthread_create");
    atomic_store_explicit(&known, real, memory_order_relaxed);
  }
  if (real == NULL) return EAGAIN;
  int error = real(thread, attributes, start, argument);
  // Other errors than EAGAIN are the caller's mistakes.
  if (error != EAGAIN || expects_thread_refusal || !exhaustion_is_armed()) return error;
  const int before = errno;
  // Threads that are ending give their stacks and their places back.
  for (int attempt = 0; error == EAGAIN && attempt < 10; attempt++) {
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    error = real(thread, attributes, start, argument);
  }
  errno = before;
  if (error == EAGAIN) exhaustion_end_for_threads();
  return error;
}

#endif
