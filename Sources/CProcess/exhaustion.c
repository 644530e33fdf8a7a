#define _GNU_SOURCE
#include "CProcess.h"
#include "exhaustion.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { exit_internal = 70, advice_capacity = 4096 };

static atomic_bool is_armed;

// Guarded by `advice_lock`.
static char advice[advice_capacity];
static atomic_flag advice_lock = ATOMIC_FLAG_INIT;

// Variables of a thread lie in the memory that it starts with (initial-exec): malloc reads them and must not call itself to get at
// them, nor may a signal handler.
#define PER_THREAD static _Thread_local __attribute__((tls_model("initial-exec")))

// The last refusal on this thread, and the allocations that were granted since. A trap long after a refusal has other reasons.
PER_THREAD size_t refused_bytes;
PER_THREAD unsigned granted_since;
enum { memory_of_a_refusal = 256 };

bool exhaustion_is_armed(void) { return atomic_load_explicit(&is_armed, memory_order_relaxed); }

void exhaustion_granted(void) {
  if (refused_bytes != 0 && ++granted_since > memory_of_a_refusal) refused_bytes = 0;
}

void cprocess_memory_refused(size_t bytes) {
  refused_bytes = bytes == 0 ? 1 : bytes;
  granted_since = 0;
}

void cprocess_set_advice(const char *text) {
  while (atomic_flag_test_and_set_explicit(&advice_lock, memory_order_acquire)) {}
  strncpy(advice, text, advice_capacity - 1);
  atomic_flag_clear_explicit(&advice_lock, memory_order_release);
}

// MARK: the end
//
// Runs in signal handlers and inside malloc, with any lock of the process held: it allocates nothing, takes no lock that it could wait
// for forever, and calls only what POSIX lists as safe there.

static void say(const char *text, size_t length) {
  while (length > 0) {
    const ssize_t written = write(STDERR_FILENO, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // Nobody is left to tell.
    text += written;
    length -= (size_t)written;
  }
}

// One write for the whole sentence, so that lines of other threads do not come between. Static: a stack may be what is exhausted.
static char sentence[advice_capacity + 1024];
static size_t sentence_length;

static void append(const char *text) {
  const size_t length = strnlen(text, sizeof sentence - 1 - sentence_length);
  memcpy(sentence + sentence_length, text, length);
  sentence_length += length;
}

// Ends the process in the first thread that comes here. Others wait for that; a thread that comes twice, trapped while it wrote,
// does not.
static void begin_the_end(void) {
  static atomic_flag has_begun = ATOMIC_FLAG_INIT;
  PER_THREAD bool has_come;
  if (has_come) _exit(exit_internal);
  has_come = true;
  if (!atomic_flag_test_and_set(&has_begun)) return;
  while (true) pause();
}

_Noreturn static void end_saying(void) {
  // The thread that was interrupted may be the one that holds the lock: then half of a new text is better than none.
  for (int attempt = 0; attempt < 100000 && atomic_flag_test_and_set_explicit(&advice_lock, memory_order_acquire); attempt++) {}
  if (advice[0] != 0) {
    append("; ");
    append(advice);
  }
  append("\n");
  say(sentence, sentence_length);
  _exit(exit_internal);
}

_Noreturn static void end_for_memory(size_t bytes) {
  begin_the_end();
  char digits[24];
  size_t count = sizeof digits;
  const bool is_large = bytes >= (size_t)10 << 20;
  size_t number = is_large ? bytes >> 20 : bytes;
  digits[--count] = 0;
  do digits[--count] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  append("mvit-tui: memory ran out: the system refused ");
  append(digits + count);
  append(is_large ? " MB" : " bytes");
  append("; allow this process more (ulimit -v, ulimit -d, its control group), or choose a smaller --batch-size, --image-size or --cache-size");
  end_saying();
}

_Noreturn static void end_for_threads(void) {
  begin_the_end();
  append("mvit-tui: the system refused this process another thread; allow it more threads (ulimit -u, pids.max of its control group) or more "
         "memory (ulimit -v), or use fewer with --threads");
  end_saying();
}

// MARK: traps

// Why this thread raises SIGABRT by itself; the handler finds it.
PER_THREAD bool lacks_thread;

static const int traps[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS};
enum { trap_count = sizeof traps / sizeof traps[0] };
static struct sigaction traps_before[trap_count];

// The dashboard's handler, installed later, restores the terminal first and then comes here.
static void trapped(int number) {
  if (lacks_thread) end_for_threads();
  if (refused_bytes != 0) end_for_memory(refused_bytes);
  for (int i = 0; i < trap_count; i++) {
    if (traps[i] == number) sigaction(number, &traps_before[i], NULL);
  }
  // Pending until this handler returns; then what stood here before takes it.
  raise(number);
}

// Goes the way of a trap, so that the dashboard's handler restores the terminal first. libdispatch blocks signals on its threads.
static void raise_abort(void) {
  sigset_t abort_alone;
  sigemptyset(&abort_alone);
  sigaddset(&abort_alone, SIGABRT);
  pthread_sigmask(SIG_UNBLOCK, &abort_alone, NULL);
  raise(SIGABRT);
}

_Noreturn void exhaustion_end_for_memory(size_t bytes) {
  cprocess_memory_refused(bytes);
  raise_abort();
  // Somebody else handles the signal.
  end_for_memory(bytes);
}

_Noreturn void exhaustion_end_for_threads(void) {
  lacks_thread = true;
  raise_abort();
  end_for_threads();
}

// Each thread's heap takes 64 MB of addresses and its stack 8 MB, touched or not: where addresses are limited, threads share one
// heap and have smaller stacks. A heap that is refused is asked for again by every allocation.
static void spare_addresses(void) {
  struct rlimit addresses, data;
  const bool is_limited = (getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY) ||
                          (getrlimit(RLIMIT_DATA, &data) == 0 && data.rlim_cur != RLIM_INFINITY);
  if (!is_limited) return;
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  // Refused: stacks stay as large as they are.
  if (pthread_attr_setstacksize(&attributes, 2 << 20) == 0) pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
#endif
}

void cprocess_report_exhaustion(void) {
  if (atomic_exchange(&is_armed, true)) return;
  spare_addresses();
  // A stack that overflowed holds no handler; where the runtime has set up another, this one runs there.
  struct sigaction action = {.sa_handler = trapped, .sa_flags = SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < trap_count; i++) sigaction(traps[i], &action, &traps_before[i]);
}
