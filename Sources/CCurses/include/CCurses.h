#ifndef CCURSES_H
#define CCURSES_H

#include <stdbool.h>
#include <stddef.h>

// The part of ncurses that can be called from Swift, and what must be done in C because a signal handler does it.
// Everything here belongs to one thread, except what says otherwise.

// terminfo.c: what kind of terminal this is

/// What looking up a terminal's description can come to.
typedef enum ccurses_lookup {
  ccurses_lookup_found = 0,
  ccurses_lookup_unknown = 1,      // No description of that name.
  ccurses_lookup_hardcopy = 2,     // One that prints on paper.
  ccurses_lookup_no_database = 3,  // No terminfo database at all.
} ccurses_lookup;

/// Reads the description of the terminal called `name`, for output to `fd`.
ccurses_lookup ccurses_load(const char *name, int fd);
/// A capability's text with its parameters left in; NULL where the terminal lacks it. Valid until the next load.
const char *ccurses_string(const char *capability);
/// A capability's number; negative where the terminal lacks it.
int ccurses_number(const char *capability);
bool ccurses_flag(const char *capability);
/// Fills in up to two parameters and strips padding; returns the bytes written to `buffer`, 0 if they do not fit.
int ccurses_expand(const char *text, int first, int second, char *buffer, int capacity);

// tty.c: the terminal itself

/// The controlling terminal as a file of our own, so that making it non-blocking concerns nobody else; -1 and errno on failure.
int ccurses_open_terminal(void);
bool ccurses_size(int fd, int *width, int *height);
/// Whether this process may use the terminal now.
bool ccurses_is_foreground(int fd);

/// Lets C's and Swift's standard output go out line by line even into a pipe.
void ccurses_buffer_output_by_line(void);

// restore.c: leaving the terminal as it was

/// Keeps the terminal's present modes as those to restore.
bool ccurses_save_modes(int fd);
/// Switches to raw modes: every key at once, no echo, no signals from keys.
bool ccurses_enter_raw(int fd);
/// From now on `ccurses_restore` writes these bytes (at most 1024) and restores the saved modes.
void ccurses_arm(int fd, const void *bytes, size_t count);
/// Forgets what was armed: the terminal is not ours any more.
void ccurses_disarm(void);
/// Restores the terminal if it is armed, once. Callable from any thread and from signal handlers; gives up on a terminal that
/// takes no output after 200 ms.
void ccurses_restore(void);
/// Restores on `exit` too.
void ccurses_restore_at_exit(void);

// signals.c: signals as bytes in a pipe

enum {
  ccurses_code_wake = 'x',
  ccurses_code_resize = 'w',
  ccurses_code_stop = 'z',
  ccurses_code_continue = 'c',
  ccurses_code_hang_up = 'h',
};

/// Opens the pipe once and returns its reading end, non-blocking; -1 on failure.
int ccurses_wake_pipe(void);
/// Puts a code into the pipe. Callable from any thread and from signal handlers; a full pipe wakes all the same.
void ccurses_wake(char code);
/// SIGWINCH, SIGTSTP, SIGCONT and SIGHUP become codes.
void ccurses_install_signals(void);
void ccurses_remove_signals(void);
/// Stops the foreground job as the terminal's own Ctrl-Z would; returns once it goes on, or soon if it cannot be stopped.
void ccurses_stop_job(void);

/// A trap gives descriptor 2 back to `fd`, where standard error went before it was captured; -1: it is not captured.
void ccurses_keep_error(int fd);
/// SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS and SIGFPE restore the terminal and go on to whatever handled them before.
void ccurses_install_traps(void);
void ccurses_remove_traps(void);

#endif
