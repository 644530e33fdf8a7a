// BMP by hand, since none of the libraries reads it: headers of all versions, 1 to 32 bits, masks, run lengths, either row
// order. Every field is checked against the file before it is used. Values of few bits widen as Pillow's do, rounded down.
#include <stdlib.h>
#include <string.h>

#include "codec_internal.h"

enum { raw_rows = 0, run_length_8 = 1, run_length_4 = 2, masked = 3, masked_with_alpha = 6 };

typedef struct channel {
  uint32_t mask, top; // top: the largest value behind the mask, 0 without one
  unsigned shift;
} channel;

typedef struct codec_bmp_state {
  bool top_down;
  uint32_t bits, compression;
  int64_t pixels;       // offset in the file
  uint64_t stride;      // bytes of a stored row
  channel channels[4];  // red, green, blue, alpha; 16 and 32 bits
  uint8_t palette[256 * 3];
  uint8_t *row;         // [stride]
  uint8_t *indices;     // [height, width], run lengths only
} codec_bmp_state;

static uint32_t number(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  for (int i = count - 1; i >= 0; i--) { value = value << 8 | bytes[i]; }
  return value;
}

static void peek(codec_reader *reader, int64_t offset, uint8_t *bytes, size_t count) {
  if (codec_source_peek(&reader->source, offset, bytes, count) < count) { codec_fail(reader, codec_truncated, ""); }
}

static void read_palette(codec_reader *reader, int64_t offset, uint32_t count, uint32_t entry_bytes) {
  codec_bmp_state *state = reader->state;
  uint8_t entries[256 * 4];
  if (count == 0 || count > 1u << state->bits) { count = 1u << state->bits; }
  if (offset + (int64_t)count * entry_bytes > state->pixels) { count = (uint32_t)((state->pixels - offset) / entry_bytes); }
  peek(reader, offset, entries, (size_t)count * entry_bytes);
  for (uint32_t i = 0; i < count; i++) {
    for (int c = 0; c < 3; c++) { state->palette[3 * i + (uint32_t)c] = entries[i * entry_bytes + 2 - (uint32_t)c]; }
  }
}

static channel channel_of(codec_reader *reader, uint32_t mask) {
  channel it = {mask, 0, 0};
  if (mask == 0) { return it; }
  while ((mask >> it.shift & 1) == 0) { it.shift++; }
  it.top = mask >> it.shift;
  if ((it.top & (it.top + 1)) != 0) { codec_fail(reader, codec_corrupt, "a mask with gaps"); }
  return it;
}

// Masks follow the smallest header or are part of a larger one, at the same place.
static void read_masks(codec_reader *reader, uint32_t header_size) {
  codec_bmp_state *state = reader->state;
  uint32_t masks[4] = {0x7C00, 0x03E0, 0x001F, 0};
  if (state->bits == 32) {
    masks[0] = 0xFF0000;
    masks[1] = 0xFF00;
    masks[2] = 0xFF;
  }
  if (state->compression == masked || state->compression == masked_with_alpha) {
    int count = header_size >= 56 || state->compression == masked_with_alpha ? 4 : 3;
    uint8_t bytes[16];
    peek(reader, 14 + 40, bytes, (size_t)count * 4);
    for (int c = 0; c < count; c++) { masks[c] = number(bytes + 4 * c, 4); }
  }
  for (int c = 0; c < 4; c++) { state->channels[c] = channel_of(reader, masks[c]); }
  reader->header.has_alpha = state->channels[3].top > 0;
}

static bool is_known(uint32_t bits, uint32_t compression) {
  switch (compression) {
  case raw_rows: return bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
  case run_length_8: return bits == 8;
  case run_length_4: return bits == 4;
  case masked:
  case masked_with_alpha: return bits == 16 || bits == 32;
  default: return false;
  }
}

// Only the last version of the header has a profile.
static void read_profile(codec_reader *reader) {
  uint8_t head[124];
  peek(reader, 14, head, sizeof head);
  if (memcmp(head + 56, "DEBM", 4) == 0) { codec_use_profile_at(reader, 14 + (int64_t)number(head + 112, 4), number(head + 116, 4)); }
}

