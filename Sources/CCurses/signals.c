#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "CCurses.h"

static int wake_read = -1;
static int wake_write = -1;

int ccurses_wake_pipe(void) {
  if (wake_read < 0) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
    wake_read = ends[0];
    wake_write = ends[1];
  }
  return wake_read;
}

void ccurses_wake(char code) {
  int kept_errno = errno;
  ssize_t ignored = write(wake_write, &code, 1);
  (void)ignored;
  errno = kept_errno;
}

typedef struct {
  int signal;
  char code;
} signal_code;

static const signal_code codes[] = {
    {SIGWINCH, ccurses_code_resize},
    {SIGTSTP, ccurses_code_stop},
    {SIGCONT, ccurses_code_continue},
    {SIGHUP, ccurses_code_hang_up},
};
enum { code_count = sizeof codes / sizeof codes[0] };
static struct sigaction actions_before[code_count];

static void report(int number) {
  for (int i = 0; i < code_count; i++) {
    if (codes[i].signal == number) ccurses_wake(codes[i].code);
  }
}

void ccurses_install_signals(void) {
  struct sigaction action = {.sa_handler = report, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < code_count; i++) sigaction(codes[i].signal, &action, &actions_before[i]);
}

void ccurses_remove_signals(void) {
  for (int i = 0; i < code_count; i++) sigaction(codes[i].signal, &actions_before[i], NULL);
}

void ccurses_stop_job(void) {
  struct sigaction standard = {.sa_handler = SIG_DFL}, ours;
  sigaction(SIGTSTP, &standard, &ours);
  kill(0, SIGTSTP);
  // Another thread may take the signal, so kill may return before the stop. SIGCONT tells when it is over; in an orphaned
  // group, which cannot be stopped, nothing comes and a moment later we go on.
  struct pollfd wait = {.fd = wake_read, .events = POLLIN};
  char code = 0;
  char others[64];
  int other_count = 0;
  while (code != ccurses_code_continue) {
    int ready = poll(&wait, 1, 250);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || read(wake_read, &code, 1) != 1) break;
    if (code != ccurses_code_continue && memchr(others, code, other_count) == NULL) others[other_count++] = code;
  }
  sigaction(SIGTSTP, &ours, NULL);
  // A hang-up or a new size is told by nobody else.
  for (int i = 0; i < other_count; i++) ccurses_wake(others[i]);
}

static const int traps[] = {SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE};
enum { trap_count = sizeof traps / sizeof traps[0] };
static struct sigaction traps_before[trap_count];

// Of the process, while descriptor 2 leads to the screen's own log; -1 otherwise.
static atomic_int standard_error = -1;

void ccurses_keep_error(int fd) { atomic_store(&standard_error, fd); }

static void trapped(int number) {
  ccurses_restore();
  // What the handlers before have to say would reach a thread of a process that ends.
  const int fd = atomic_load(&standard_error);
  if (fd >= 0) dup2(fd, STDERR_FILENO);
  for (int i = 0; i < trap_count; i++) {
    if (traps[i] == number) sigaction(number, &traps_before[i], NULL);
  }
  // Pending until this handler returns; then whatever stood here before takes it.
  raise(number);
}

void ccurses_install_traps(void) {
  // A stack that overflowed holds no handler: this thread gets another for it.
  static char *stack;
  const size_t stack_size = 64 * 1024;
  if (stack == NULL) stack = malloc(stack_size);
  stack_t before;
  if (stack != NULL && sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE) != 0) {
    stack_t alternate = {.ss_sp = stack, .ss_size = stack_size};
    sigaltstack(&alternate, NULL);
  }
  struct sigaction action = {.sa_handler = trapped, .sa_flags = SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < trap_count; i++) sigaction(traps[i], &action, &traps_before[i]);
}

void ccurses_remove_traps(void) {
  for (int i = 0; i < trap_count; i++) sigaction(traps[i], &traps_before[i], NULL);
}
