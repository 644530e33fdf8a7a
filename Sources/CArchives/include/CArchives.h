// ZIP archives by libzip. The only text of the program that sees libzip: a handle's functions keep errors in C structures that
// Swift cannot hold.
#ifndef C_ARCHIVES_H
#define C_ARCHIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A handle, for one thread at a time.
typedef struct zip_reader zip_reader;

typedef struct zip_reader_entry {
  const char *name;      // its bytes as the archive has them; valid while the handle is open
  uint64_t byte_count;   // as declared
  uint64_t stored_count; // compressed
  bool is_encrypted, is_link;
} zip_reader_entry;

// Takes over `fd`, also on failure. NULL with the library's words.
zip_reader *zip_reader_open(int fd, char *words, size_t words_count);
void zip_reader_close(zip_reader *reader);
int64_t zip_reader_count(zip_reader *reader);
// False where the directory tells too little of the entry to read it.
bool zip_reader_entry_at(zip_reader *reader, int64_t index, zip_reader_entry *entry);

// Unpacks an entry's first `count` bytes and, if `whole`, makes sure that these are all and that their checksum is right. False
// with the library's words; `missing` where its data ends too early.
bool zip_reader_read(
  zip_reader *reader, int64_t index, void *bytes, size_t count, bool whole, bool *missing, char *words, size_t words_count);

#endif