static void open_bmp(codec_reader *reader) {
  codec_bmp_state *state = reader->state;
  uint8_t head[14 + 40] = {0};
  peek(reader, 0, head, 14 + 12);
  uint32_t header_size = number(head + 14, 4), used_colours = 0;
  state->pixels = number(head + 10, 4);
  int32_t width, height;
  if (header_size == 12) {
    width = (int32_t)number(head + 18, 2);
    height = (int32_t)number(head + 20, 2);
    state->bits = number(head + 24, 2);
  } else {
    peek(reader, 0, head, sizeof head);
    width = (int32_t)number(head + 18, 4);
    height = (int32_t)number(head + 22, 4);
    state->bits = number(head + 28, 2);
    state->compression = number(head + 30, 4);
    used_colours = number(head + 46, 4);
  }
  state->top_down = height < 0;
  if (width <= 0 || height == INT32_MIN) { codec_fail(reader, codec_corrupt, "a width or height that makes no sense"); }
  codec_check_pixels(reader, (uint32_t)width, (uint32_t)(height < 0 ? -height : height));
  if (!is_known(state->bits, state->compression)) { codec_fail(reader, codec_unsupported, "a BMP of an unknown kind"); }
  if (state->pixels < 14 + (int64_t)header_size) { codec_fail(reader, codec_corrupt, "pixels inside the header"); }
  state->stride = ((uint64_t)reader->header.width * state->bits + 31) / 32 * 4;
  reader->header.bits = (uint8_t)(state->bits == 24 || state->bits == 32 ? 8 : state->bits == 16 ? 5 : state->bits);
  if (state->bits <= 8) { read_palette(reader, 14 + (int64_t)header_size, used_colours, header_size == 12 ? 3 : 4); }
  if (state->bits == 16 || state->bits == 32) { read_masks(reader, header_size); }
  reader->layout = codec_keeps_alpha(reader) ? layout_rgb_alpha : layout_rgb;
  if (header_size == 124) { read_profile(reader); }
  if (state->compression == run_length_8 || state->compression == run_length_4) {
    codec_hold_whole(reader, (uint64_t)reader->header.width * reader->header.height, "a BMP image of run lengths");
  }
}

typedef struct pen {
  uint32_t x, y; // y in stored order
} pen;

static uint8_t next_byte(codec_reader *reader) {
  uint8_t byte;
  if (!codec_source_read(&reader->source, &byte, 1)) { codec_fail_reading(reader, codec_truncated, ""); }
  return byte;
}

// What runs beyond its row is dropped, as Pillow drops it.
static void put(codec_reader *reader, pen *at, uint8_t index) {
  codec_bmp_state *state = reader->state;
  if (at->x >= reader->header.width) { return; }
  uint32_t y = state->top_down ? at->y : reader->header.height - 1 - at->y;
  state->indices[(size_t)y * reader->header.width + at->x++] = index;
}

static void put_literals(codec_reader *reader, pen *at, uint32_t count, bool nibbles) {
  uint8_t byte = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!nibbles || i % 2 == 0) { byte = next_byte(reader); }
    put(reader, at, nibbles ? (i % 2 == 0 ? byte >> 4 : byte & 15) : byte);
  }
  uint32_t bytes = nibbles ? (count + 1) / 2 : count;
  if (bytes % 2 == 1) { next_byte(reader); } // filled up to whole words
}

