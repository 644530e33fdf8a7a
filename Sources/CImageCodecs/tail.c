// Cheap evidence that a file lost its tail: without decoding, and for a sound file with one small read.
#include <string.h>

#include "codec_internal.h"

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// Walks from chunk to chunk. Complete as soon as the chunk behind the image data is reached: what follows it cannot
// hurt the picture.
static bool chunks_run_out(const codec_source *source) {
  bool seen_data = false;
  int64_t offset = 8;
  for (;;) {
    uint8_t head[8];
    if (codec_source_peek(source, offset, head, sizeof head) < sizeof head) { return !seen_data; }
    bool data = memcmp(head + 4, "IDAT", 4) == 0;
    if (seen_data && !data) { return false; }
    offset += 12 + (int64_t)big_endian(head);
    if (offset > source->size) { return true; }
    seen_data = seen_data || data;
  }
}

bool codec_png_looks_truncated(const codec_source *source) {
  static const uint8_t end[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};
  uint8_t tail[sizeof end];
  if (source->size >= (int64_t)sizeof end &&
      codec_source_peek(source, source->size - (int64_t)sizeof end, tail, sizeof end) == sizeof end &&
      memcmp(tail, end, sizeof end) == 0) {
    return false;
  }
  return chunks_run_out(source);
}

bool codec_jpeg_looks_truncated(const codec_source *source, int64_t scan_start) {
  uint8_t bytes[8192];
  if (source->size >= 2 && codec_source_peek(source, source->size - 2, bytes, 2) == 2 && bytes[0] == 0xFF && bytes[1] == 0xD9) {
    return false;
  }
  // Cameras append previews and padding, so the end marker may stand anywhere behind the first scan's start.
  bool after_ff = false;
  for (int64_t offset = scan_start;;) {
    size_t count = codec_source_peek(source, offset, bytes, sizeof bytes);
    if (count == 0) { return true; }
    for (size_t i = 0; i < count; i++) {
      if (after_ff && bytes[i] == 0xD9) { return false; }
      after_ff = bytes[i] == 0xFF;
    }
    offset += (int64_t)count;
  }
}
