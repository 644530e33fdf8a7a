// JPEG through libjpeg's scanline interface with its exact integer transform and smooth chroma, as Pillow decodes.
// The EXIF orientation is not applied (nor does Pillow's `open`), CMYK is read as Adobe writes it, inverted.
#include <stdlib.h>
#include <string.h>

#include "codec_internal.h"

#include <jerror.h>

// A progressive file can ask for a pass over the whole image with every few bytes; honest ones have about ten.
enum { most_scans = 500 };

static codec_reader *reader_of(j_common_ptr info) { return info->client_data; }

static _Noreturn void fail_with_message(j_common_ptr info) {
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  codec_status status = codec_corrupt;
  switch (info->err->msg_code) {
  case JERR_OUT_OF_MEMORY:
  case JERR_NO_BACKING_STORE:
    codec_fail(reader_of(info), codec_too_much_memory, "a JPEG decoder");
  case JERR_BAD_PRECISION:
  case JERR_SOF_UNSUPPORTED:
  case JERR_ARITH_NOTIMPL:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_COMPONENT_COUNT:
    status = codec_unsupported;
  default:
    break;
  }
  codec_fail_reading(reader_of(info), status, text);
}

// libjpeg goes on after these with grey or garbled blocks; an image that is not what the file meant is an error here.
// Its other warnings (stray bytes between segments, odd version numbers) leave the pixels whole.
static void on_message(j_common_ptr info, int level) {
  if (level >= 0) { return; }
  switch (info->err->msg_code) {
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC:
    fail_with_message(info);
  default:
    return;
  }
}

static void on_start(j_decompress_ptr info) { (void)info; }

static boolean on_refill(j_decompress_ptr info) {
  codec_reader *reader = reader_of((j_common_ptr)info);
  // Feeding an invented end marker, as libjpeg's own sources do, would turn a torn file into grey blocks.
  if (!codec_source_refill(&reader->source)) { codec_fail_reading(reader, codec_truncated, ""); }
  info->src->next_input_byte = reader->source.buffer;
  info->src->bytes_in_buffer = reader->source.filled;
  return TRUE;
}

static void on_skip(j_decompress_ptr info, long count) {
  while (count > (long)info->src->bytes_in_buffer) {
    count -= (long)info->src->bytes_in_buffer;
    on_refill(info);
  }
  if (count <= 0) { return; }
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= (size_t)count;
}

static void on_progress(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number > most_scans) {
    codec_fail(reader_of(info), codec_unsupported, "a JPEG with more than 500 scans");
  }
}

static void create(codec_reader *reader) {
  codec_jpeg_state *state = &reader->jpeg;
  struct jpeg_decompress_struct *info = &state->info;
  info->err = jpeg_std_error(&state->errors);
  state->errors.error_exit = fail_with_message;
  state->errors.emit_message = on_message;
  info->client_data = reader;
  state->created = true;
  jpeg_create_decompress(info);
  info->mem->max_memory_to_use = (long)(reader->limits.memory_bytes < INT64_MAX ? reader->limits.memory_bytes : INT64_MAX);
  info->progress = &state->progress;
  state->progress.progress_monitor = on_progress;
  info->src = &state->manager;
  state->manager.init_source = on_start;
  state->manager.fill_input_buffer = on_refill;
  state->manager.skip_input_data = on_skip;
  state->manager.resync_to_restart = jpeg_resync_to_restart;
  state->manager.term_source = on_start;
  state->manager.next_input_byte = reader->source.buffer;
  state->manager.bytes_in_buffer = reader->source.filled;
}

// Coefficients of the whole image, which files in several scans need before the first row is known.
static uint64_t coefficient_bytes(const struct jpeg_decompress_struct *info) {
  uint64_t blocks = 0;
  for (int i = 0; i < info->num_components; i++) {
    const jpeg_component_info *component = &info->comp_info[i];
    blocks += (uint64_t)component->width_in_blocks * component->height_in_blocks;
  }
  return blocks * sizeof(JBLOCK);
}

void codec_jpeg_open(codec_reader *reader) {
  create(reader);
  struct jpeg_decompress_struct *info = &reader->jpeg.info;
  jpeg_read_header(info, TRUE);
  codec_check_pixels(reader, info->image_width, info->image_height);
  switch (info->num_components) {
  case 1: info->out_color_space = JCS_GRAYSCALE; break;
  case 3: info->out_color_space = JCS_RGB; break;
  case 4: info->out_color_space = JCS_CMYK; break;
  default: codec_fail(reader, codec_unsupported, "a JPEG with 2 colour components");
  }
  info->dct_method = JDCT_ISLOW;
  info->do_fancy_upsampling = TRUE;
  if (jpeg_has_multiple_scans(info)) { codec_hold_whole(reader, coefficient_bytes(info), "a progressive JPEG"); }
}

static void start(codec_reader *reader) {
  codec_jpeg_state *state = &reader->jpeg;
  struct jpeg_decompress_struct *info = &state->info;
  if (jpeg_has_multiple_scans(info)) {
    reader->held_bytes += reader->whole_bytes;
    if (reader->held_bytes > reader->peak_bytes) { reader->peak_bytes = reader->held_bytes; }
  }
  if (info->num_components != 3) {
    state->row = codec_allocate(reader, (uint64_t)info->image_width * (uint64_t)info->num_components, "JPEG rows this long");
  }
  jpeg_start_decompress(info);
  state->started = true;
}

// a * b / 255, rounded.
static uint8_t scaled(uint32_t a, uint32_t b) {
  uint32_t product = a * b + 128;
  return (uint8_t)((product + (product >> 8)) >> 8);
}

static void expand(const uint8_t *in, int components, uint32_t width, uint8_t *rgb) {
  if (components == 1) {
    for (uint32_t x = 0; x < width; x++) { memset(rgb + 3 * x, in[x], 3); }
    return;
  }
  for (uint32_t x = 0; x < width; x++) {
    uint32_t light = in[4 * x + 3]; // inverted black
    for (int c = 0; c < 3; c++) { rgb[3 * x + c] = (uint8_t)(light - scaled(255u - in[4 * x + c], light)); }
  }
}

void codec_jpeg_next_row(codec_reader *reader, uint8_t *rgb) {
  codec_jpeg_state *state = &reader->jpeg;
  struct jpeg_decompress_struct *info = &state->info;
  if (!state->started) { start(reader); }
  JSAMPROW row = state->row ? state->row : rgb;
  if (jpeg_read_scanlines(info, &row, 1) != 1) { codec_fail(reader, codec_corrupt, "no row came out of the decoder"); }
  if (state->row) { expand(state->row, info->num_components, info->image_width, rgb); }
  if (info->output_scanline == info->output_height) { jpeg_finish_decompress(info); } // demands the end marker
}

void codec_jpeg_close(codec_reader *reader) {
  codec_jpeg_state *state = &reader->jpeg;
  if (state->created) { jpeg_destroy_decompress(&state->info); }
  free(state->row);
}
