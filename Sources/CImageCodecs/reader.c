#include <stdlib.h>
#include <string.h>

#include "codec_internal.h"

codec_reader *codec_reader_open(const char *path, codec_limits limits, codec_report *report) {
  memset(report, 0, sizeof *report);
  codec_reader *reader = calloc(1, sizeof *reader);
  if (!reader) {
    report->status = codec_too_much_memory;
    report->needed_bytes = sizeof *reader;
    return NULL;
  }
  reader->limits = limits;
  reader->report = report;
  reader->source.fd = -1;
  if (codec_source_open(&reader->source, path, report) != codec_ok ||
      codec_sniff(&reader->source, &reader->header.format, report) != codec_ok) {
    codec_source_close(&reader->source);
    free(reader);
    return NULL;
  }
  if (setjmp(reader->jump)) {
    codec_reader_close(reader);
    return NULL;
  }
  if (reader->header.format == codec_png) {
    codec_png_open(reader);
  } else {
    codec_jpeg_open(reader);
  }
  return reader;
}

void codec_reader_close(codec_reader *reader) {
  if (!reader) { return; }
  if (reader->header.format == codec_png) {
    codec_png_close(reader);
  } else {
    codec_jpeg_close(reader);
  }
  codec_source_close(&reader->source);
  free(reader);
}

codec_header codec_reader_header(const codec_reader *reader) { return reader->header; }

uint64_t codec_reader_whole_bytes(const codec_reader *reader) { return reader->whole_bytes; }

uint64_t codec_reader_peak_bytes(const codec_reader *reader) { return reader->peak_bytes; }

bool codec_reader_looks_truncated(codec_reader *reader) {
  const codec_source *source = &reader->source;
  if (reader->header.format == codec_png) { return codec_png_looks_truncated(source); }
  int64_t unread = (int64_t)reader->jpeg.manager.bytes_in_buffer;
  return codec_jpeg_looks_truncated(source, source->offset - unread);
}

codec_status codec_reader_next_row(codec_reader *reader, uint8_t *rgb, codec_report *report) {
  memset(report, 0, sizeof *report);
  reader->report = report;
  if (reader->next_row >= reader->header.height) {
    snprintf(report->text, sizeof report->text, "no rows are left");
    return report->status = codec_corrupt;
  }
  if (setjmp(reader->jump)) { return report->status; }
  if (reader->header.format == codec_png) {
    codec_png_next_row(reader, rgb);
  } else {
    codec_jpeg_next_row(reader, rgb);
  }
  reader->next_row++;
  return codec_ok;
}

void codec_fail(codec_reader *reader, codec_status status, const char *text) {
  codec_report *report = reader->report;
  report->status = status;
  report->width = reader->header.width;
  report->height = reader->header.height;
  snprintf(report->text, sizeof report->text, "%s", text);
  longjmp(reader->jump, 1);
}

void codec_hold_whole(codec_reader *reader, uint64_t bytes, const char *what) {
  reader->whole_bytes = bytes;
  if (bytes > reader->limits.memory_bytes) { codec_fail_memory(reader, bytes, what); }
}

void codec_fail_memory(codec_reader *reader, uint64_t needed_bytes, const char *text) {
  reader->report->needed_bytes = needed_bytes;
  codec_fail(reader, codec_too_much_memory, text);
}

void codec_fail_reading(codec_reader *reader, codec_status status, const char *text) {
  if (reader->source.read_error) {
    reader->report->system_error = reader->source.read_error;
    codec_fail(reader, codec_cannot_read, text);
  }
  codec_fail(reader, reader->source.ended ? codec_truncated : status, text);
}

void codec_check_pixels(codec_reader *reader, uint32_t width, uint32_t height) {
  reader->header.width = width;
  reader->header.height = height;
  if ((uint64_t)width * height > reader->limits.pixels) { codec_fail(reader, codec_too_many_pixels, ""); }
}

void *codec_allocate(codec_reader *reader, uint64_t bytes, const char *what) {
  uint64_t held = reader->held_bytes + bytes;
  void *block = held <= reader->limits.memory_bytes ? malloc(bytes) : NULL;
  if (!block) { codec_fail_memory(reader, held, what); }
  reader->held_bytes = held;
  if (held > reader->peak_bytes) { reader->peak_bytes = held; }
  return block;
}
