#define _GNU_SOURCE
#include "CProcess.h"
#include "exhaustion.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { exit_internal = 70, advice_capacity = 4096 };

static atomic_bool is_armed;

// Two copies: a writer fills the one that is not shown, then shows it.
static char advice[2][advice_capacity];
static atomic_int shown_advice = -1;

// The last refusal on this thread, and the allocations that were granted since. A trap long after a refusal has other reasons.
static _Thread_local size_t refused_bytes;
static _Thread_local unsigned granted_since;
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
  static atomic_flag is_writing = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&is_writing)) {}
  const int next = atomic_load(&shown_advice) == 0 ? 1 : 0;
  strncpy(advice[next], text, advice_capacity - 1);
  atomic_store(&shown_advice, next);
  atomic_flag_clear(&is_writing);
}

// Only what a signal handler may call.
static void say(const char *text) {
  size_t left = strlen(text);
  while (left > 0) {
    const ssize_t written = write(STDERR_FILENO, text, left);
    if (written <= 0) return;  // Nobody is left to tell.
    text += written;
    left -= (size_t)written;
  }
}

_Noreturn void exhaustion_end(const char *what) {
  say("mvit-tui: ");
  say(what);
  const int number = atomic_load(&shown_advice);
  if (number >= 0) {
    say("; ");
    say(advice[number]);
  }
  say("\n");
  _exit(exit_internal);
}

_Noreturn void exhaustion_end_for_memory(size_t bytes) {
  char text[256] = "memory ran out: the system refused ";
  char digits[24];
  int count = 0;
  const bool is_large = bytes >= (size_t)10 << 20;
  size_t number = is_large ? bytes >> 20 : bytes;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  size_t length = strlen(text);
  while (count > 0) text[length++] = digits[--count];
  strcpy(text + length, is_large ? " MB" : " bytes");
  strcat(text, "; allow this process more (ulimit -v, ulimit -d, its control group), or choose a smaller --batch-size, --image-size or "
               "--cache-size");
  exhaustion_end(text);
}

// MARK: traps

static const int traps[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS};
enum { trap_count = sizeof traps / sizeof traps[0] };
static struct sigaction traps_before[trap_count];

// The dashboard's handler, installed later, restores the terminal first and then comes here.
static void trapped(int number) {
  if (refused_bytes != 0) exhaustion_end_for_memory(refused_bytes);
  for (int i = 0; i < trap_count; i++) {
    if (traps[i] == number) sigaction(number, &traps_before[i], NULL);
  }
  // Pending until this handler returns; then what stood here before takes it.
  raise(number);
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
