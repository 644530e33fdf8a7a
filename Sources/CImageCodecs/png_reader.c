// PNG through libpng's row interface. gAMA and colour profiles are ignored, alpha and tRNS are dropped, 16-bit samples
// keep their high byte: as Pillow's convert("RGB") does, except that Pillow clips 16-bit grey at 255.
#include <stdlib.h>
#include <string.h>

#include "codec_internal.h"

// Every block starts with its size, so that freeing can be counted too; 16 bytes keep the alignment.
enum { block_head = 16 };

static png_voidp counted_malloc(png_structp png, png_alloc_size_t size) {
  codec_reader *reader = png_get_mem_ptr(png);
  uint64_t held = reader->held_bytes + size;
  uint8_t *block = held <= reader->limits.memory_bytes ? malloc(size + block_head) : NULL;
  if (!block) {
    reader->png.refused_memory = true;
    reader->report->needed_bytes = held;
    return NULL;
  }
  memcpy(block, &size, sizeof size);
  reader->held_bytes = held;
  if (held > reader->peak_bytes) { reader->peak_bytes = held; }
  return block + block_head;
}

static void counted_free(png_structp png, png_voidp pointer) {
  if (!pointer) { return; }
  codec_reader *reader = png_get_mem_ptr(png);
  uint8_t *block = (uint8_t *)pointer - block_head;
  png_alloc_size_t size;
  memcpy(&size, block, sizeof size);
  reader->held_bytes -= size;
  free(block);
}

static _Noreturn void on_error(png_structp png, png_const_charp message) {
  codec_reader *reader = png_get_error_ptr(png);
  if (reader->png.refused_memory) { codec_fail(reader, codec_too_much_memory, "PNG rows this long"); }
  codec_fail_reading(reader, codec_corrupt, message);
}

// Warnings are about ancillary chunks and trailing bytes: the pixels are whole.
static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void on_read(png_structp png, png_bytep bytes, size_t count) {
  codec_reader *reader = png_get_io_ptr(png);
  if (!codec_source_read(&reader->source, bytes, count)) { png_error(png, "the file ends early"); }
}

static void fill_table(codec_png_state *state, int colour_type, int depth) {
  if (colour_type == PNG_COLOR_TYPE_PALETTE) {
    // An index beyond the palette is black, as the table starts out.
    png_colorp palette = NULL;
    int count = 0;
    png_get_PLTE(state->png, state->info, &palette, &count);
    for (int i = 0; i < count && i < 256; i++) {
      state->table[3 * i] = palette[i].red;
      state->table[3 * i + 1] = palette[i].green;
      state->table[3 * i + 2] = palette[i].blue;
    }
    return;
  }
  int top = depth < 8 ? (1 << depth) - 1 : 255;
  for (int i = 0; i <= top; i++) { memset(state->table + 3 * i, i * 255 / top, 3); }
}

void codec_png_open(codec_reader *reader) {
  codec_png_state *state = &reader->png;
  state->png = png_create_read_struct_2(
    PNG_LIBPNG_VER_STRING, reader, on_error, on_warning, reader, counted_malloc, counted_free);
  if (!state->png) { codec_fail(reader, codec_too_much_memory, "a PNG decoder"); }
  state->info = png_create_info_struct(state->png);
  if (!state->info) { codec_fail(reader, codec_too_much_memory, "a PNG decoder"); }
  png_set_read_fn(state->png, reader, on_read);
  png_set_user_limits(state->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // ours counts pixels, not sides
  png_set_keep_unknown_chunks(state->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); // no text, no profiles: no bombs in them
  png_read_info(state->png, state->info);

  png_uint_32 width, height;
  int depth, colour_type;
  png_get_IHDR(state->png, state->info, &width, &height, &depth, &colour_type, NULL, NULL, NULL);
  codec_check_pixels(reader, width, height);
  fill_table(state, colour_type, depth);
  if (depth == 16) { png_set_strip_16(state->png); }
  if (depth < 8) { png_set_packing(state->png); }
  state->passes = png_set_interlace_handling(state->png);
  png_read_update_info(state->png, state->info);
  state->row_bytes = png_get_rowbytes(state->png, state->info);
  state->channels = png_get_channels(state->png, state->info);
  if (state->passes > 1) { codec_hold_whole(reader, (uint64_t)state->row_bytes * height, "an interlaced PNG"); }
}

static void read_interlaced(codec_reader *reader) {
  codec_png_state *state = &reader->png;
  state->whole = codec_allocate(reader, (uint64_t)state->row_bytes * reader->header.height, "an interlaced PNG");
  for (int pass = 0; pass < state->passes; pass++) {
    for (uint32_t y = 0; y < reader->header.height; y++) { png_read_row(state->png, state->whole + y * state->row_bytes, NULL); }
  }
}

static void start(codec_reader *reader) {
  codec_png_state *state = &reader->png;
  if (state->passes > 1) {
    read_interlaced(reader);
  } else {
    state->row = codec_allocate(reader, state->row_bytes, "PNG rows this long");
  }
}

static void expand(const codec_png_state *state, const uint8_t *in, uint32_t width, uint8_t *rgb) {
  switch (state->channels) {
  case 1:
    for (uint32_t x = 0; x < width; x++) { memcpy(rgb + 3 * x, state->table + 3 * in[x], 3); }
    return;
  case 2:
    for (uint32_t x = 0; x < width; x++) { memset(rgb + 3 * x, in[2 * x], 3); }
    return;
  case 3:
    memcpy(rgb, in, (size_t)3 * width);
    return;
  default:
    for (uint32_t x = 0; x < width; x++) { memcpy(rgb + 3 * x, in + 4 * x, 3); }
  }
}

void codec_png_next_row(codec_reader *reader, uint8_t *rgb) {
  codec_png_state *state = &reader->png;
  if (reader->next_row == 0) { start(reader); }
  if (state->passes > 1) {
    expand(state, state->whole + (size_t)reader->next_row * state->row_bytes, reader->header.width, rgb);
    return;
  }
  png_read_row(state->png, state->row, NULL);
  expand(state, state->row, reader->header.width, rgb);
}

void codec_png_close(codec_reader *reader) {
  codec_png_state *state = &reader->png;
  if (state->png) { png_destroy_read_struct(&state->png, &state->info, NULL); }
  free(state->row);
  free(state->whole);
}
