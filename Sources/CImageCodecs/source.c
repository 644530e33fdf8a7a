#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec_internal.h"

static codec_status failed(codec_report *report, codec_status status, int error) {
  report->status = status;
  report->system_error = error;
  return status;
}

static codec_status open_file(codec_source *source, const char *path, codec_report *report) {
  // Without O_NONBLOCK a pipe named like an image would hold the program for ever.
  source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (source->fd < 0) { return failed(report, codec_cannot_open, errno); }
  source->owns_fd = true;
  struct stat status;
  if (fstat(source->fd, &status) != 0) { return failed(report, codec_cannot_open, errno); }
  if (!S_ISREG(status.st_mode)) { return failed(report, codec_not_a_file, 0); }
  source->size = status.st_size;
  source->end = INT64_MAX;
  return codec_ok;
}

codec_status codec_source_open(codec_source *source, codec_input input, codec_report *report) {
  if (input.path) {
    codec_status status = open_file(source, input.path, report);
    if (status != codec_ok) { return status; }
  } else {
    source->memory = input.memory;
    source->fd = input.fd;
    source->start = input.memory ? 0 : input.offset;
    source->size = source->end = input.size;
  }
  if (!codec_source_refill(source)) {
    return source->read_error ? failed(report, codec_cannot_read, source->read_error) : failed(report, codec_empty, 0);
  }
  return codec_ok;
}

void codec_source_close(codec_source *source) {
  if (source->owns_fd) { close(source->fd); }
  source->owns_fd = false;
  source->fd = -1;
}

// As pread, within the image.
static ssize_t read_at(const codec_source *source, int64_t offset, uint8_t *bytes, size_t count) {
  if (offset >= source->end) { return 0; }
  if ((int64_t)count > source->end - offset) { count = (size_t)(source->end - offset); }
  if (source->memory) {
    memcpy(bytes, source->memory + offset, count);
    return (ssize_t)count;
  }
  ssize_t got;
  do { got = pread(source->fd, bytes, count, (off_t)(source->start + offset)); } while (got < 0 && errno == EINTR);
  return got;
}

bool codec_source_refill(codec_source *source) {
  ssize_t count = read_at(source, source->offset, source->buffer, sizeof source->buffer);
  if (count < 0) { source->read_error = errno; }
  if (count <= 0) {
    source->ended = true;
    return false;
  }
  source->used = 0;
  source->filled = (size_t)count;
  source->offset += count;
  return true;
}

bool codec_source_read(codec_source *source, uint8_t *bytes, size_t count) {
  while (count > 0) {
    if (source->used == source->filled && !codec_source_refill(source)) { return false; }
    size_t piece = source->filled - source->used;
    if (piece > count) { piece = count; }
    memcpy(bytes, source->buffer + source->used, piece);
    source->used += piece;
    bytes += piece;
    count -= piece;
  }
  return true;
}

bool codec_source_seek(codec_source *source, int64_t offset) {
  if (offset < 0) {
    source->read_error = EINVAL;
    return false;
  }
  source->offset = offset;
  source->used = source->filled = 0;
  return true;
}

size_t codec_source_peek(const codec_source *source, int64_t offset, uint8_t *bytes, size_t count) {
  size_t done = 0;
  while (done < count) {
    if (offset < 0) { break; }
    ssize_t got = read_at(source, offset + (int64_t)done, bytes + done, count - done);
    if (got <= 0) { break; }
    done += (size_t)got;
  }
  return done;
}
