#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "CArchives.h"

struct zip_reader {
  zip_t *zip;
};

zip_reader *zip_reader_open(int fd, char *words, size_t words_count) {
  zip_reader *reader = calloc(1, sizeof *reader);
  int code = ZIP_ER_MEMORY;
  if (reader) { reader->zip = zip_fdopen(fd, 0, &code); }
  if (reader && reader->zip) { return reader; }
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  snprintf(words, words_count, "%s", zip_error_strerror(&error));
  zip_error_fini(&error);
  free(reader);
  close(fd);
  return NULL;
}

void zip_reader_close(zip_reader *reader) {
  zip_discard(reader->zip);
  free(reader);
}

int64_t zip_reader_count(zip_reader *reader) { return zip_get_num_entries(reader->zip, 0); }

bool zip_reader_entry_at(zip_reader *reader, int64_t index, zip_reader_entry *entry) {
  zip_stat_t status;
  // Raw: what the name's letters are is the caller's to decide.
  entry->name = zip_get_name(reader->zip, (zip_uint64_t)index, ZIP_FL_ENC_RAW);
  if (!entry->name || zip_stat_index(reader->zip, (zip_uint64_t)index, 0, &status) != 0 || !(status.valid & ZIP_STAT_SIZE)) {
    return false;
  }
  entry->byte_count = status.size;
  entry->stored_count = status.valid & ZIP_STAT_COMP_SIZE ? status.comp_size : 0;
  entry->is_encrypted = (status.valid & ZIP_STAT_ENCRYPTION_METHOD) && status.encryption_method != ZIP_EM_NONE;
  zip_uint8_t system = ZIP_OPSYS_DOS;
  zip_uint32_t attributes = 0;
  zip_file_get_external_attributes(reader->zip, (zip_uint64_t)index, 0, &system, &attributes);
  // The upper half of a Unix entry's attributes is its mode.
  bool has_mode = system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X;
  entry->is_link = has_mode && S_ISLNK(attributes >> 16);
  return true;
}

static bool failed(zip_error_t *error, bool *missing, char *words, size_t words_count) {
  *missing = zip_error_code_zip(error) == ZIP_ER_EOF;
  snprintf(words, words_count, "%s", zip_error_strerror(error));
  return false;
}

bool zip_reader_read(
  zip_reader *reader, int64_t index, void *bytes, size_t count, bool whole, bool *missing, char *words, size_t words_count) {
  zip_file_t *file = zip_fopen_index(reader->zip, (zip_uint64_t)index, 0);
  if (!file) { return failed(zip_get_error(reader->zip), missing, words, words_count); }
  bool good = true;
  for (size_t done = 0; good && done < count;) {
    zip_int64_t got = zip_fread(file, (char *)bytes + done, count - done);
    if (got < 0) {
      good = failed(zip_file_get_error(file), missing, words, words_count);
    } else if (got == 0) {
      good = !(*missing = true);
      snprintf(words, words_count, "less data than its entry declares");
    } else {
      done += (size_t)got;
    }
  }
  if (good && whole) {
    // The library compares size and checksum where the data ends.
    char one;
    zip_int64_t got = zip_fread(file, &one, 1);
    if (got < 0) { good = failed(zip_file_get_error(file), missing, words, words_count); }
    if (got > 0) {
      good = *missing = false;
      snprintf(words, words_count, "more data than its entry declares");
    }
  }
  zip_fclose(file);
  return good;
}
