#define _GNU_SOURCE
#include "CPseudoTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

bool cpty_open(int width, int height, int *master, int *slave) {
  *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*master < 0 || grantpt(*master) != 0 || unlockpt(*master) != 0) return false;
  char name[64];
  if (ptsname_r(*master, name, sizeof name) != 0) return false;
  *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  return *slave >= 0 && cpty_resize(*master, width, height);
}

bool cpty_resize(int master, int width, int height) {
  struct winsize size = {.ws_col = (unsigned short)width, .ws_row = (unsigned short)height};
  return ioctl(master, TIOCSWINSZ, &size) == 0;
}

// Between fork and exec of a process with threads only what a signal handler may do is allowed: hence C.
pid_t cpty_spawn(const char *path, char *const arguments[], char *const environment[], int master, int slave) {
  const pid_t parent = getpid();
  pid_t child = fork();
  if (child != 0) return child;
  // The kernel sends it when the thread that forked ends. A parent that died before this line sends nothing.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(127);
  close(master);
  setsid();
  ioctl(slave, TIOCSCTTY, 0);
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int fd = 0; fd < 3; fd++) {
    if (dup2(slave, fd) < 0) _exit(127);
  }
  execve(path, arguments, environment);
  _exit(127);
}

size_t cpty_modes(int slave, unsigned char *bytes, size_t capacity) {
  struct termios modes;
  if (tcgetattr(slave, &modes) != 0) return 0;
  size_t count = 0;
  tcflag_t flags[] = {modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag};
  const void *parts[] = {flags, modes.c_cc};
  const size_t sizes[] = {sizeof flags, sizeof modes.c_cc};
  for (int i = 0; i < 2; i++) {
    if (count + sizes[i] > capacity) return 0;
    memcpy(bytes + count, parts[i], sizes[i]);
    count += sizes[i];
  }
  return count;
}
