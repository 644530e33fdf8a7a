#include <stdlib.h>
#include <string.h>

#include "codec_internal.h"

static const codec_driver *driver_of(codec_format format) {
  switch (format) {
  case codec_png: return &codec_png_driver;
  case codec_jpeg: return &codec_jpeg_driver;
  case codec_webp: return &codec_webp_driver;
  case codec_bmp: return &codec_bmp_driver;
  case codec_gif: return &codec_gif_driver;
  case codec_tiff: return &codec_tiff_driver;
  case codec_heic:
  case codec_avif: return &codec_heif_driver;
  }
}

static codec_reader *no_memory(codec_reader *reader, uint64_t bytes, codec_report *report) {
  report->status = codec_too_much_memory;
  report->needed_bytes = bytes;
  snprintf(report->text, sizeof report->text, "an image");
  codec_reader_close(reader);
  return NULL;
}

codec_reader *codec_reader_open(codec_input input, codec_limits limits, codec_rules rules, codec_report *report) {
  memset(report, 0, sizeof *report);
  codec_reader *reader = calloc(1, sizeof *reader);
  if (!reader) { return no_memory(NULL, sizeof *reader, report); }
  reader->limits = limits;
  reader->rules = rules;
  reader->report = report;
  reader->source.fd = -1;
  reader->header.orientation = 1;
  if (codec_source_open(&reader->source, input, report) != codec_ok ||
      codec_sniff(&reader->source, &reader->header.format, report) != codec_ok) {
    codec_reader_close(reader);
    return NULL;
  }
  const codec_driver *driver = driver_of(reader->header.format);
  reader->state = calloc(1, driver->state_bytes);
  if (!reader->state) { return no_memory(reader, driver->state_bytes, report); }
  reader->driver = driver;
  if (setjmp(reader->jump)) {
    codec_reader_close(reader);
    return NULL;
  }
  reader->driver->open(reader);
  return reader;
}

void codec_reader_close(codec_reader *reader) {
  if (!reader) { return; }
  if (reader->driver) { reader->driver->close(reader); }
  codec_conversion_release(reader->conversion);
  codec_source_close(&reader->source);
  free(reader->state);
  free(reader->native);
  free(reader->converted);
  free(reader);
}

codec_header codec_reader_header(const codec_reader *reader) { return reader->header; }

uint64_t codec_reader_whole_bytes(const codec_reader *reader) { return reader->whole_bytes; }

uint64_t codec_reader_peak_bytes(const codec_reader *reader) { return reader->peak_bytes; }

uint16_t codec_reader_sample_maximum(const codec_reader *reader) { return reader->sample_maximum; }

bool codec_reader_looks_truncated(codec_reader *reader) { return reader->driver->looks_truncated(reader); }

codec_status codec_reader_next_row(codec_reader *reader, uint8_t *rgb, codec_report *report) {
  memset(report, 0, sizeof *report);
  reader->report = report;
  if (reader->next_row >= reader->header.height) {
    snprintf(report->text, sizeof report->text, "no rows are left");
    return report->status = codec_corrupt;
  }
  if (setjmp(reader->jump)) { return report->status; }
  bool finish = codec_needs_finish(reader);
  if (finish && !reader->native) { codec_finish_prepare(reader); }
  reader->driver->next_row(reader, finish ? reader->native : rgb);
  if (finish) { codec_finish_row(reader, rgb); }
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
  if (width == 0 || height == 0) { codec_fail(reader, codec_corrupt, "an image without pixels"); }
  if ((uint64_t)width * height > reader->limits.pixels) { codec_fail(reader, codec_too_many_pixels, ""); }
}

void *codec_allocate(codec_reader *reader, uint64_t bytes, const char *what) {
  uint64_t held = reader->held_bytes + bytes;
  void *block = held <= reader->limits.memory_bytes ? malloc(bytes) : NULL;
  if (!block) { codec_fail_memory(reader, held, what); }
  codec_count_held(reader, bytes);
  return block;
}

void codec_count_held(codec_reader *reader, uint64_t bytes) {
  reader->held_bytes += bytes;
  if (reader->held_bytes > reader->peak_bytes) { reader->peak_bytes = reader->held_bytes; }
}
