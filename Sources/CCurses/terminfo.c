#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <string.h>
#include <term.h>

#include "CCurses.h"

ccurses_lookup ccurses_load(const char *name, int fd) {
  int status = 0;
  if (setupterm(name, fd, &status) == OK) return ccurses_lookup_found;
  switch (status) {
    case 1: return ccurses_lookup_hardcopy;
    case 0: return ccurses_lookup_unknown;
    default: return ccurses_lookup_no_database;
  }
}

const char *ccurses_string(const char *capability) {
  const char *text = tigetstr((char *)capability);
  return text == (const char *)-1 ? NULL : text;
}

int ccurses_number(const char *capability) { return tigetnum((char *)capability); }

bool ccurses_flag(const char *capability) { return tigetflag((char *)capability) > 0; }

// tputs hands over one character at a time and no context: hence these two, and one thread.
static char *expansion;
static int expansion_room;
static int expansion_count;

static int collect(int character) {
  if (expansion_count < expansion_room) expansion[expansion_count] = (char)character;
  expansion_count++;
  return character;
}

int ccurses_expand(const char *text, int first, int second, char *buffer, int capacity) {
  const char *filled = tparm((char *)text, first, second, 0, 0, 0, 0, 0, 0, 0);
  if (filled == NULL) return 0;
  expansion = buffer;
  expansion_room = capacity;
  expansion_count = 0;
  // An affected count of 0 keeps proportional padding out; terminals that need any are not made any more.
  tputs(filled, 0, collect);
  return expansion_count <= capacity ? expansion_count : 0;
}
