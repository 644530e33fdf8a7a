// PNG through libpng's row interface. gAMA and cHRM are ignored, as Pillow ignores them. Without rules alpha and tRNS are
// dropped and 16-bit samples keep their high byte: Pillow's convert("RGB"), except that Pillow clips 16-bit grey at 255.
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "codec_internal.h"

typedef struct codec_png_state {
  png_structp png;
  png_infop info;
  uint8_t *row;           // [row_bytes], where pixels go through the table
  uint8_t *whole;         // [height, row_bytes], interlaced images only
  size_t row_bytes;
  bool has_table;
  int passes;             // 7 of interlaced images, else 1
  bool refused_memory;
  uint8_t table[256 * 3]; // palette index -> RGB, or level of few bits -> gray
} codec_png_state;

// Every block starts with its size, so that freeing can be counted too; 16 bytes keep the alignment.
enum { block_head = 16 };

static png_voidp counted_malloc(png_structp png, png_alloc_size_t size) {
  codec_reader *reader = png_get_mem_ptr(png);
  uint64_t held = reader->held_bytes + size;
  uint8_t *block = held <= reader->limits.memory_bytes ? malloc(size + block_head) : NULL;
  if (!block) {
    ((codec_png_state *)reader->state)->refused_memory = true;
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
  if (((codec_png_state *)reader->state)->refused_memory) { codec_fail(reader, codec_too_much_memory, "PNG rows this long"); }
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

static void fill_palette(codec_png_state *state) {
  // An index beyond the palette is black, as the table starts out.
  png_colorp palette = NULL;
  int count = 0;
  png_get_PLTE(state->png, state->info, &palette, &count);
  for (int i = 0; i < count && i < 256; i++) {
    state->table[3 * i] = palette[i].red;
    state->table[3 * i + 1] = palette[i].green;
    state->table[3 * i + 2] = palette[i].blue;
  }
}

static void fill_levels(codec_png_state *state, int depth) {
  int top = (1 << depth) - 1;
  for (int i = 0; i <= top; i++) { state->table[i] = (uint8_t)(i * 255 / top); }
}

// The chunk may also lie behind the image data, where it would only be seen when the rows are gone. The file's tail is
// searched for one from which whole chunks lead to the end of the file.
static uint8_t orientation_in_tail(const codec_source *source) {
  enum { tail_bytes = 65536 };
  uint8_t *tail = malloc(tail_bytes);
  if (!tail) { return 1; }
  int64_t start = source->size > tail_bytes ? source->size - tail_bytes : 0;
  size_t count = codec_source_peek(source, start, tail, tail_bytes);
  uint8_t orientation = 1;
  for (size_t i = 4; i + 8 <= count && orientation == 1; i++) {
    if (memcmp(tail + i, "eXIf", 4) != 0) { continue; }
    size_t place = i - 4;
    while (place + 12 <= count) {
      size_t length = (size_t)tail[place] << 24 | (size_t)tail[place + 1] << 16 | (size_t)tail[place + 2] << 8 | tail[place + 3];
      if (length > count - place - 12) { break; }
      place += 12 + length;
    }
    if (place != count) { continue; }
    size_t length = (size_t)tail[i - 2] << 8 | tail[i - 1]; // the upper bytes are 0: it lies within the tail
    orientation = codec_exif_orientation(tail + i + 4, length);
  }
  free(tail);
  return orientation;
}

static void read_orientation(codec_reader *reader) {
  codec_png_state *state = reader->state;
  png_uint_32 count = 0;
  png_bytep exif = NULL;
  if (png_get_eXIf_1(state->png, state->info, &count, &exif) != 0) {
    reader->header.orientation = codec_exif_orientation(exif, count);
  } else {
    static const uint8_t end[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};
    uint8_t before[sizeof end];
    // Nothing to look for in a torn file, whose decoding fails.
    if (reader->source.size > (int64_t)sizeof end &&
        codec_source_peek(&reader->source, reader->source.size - (int64_t)sizeof end, before, sizeof end) == sizeof end &&
        memcmp(before, end, sizeof end) == 0) {
      reader->header.orientation = orientation_in_tail(&reader->source);
    }
  }
}

static void read_profile(codec_reader *reader) {
  codec_png_state *state = reader->state;
  png_charp name;
  png_bytep profile;
  png_uint_32 count;
  int method;
  if (png_get_iCCP(state->png, state->info, &name, &method, &profile, &count) != 0) { codec_use_profile(reader, profile, count); }
}

static void create(codec_reader *reader) {
  codec_png_state *state = reader->state;
  state->png = png_create_read_struct_2(
    PNG_LIBPNG_VER_STRING, reader, on_error, on_warning, reader, counted_malloc, counted_free);
  if (!state->png) { codec_fail(reader, codec_too_much_memory, "a PNG decoder"); }
  state->info = png_create_info_struct(state->png);
  if (!state->info) { codec_fail(reader, codec_too_much_memory, "a PNG decoder"); }
  png_set_read_fn(state->png, reader, on_read);
  png_set_user_limits(state->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // ours counts pixels, not sides
  // No text: no bombs in it. A profile grows to what user_chunk_malloc_max allows, 8 MB, when it is unpacked.
  png_set_keep_unknown_chunks(state->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  if (reader->rules.reads_orientation) {
    png_set_keep_unknown_chunks(state->png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep)"eXIf", 1);
  }
  if (reader->rules.converts_profile) {
    png_set_keep_unknown_chunks(state->png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep)"iCCP", 1);
  }
}

// How the rows come: through our table, or as libpng expands them where transparency is kept.
static void choose_layout(codec_reader *reader, int depth, int colour_type) {
  codec_png_state *state = reader->state;
  bool alpha = codec_keeps_alpha(reader);
  bool gray = colour_type == PNG_COLOR_TYPE_GRAY || colour_type == PNG_COLOR_TYPE_GRAY_ALPHA;
  if (alpha && (colour_type & PNG_COLOR_MASK_ALPHA) == 0) {
    png_set_expand(state->png);
  } else if (colour_type == PNG_COLOR_TYPE_PALETTE || depth < 8) {
    state->has_table = true;
    if (depth < 8) { png_set_packing(state->png); }
    if (gray) {
      fill_levels(state, depth);
    } else {
      fill_palette(state);
    }
  } else if (!alpha && (colour_type & PNG_COLOR_MASK_ALPHA) != 0) {
    png_set_strip_alpha(state->png);
  }
  if (depth == 16) {
    reader->deep = true;
    uint16_t one = 1;
    if (*(const uint8_t *)&one == 1) { png_set_swap(state->png); }
  }
  reader->layout = gray ? (alpha ? layout_gray_alpha : layout_gray) : (alpha ? layout_rgb_alpha : layout_rgb);
}

static void open_png(codec_reader *reader) {
  codec_png_state *state = reader->state;
  create(reader);
  png_read_info(state->png, state->info);
  png_uint_32 width, height;
  int depth, colour_type;
  png_get_IHDR(state->png, state->info, &width, &height, &depth, &colour_type, NULL, NULL, NULL);
  codec_check_pixels(reader, width, height);
  reader->header.bits = (uint8_t)depth;
  reader->header.has_alpha =
    (colour_type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(state->png, state->info, PNG_INFO_tRNS) != 0;
  choose_layout(reader, depth, colour_type);
  state->passes = png_set_interlace_handling(state->png);
  png_read_update_info(state->png, state->info);
  state->row_bytes = png_get_rowbytes(state->png, state->info);
  if (reader->rules.reads_orientation) { read_orientation(reader); }
  if (reader->rules.converts_profile) { read_profile(reader); }
  if (state->passes > 1) { codec_hold_whole(reader, (uint64_t)state->row_bytes * height, "an interlaced PNG"); }
}

static void read_interlaced(codec_reader *reader) {
  codec_png_state *state = reader->state;
  state->whole = codec_allocate(reader, (uint64_t)state->row_bytes * reader->header.height, "an interlaced PNG");
  for (int pass = 0; pass < state->passes; pass++) {
    for (uint32_t y = 0; y < reader->header.height; y++) { png_read_row(state->png, state->whole + y * state->row_bytes, NULL); }
  }
}

static void look_up(const codec_reader *reader, const uint8_t *in, uint8_t *out) {
  const codec_png_state *state = reader->state;
  if (reader->layout == layout_gray) {
    for (uint32_t x = 0; x < reader->header.width; x++) { out[x] = state->table[in[x]]; }
    return;
  }
  for (uint32_t x = 0; x < reader->header.width; x++) { memcpy(out + 3 * x, state->table + 3 * in[x], 3); }
}

static void next_row(codec_reader *reader, uint8_t *out) {
  codec_png_state *state = reader->state;
  if (reader->next_row == 0) {
    if (state->passes > 1) { read_interlaced(reader); }
    if (state->passes == 1 && state->has_table) { state->row = codec_allocate(reader, state->row_bytes, "PNG rows this long"); }
  }
  const uint8_t *row = state->passes > 1 ? state->whole + (size_t)reader->next_row * state->row_bytes : state->row;
  if (state->passes == 1) { png_read_row(state->png, state->has_table ? state->row : out, NULL); }
  if (state->has_table) {
    look_up(reader, row, out);
  } else if (state->passes > 1) {
    memcpy(out, row, state->row_bytes);
  }
}

static void close_png(codec_reader *reader) {
  codec_png_state *state = reader->state;
  if (state->png) { png_destroy_read_struct(&state->png, &state->info, NULL); }
  free(state->row);
  free(state->whole);
}

static bool looks_truncated(codec_reader *reader) { return codec_png_looks_truncated(&reader->source); }

const codec_driver codec_png_driver = {sizeof(codec_png_state), open_png, next_row, close_png, looks_truncated};
