// Rows of a TIFF, from strips or tiles, samples side by side or in planes, to the reader's layout.
#include <stdlib.h>
#include <string.h>

#include "tiff_internal.h"

void codec_tiff_plan(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  uint64_t pixels = (uint64_t)reader->header.width * reader->header.height;
  if (state->whole_by_library) {
    codec_hold_whole(reader, pixels * 4, "a TIFF image of this kind");
    return;
  }
  uint64_t row = (uint64_t)TIFFScanlineSize64(state->tiff);
  if (TIFFIsTiled(state->tiff)) {
    TIFFGetField(state->tiff, TIFFTAG_TILEWIDTH, &state->tile_width);
    TIFFGetField(state->tiff, TIFFTAG_TILELENGTH, &state->tile_height);
    uint64_t tile = TIFFTileSize64(state->tiff);
    row = TIFFTileRowSize64(state->tiff);
    if (state->tile_width == 0 || state->tile_height == 0 || tile == 0 || row == 0) { codec_tiff_fail(reader, "tiles without pixels"); }
    if (tile > reader->limits.memory_bytes) { codec_fail_memory(reader, tile, "a TIFF with tiles this large"); }
    state->tile_bytes = (size_t)tile;
    state->tiles_across = (uint32_t)(((uint64_t)reader->header.width + state->tile_width - 1) / state->tile_width);
  }
  // What libtiff says of its rows has to cover what is read of them.
  uint64_t width = state->tile_width ? state->tile_width : reader->header.width;
  uint64_t values = width * (state->planes > 1 ? 1 : state->samples);
  if (row < (values * state->bits + 7) / 8) { codec_fail(reader, codec_unsupported, "a TIFF with rows of subsampled colours"); }
  if (row > reader->limits.memory_bytes) { codec_fail_memory(reader, row, "TIFF rows this long"); }
  state->row_bytes = (size_t)row;
  if (state->planes > 1 && !state->tile_width) {
    codec_hold_whole(reader, row * reader->header.height * state->planes, "a TIFF image in planes");
  }
}

static uint64_t stored_bytes(const codec_reader *reader) {
  const codec_tiff_state *state = reader->state;
  if (state->tile_width) { return (uint64_t)state->tile_bytes * state->tiles_across * state->planes; }
  return state->planes > 1 ? reader->whole_bytes : state->row_bytes;
}

// Alternating between the planes row by row would decode each strip again for every row.
static void read_planes(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  for (uint16_t plane = 0; plane < state->planes; plane++) {
    for (uint32_t y = 0; y < reader->header.height; y++) {
      uint8_t *row = state->stored + ((size_t)plane * reader->header.height + y) * state->row_bytes;
      if (TIFFReadScanline(state->tiff, row, y, plane) != 1) { codec_tiff_fail(reader, "a row cannot be decoded"); }
    }
  }
}

static void read_tiles(codec_reader *reader, uint32_t y) {
  codec_tiff_state *state = reader->state;
  uint8_t *place = state->stored;
  for (uint16_t plane = 0; plane < state->planes; plane++) {
    for (uint32_t i = 0; i < state->tiles_across; i++, place += state->tile_bytes) {
      tmsize_t got = TIFFReadTile(state->tiff, place, i * state->tile_width, y, 0, plane);
      if (got < 0 || (size_t)got < state->tile_bytes) { codec_tiff_fail(reader, "a tile cannot be decoded"); }
    }
  }
}

// A sample, where samples fill bytes from the upper end on.
static inline uint32_t sample(const uint8_t *row, size_t index, unsigned bits) {
  if (bits == 8) { return row[index]; }
  if (bits == 16) {
    uint16_t value;
    memcpy(&value, row + 2 * index, sizeof value);
    return value;
  }
  size_t first = index * bits, last = first + bits - 1;
  uint32_t value = 0;
  for (size_t byte = first / 8; byte <= last / 8; byte++) { value = value << 8 | row[byte]; }
  return value >> (7 - last % 8) & ((1u << bits) - 1);
}

static void put(const codec_tiff_state *state, uint32_t value, bool inverted, uint8_t **out) {
  unsigned bits = state->bits;
  uint32_t top = (1u << bits) - 1;
  if (inverted) { value = top - value; }
  if (bits == 16) {
    uint16_t deep = (uint16_t)value;
    memcpy(*out, &deep, sizeof deep);
    *out += sizeof deep;
  } else {
    *(*out)++ = (uint8_t)(bits > 8 ? value >> (bits - 8) : value * 255 / top);
  }
}

