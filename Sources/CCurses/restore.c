#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "CCurses.h"

// Static and complete before it is armed, so that a signal handler needs nothing but reads.
static struct termios saved_modes;
static bool has_saved_modes;
static char restore_bytes[1024];
static size_t restore_count;
static int restore_fd = -1;
static atomic_int armed;

bool ccurses_save_modes(int fd) {
  has_saved_modes = tcgetattr(fd, &saved_modes) == 0;
  return has_saved_modes;
}

bool ccurses_enter_raw(int fd) {
  struct termios raw = saved_modes;
  cfmakeraw(&raw);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  return tcsetattr(fd, TCSANOW, &raw) == 0;
}

void ccurses_arm(int fd, const void *bytes, size_t count) {
  atomic_store(&armed, 0);
  restore_count = count < sizeof restore_bytes ? count : sizeof restore_bytes;
  memcpy(restore_bytes, bytes, restore_count);
  restore_fd = fd;
  atomic_store(&armed, 1);
}

void ccurses_disarm(void) { atomic_store(&armed, 0); }

void ccurses_restore(void) {
  if (atomic_exchange(&armed, 0) == 0) return;
  int kept_errno = errno;
  // In the background the terminal would stop a process that changes its modes.
  sigset_t block, before;
  sigemptyset(&block);
  sigaddset(&block, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &block, &before);
  size_t written = 0;
  int patience = 4;
  while (written < restore_count) {
    ssize_t count = write(restore_fd, restore_bytes + written, restore_count - written);
    if (count > 0) {
      written += (size_t)count;
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else if (count < 0 && errno == EAGAIN && patience-- > 0) {
      struct pollfd wait = {.fd = restore_fd, .events = POLLOUT};
      poll(&wait, 1, 50);
    } else {
      break;
    }
  }
  if (has_saved_modes) {
    // Keys typed for us are not meant for the shell. TCSAFLUSH would wait for output that nobody may read.
    tcflush(restore_fd, TCIFLUSH);
    tcsetattr(restore_fd, TCSANOW, &saved_modes);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = kept_errno;
}

void ccurses_restore_at_exit(void) {
  static bool registered;
  if (!registered) registered = atexit(ccurses_restore) == 0;
}
