// libFuzzer's entry: any bytes are a picture file, which is opened, inspected and decoded under rules that the bytes choose.
// Built and run by Tests/Fuzzing/run.
#define _GNU_SOURCE // memfd_create
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CImageCodecs.h"

static int fd = -1;
static char path[64];

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  (void)count, (void)arguments;
  fd = memfd_create("picture", 0);
  if (fd < 0) { abort(); }
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return 0;
}

static codec_rules rules_of(const uint8_t *bytes, size_t count) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < count; i++) { hash = (hash ^ bytes[i]) * 16777619u; }
  static const uint8_t bits[] = {0, 10, 12, 16};
  return (codec_rules){
    .reads_orientation = (hash & 1) != 0, .converts_profile = (hash >> 5 & 7) == 0, .over_background = (hash & 4) != 0,
    .background = {10, 200, 90}, .sample_bits = bits[hash >> 3 & 3]};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, count, 0) != (ssize_t)count) { abort(); }
  codec_report report;
  // Small pictures and few profiles, which cost milliseconds each, for many inputs.
  codec_limits limits = {.pixels = 1 << 14, .memory_bytes = 4 << 20};
  (void)codec_begins_like_image((codec_input){.path = path});
  codec_reader *reader = codec_reader_open((codec_input){.path = path}, limits, rules_of(bytes, count), &report);
  if (!reader) { return 0; }
  codec_header header = codec_reader_header(reader);
  if ((uint64_t)header.width * header.height > limits.pixels || header.orientation < 1 || header.orientation > 8) { abort(); }
  (void)codec_reader_looks_truncated(reader);
  uint8_t *row = malloc((size_t)header.width * 3); // its own block, so that writing beyond it is seen
  if (!row) { abort(); }
  for (uint32_t y = 0; y < header.height && codec_reader_next_row(reader, row, &report) == codec_ok; y++) {}
  if (codec_reader_peak_bytes(reader) > limits.memory_bytes) { abort(); }
  free(row);
  codec_reader_close(reader);
  return 0;
}
