// JPEG through libjpeg's scanline interface with its exact integer transform and smooth chroma, as Pillow decodes.
// CMYK is read as Adobe writes it, inverted.
#include <stdlib.h>
#include <string.h>

#include "codec_internal.h"

#include <jpeglib.h>

#include <jerror.h>

typedef struct codec_jpeg_state {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr manager;
  struct jpeg_progress_mgr progress;
  bool created, opened, started, bad_profile;
} codec_jpeg_state;

// A progressive file can ask for a pass over the whole image with every few bytes; honest ones have about ten.
enum { most_scans = 500 };
// Segments that are kept for their profile and orientation come before the image; honest ones have at most a few MB.
enum { most_before_image = 64 << 20 };

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
  case JWRN_BOGUS_ICC: ((codec_jpeg_state *)reader_of(info)->state)->bad_profile = true; return;
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
  if (!((codec_jpeg_state *)reader->state)->opened && reader->source.offset > most_before_image) {
    codec_fail(reader, codec_unsupported, "a JPEG with more than 64 MB before its image");
  }
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
  codec_jpeg_state *state = reader->state;
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

static void keep_segments(codec_reader *reader) {
  struct jpeg_decompress_struct *info = &((codec_jpeg_state *)reader->state)->info;
  if (reader->rules.reads_orientation) { jpeg_save_markers(info, JPEG_APP0 + 1, 0xFFFF); }
  if (reader->rules.converts_profile) { jpeg_save_markers(info, JPEG_APP0 + 2, 0xFFFF); }
}

static void read_segments(codec_reader *reader) {
  codec_jpeg_state *state = reader->state;
  for (jpeg_saved_marker_ptr it = state->info.marker_list; it; it = it->next) {
    if (it->marker == JPEG_APP0 + 1 && it->data_length > 6 && memcmp(it->data, "Exif\0\0", 6) == 0) {
      reader->header.orientation = codec_exif_orientation(it->data, it->data_length);
      break;
    }
  }
  if (!reader->rules.converts_profile) { return; }
  JOCTET *profile = NULL;
  unsigned int count = 0;
  if (jpeg_read_icc_profile(&state->info, &profile, &count)) {
    codec_use_profile(reader, profile, count);
    free(profile);
  } else if (state->bad_profile) {
    reader->header.profile = codec_profile_unusable;
  }
}

static void open_jpeg(codec_reader *reader) {
  create(reader);
  codec_jpeg_state *state = reader->state;
  struct jpeg_decompress_struct *info = &state->info;
  keep_segments(reader);
  jpeg_read_header(info, TRUE);
  state->opened = true;
  codec_check_pixels(reader, info->image_width, info->image_height);
  switch (info->num_components) {
  case 1: info->out_color_space = JCS_GRAYSCALE; reader->layout = layout_gray; break;
  case 3: info->out_color_space = JCS_RGB; reader->layout = layout_rgb; break;
  case 4: info->out_color_space = JCS_CMYK; reader->layout = layout_cmyk; break;
  default: codec_fail(reader, codec_unsupported, "a JPEG with 2 colour components");
  }
  reader->header.bits = 8;
  info->dct_method = JDCT_ISLOW;
  info->do_fancy_upsampling = TRUE;
  read_segments(reader);
  if (jpeg_has_multiple_scans(info)) { codec_hold_whole(reader, coefficient_bytes(info), "a progressive JPEG"); }
}

static void start(codec_reader *reader) {
  codec_jpeg_state *state = reader->state;
  struct jpeg_decompress_struct *info = &state->info;
  if (jpeg_has_multiple_scans(info)) { codec_count_held(reader, reader->whole_bytes); }
  jpeg_start_decompress(info);
  state->started = true;
}

static void next_row(codec_reader *reader, uint8_t *out) {
  codec_jpeg_state *state = reader->state;
  struct jpeg_decompress_struct *info = &state->info;
  if (!state->started) { start(reader); }
  JSAMPROW row = out;
  if (jpeg_read_scanlines(info, &row, 1) != 1) { codec_fail(reader, codec_corrupt, "no row came out of the decoder"); }
  if (reader->layout == layout_cmyk) {
    for (size_t i = 0; i < (size_t)info->image_width * 4; i++) { out[i] = (uint8_t)(255 - out[i]); }
  }
  if (info->output_scanline == info->output_height) { jpeg_finish_decompress(info); } // demands the end marker
}

static void close_jpeg(codec_reader *reader) {
  codec_jpeg_state *state = reader->state;
  if (state->created) { jpeg_destroy_decompress(&state->info); }
}

static bool looks_truncated(codec_reader *reader) {
  int64_t unread = (int64_t)((codec_jpeg_state *)reader->state)->manager.bytes_in_buffer;
  return codec_jpeg_looks_truncated(&reader->source, reader->source.offset - unread);
}

const codec_driver codec_jpeg_driver = {sizeof(codec_jpeg_state), open_jpeg, next_row, close_jpeg, looks_truncated};