static void read_runs(codec_reader *reader) {
  codec_bmp_state *state = reader->state;
  bool nibbles = state->compression == run_length_4;
  size_t size = (size_t)reader->header.width * reader->header.height;
  state->indices = codec_allocate(reader, size, "a BMP image of run lengths");
  memset(state->indices, 0, size);
  if (!codec_source_seek(&reader->source, state->pixels)) { codec_fail_reading(reader, codec_corrupt, ""); }
  pen at = {0, 0};
  while (at.y < reader->header.height) {
    uint32_t count = next_byte(reader), value = next_byte(reader);
    if (count > 0) {
      for (uint32_t i = 0; i < count; i++) {
        put(reader, &at, (uint8_t)(nibbles ? (i % 2 == 0 ? value >> 4 : value & 15) : value));
      }
    } else if (value == 0) { // end of the row
      at.x = 0;
      at.y++;
      if (at.y == reader->header.height) { return; } // the mark of the end adds nothing
    } else if (value == 1) { // end of the image; what was not drawn is index 0
      return;
    } else if (value == 2) { // moves on
      at.x += next_byte(reader);
      at.y += next_byte(reader);
    } else {
      put_literals(reader, &at, value, nibbles);
    }
  }
}

static uint8_t widened(const channel *it, uint32_t pixel) {
  return it->top ? (uint8_t)((uint64_t)((pixel & it->mask) >> it->shift) * 255 / it->top) : 0;
}

static void expand_masked(const codec_reader *reader, const uint8_t *in, uint8_t *out) {
  const codec_bmp_state *state = reader->state;
  int bytes = (int)state->bits / 8, channels = (int)codec_channels(reader->layout);
  for (uint32_t x = 0; x < reader->header.width; x++, in += bytes) {
    uint32_t pixel = number(in, bytes);
    for (int c = 0; c < channels; c++) { *out++ = widened(&state->channels[c], pixel); }
  }
}

static void expand_indices(const codec_reader *reader, const uint8_t *in, uint32_t bits, uint8_t *out) {
  const codec_bmp_state *state = reader->state;
  uint32_t per_byte = 8 / bits, mask = (1u << bits) - 1;
  for (uint32_t x = 0; x < reader->header.width; x++) {
    uint32_t index = in[x / per_byte] >> (8 - bits * (x % per_byte + 1)) & mask;
    memcpy(out + 3 * (size_t)x, state->palette + 3 * index, 3);
  }
}

static void next_row(codec_reader *reader, uint8_t *out) {
  codec_bmp_state *state = reader->state;
  uint32_t y = reader->next_row, width = reader->header.width;
  if (reader->whole_bytes > 0) {
    if (y == 0) { read_runs(reader); }
    expand_indices(reader, state->indices + (size_t)y * width, 8, out);
    return;
  }
  if (!state->row) { state->row = codec_allocate(reader, state->stride, "BMP rows this long"); }
  uint64_t stored = state->top_down ? y : reader->header.height - 1 - y;
  size_t needed = (size_t)(((uint64_t)width * state->bits + 7) / 8); // the last row may lack its padding
  peek(reader, state->pixels + (int64_t)(stored * state->stride), state->row, needed);
  if (state->bits <= 8) {
    expand_indices(reader, state->row, state->bits, out);
  } else if (state->bits != 24) {
    expand_masked(reader, state->row, out);
  } else {
    for (uint32_t x = 0; x < width; x++) {
      for (int c = 0; c < 3; c++) { out[3 * (size_t)x + (size_t)c] = state->row[3 * (size_t)x + 2 - (size_t)c]; }
    }
  }
}

static void close_bmp(codec_reader *reader) {
  codec_bmp_state *state = reader->state;
  free(state->row);
  free(state->indices);
}

static bool looks_truncated(codec_reader *reader) {
  const codec_bmp_state *state = reader->state;
  uint64_t rows = reader->whole_bytes > 0 ? 0 : reader->header.height;
  uint64_t bytes = rows == 0 ? 0 : (rows - 1) * state->stride + ((uint64_t)reader->header.width * state->bits + 7) / 8;
  if (rows == 0) { // run lengths: the header knows how long the file is
    uint8_t size[4];
    return codec_source_peek(&reader->source, 2, size, 4) < 4 || (int64_t)number(size, 4) > reader->source.size;
  }
  return (uint64_t)state->pixels + bytes > (uint64_t)reader->source.size;
}

const codec_driver codec_bmp_driver = {sizeof(codec_bmp_state), open_bmp, next_row, close_bmp, looks_truncated};
