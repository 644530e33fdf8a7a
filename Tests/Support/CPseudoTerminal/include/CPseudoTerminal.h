#ifndef CPSEUDOTERMINAL_H
#define CPSEUDOTERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// Opens a pseudo-terminal of the given size; false with errno on failure.
bool cpty_open(int width, int height, int *master, int *slave);
/// Starts a program in a session of its own with the terminal as its controlling one; the process id, or -1 with errno.
/// The program is killed when the calling thread ends, which a killed process's threads do: call from a thread that stays.
pid_t cpty_spawn(const char *path, char *const arguments[], char *const environment[], int master, int slave);
/// Changes the window's size, which tells the foreground job.
bool cpty_resize(int master, int width, int height);
/// The terminal's modes as plain bytes, for comparing; the count.
size_t cpty_modes(int slave, unsigned char *bytes, size_t capacity);

#endif
