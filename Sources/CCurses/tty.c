#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "CCurses.h"

int ccurses_open_terminal(void) { return open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC); }

bool ccurses_size(int fd, int *width, int *height) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return false;
  *width = size.ws_col;
  *height = size.ws_row;
  return true;
}

bool ccurses_is_foreground(int fd) { return tcgetpgrp(fd) == getpgrp(); }

void ccurses_buffer_output_by_line(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