// `count` pixels whose samples lie at rows[plane], from its beginning.
static void unpack(const codec_reader *reader, const uint8_t *const rows[5], uint32_t count, uint8_t *out) {
  const codec_tiff_state *state = reader->state;
  bool inverted = state->photometric == PHOTOMETRIC_MINISWHITE, palette = state->photometric == PHOTOMETRIC_PALETTE;
  size_t channels = codec_channels(reader->layout), alpha = codec_layout_has_alpha(reader->layout) ? channels - 1 : channels;
  size_t step = state->planes > 1 ? 1 : state->samples;
  for (uint32_t x = 0; x < count; x++) {
    if (palette) {
      memcpy(out, state->palette + 3 * sample(rows[0], x * step, state->bits), 3);
      out += 3;
      if (channels == 4) { put(state, sample(state->planes > 1 ? rows[1] : rows[0], x * step + (step > 1), state->bits), false, &out); }
      continue;
    }
    for (size_t c = 0; c < channels; c++) {
      const uint8_t *row = state->planes > 1 ? rows[c] : rows[0];
      put(state, sample(row, x * step + (state->planes > 1 ? 0 : c), state->bits), inverted && c != alpha, &out);
    }
  }
}

static void unpack_strips(codec_reader *reader, uint8_t *row) {
  codec_tiff_state *state = reader->state;
  uint32_t y = reader->next_row;
  const uint8_t *rows[5] = {state->stored};
  if (state->planes == 1) {
    if (TIFFReadScanline(state->tiff, state->stored, y, 0) != 1) { codec_tiff_fail(reader, "a row cannot be decoded"); }
  } else {
    if (y == 0) { read_planes(reader); }
    for (size_t plane = 0; plane < state->planes && plane < 5; plane++) {
      rows[plane] = state->stored + (plane * reader->header.height + y) * state->row_bytes;
    }
  }
  unpack(reader, rows, reader->header.width, row);
}

static void unpack_tiles(codec_reader *reader, uint8_t *row) {
  codec_tiff_state *state = reader->state;
  uint32_t y = reader->next_row, within = y % state->tile_height;
  if (within == 0) { read_tiles(reader, y); }
  size_t pixel_bytes = codec_channels(reader->layout) * (reader->deep ? 2 : 1);
  for (uint32_t i = 0, x = 0; i < state->tiles_across; i++, x += state->tile_width) {
    const uint8_t *rows[5] = {NULL};
    for (size_t plane = 0; plane < state->planes && plane < 5; plane++) {
      rows[plane] = state->stored + (plane * state->tiles_across + i) * state->tile_bytes + within * state->row_bytes;
    }
    uint32_t left = reader->header.width - x;
    unpack(reader, rows, left < state->tile_width ? left : state->tile_width, row + x * pixel_bytes);
  }
}

static void next_row_of_whole(codec_reader *reader, uint8_t *row) {
  codec_tiff_state *state = reader->state;
  uint32_t width = reader->header.width;
  if (reader->next_row == 0) {
    state->whole = codec_allocate(reader, reader->whole_bytes, "a TIFF image of this kind");
    // From its stored upper left corner: turning is not libtiff's work.
    TIFFSetField(state->tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    if (!TIFFReadRGBAImageOriented(state->tiff, width, reader->header.height, state->whole, ORIENTATION_TOPLEFT, 1)) {
      codec_tiff_fail(reader, "it cannot be decoded");
    }
  }
  const uint32_t *in = state->whole + (size_t)reader->next_row * width;
  for (uint32_t x = 0; x < width; x++) {
    *row++ = (uint8_t)TIFFGetR(in[x]);
    *row++ = (uint8_t)TIFFGetG(in[x]);
    *row++ = (uint8_t)TIFFGetB(in[x]);
  }
}

void codec_tiff_next_row(codec_reader *reader, uint8_t *row) {
  codec_tiff_state *state = reader->state;
  if (state->whole_by_library) {
    next_row_of_whole(reader, row);
    return;
  }
  if (!state->stored) {
    uint64_t bytes = stored_bytes(reader);
    state->stored = codec_allocate(reader, bytes, "TIFF rows this long");
    memset(state->stored, 0, bytes);
  }
  if (state->tile_width) {
    unpack_tiles(reader, row);
  } else {
    unpack_strips(reader, row);
  }
}
