// WebP through libwebp. The container is walked here, from chunk to chunk with small reads, so that a header costs little and
// of an animation only the first frame is read; that is composed on its canvas, clear around it, as browsers and Pillow do.
// libwebp decodes into a whole image only.
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "codec_internal.h"

typedef struct chunk {
  char name[4];
  int64_t data; // its offset in the file
  uint32_t size;
  int64_t next;
} chunk;

typedef struct codec_webp_state {
  bool extended, animated, found, lossless;
  int64_t end;                    // of the container, as it claims
  uint32_t canvas_width, canvas_height;
  uint32_t left, top;             // of the frame on the canvas
  uint32_t frame_width, frame_height;
  int64_t first, last;            // the frame's bytes, from the ALPH or VP8 chunk's head on
  uint8_t *input, *pixels;        // [last - first], [canvas height, width, channels]
} codec_webp_state;

static uint32_t little_endian(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  for (int i = count - 1; i >= 0; i--) { value = value << 8 | bytes[i]; }
  return value;
}

static bool is_named(const chunk *it, const char *name) { return memcmp(it->name, name, 4) == 0; }

// False where the container or the file ends.
static bool read_chunk(codec_reader *reader, int64_t offset, int64_t end, chunk *it) {
  uint8_t head[8];
  if (offset + 8 > end || codec_source_peek(&reader->source, offset, head, sizeof head) < sizeof head) { return false; }
  memcpy(it->name, head, 4);
  it->data = offset + 8;
  it->size = little_endian(head + 4, 4);
  it->next = it->data + (int64_t)it->size + (it->size & 1);
  return true;
}

static void read_features(codec_reader *reader, const chunk *it) {
  codec_webp_state *state = reader->state;
  uint8_t head[8 + 32];
  size_t count = codec_source_peek(&reader->source, it->data - 8, head, sizeof head);
  WebPBitstreamFeatures features;
  VP8StatusCode status = WebPGetFeatures(head, count, &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) { codec_fail(reader, codec_truncated, ""); }
  if (status != VP8_STATUS_OK) { codec_fail(reader, codec_corrupt, "the image's header makes no sense"); }
  state->frame_width = (uint32_t)features.width;
  state->frame_height = (uint32_t)features.height;
  state->lossless = is_named(it, "VP8L");
  if (features.has_alpha) { reader->header.has_alpha = true; }
  state->last = it->data + (int64_t)it->size;
  state->found = true;
}

// A frame's chunk: false for those that come before it or have no part in it.
static bool read_frame_chunk(codec_reader *reader, const chunk *it) {
  codec_webp_state *state = reader->state;
  if (is_named(it, "ALPH")) {
    if (state->first == 0) { state->first = it->data - 8; }
    reader->header.has_alpha = true;
    return false;
  }
  if (!is_named(it, "VP8 ") && !is_named(it, "VP8L")) { return false; }
  // What stands between the two would not be understood; only ALPH leads the image.
  if (state->first == 0) { state->first = it->data - 8; }
  read_features(reader, it);
  return true;
}

static void read_animation_frame(codec_reader *reader, const chunk *frame) {
  codec_webp_state *state = reader->state;
  uint8_t head[16];
  if (codec_source_peek(&reader->source, frame->data, head, sizeof head) < sizeof head) { codec_fail(reader, codec_truncated, ""); }
  state->left = 2 * little_endian(head, 3);
  state->top = 2 * little_endian(head + 3, 3);
  uint32_t width = little_endian(head + 6, 3) + 1, height = little_endian(head + 9, 3) + 1;
  int64_t end = frame->data + (int64_t)frame->size;
  chunk it;
  for (int64_t offset = frame->data + 16; read_chunk(reader, offset, end, &it); offset = it.next) {
    if (read_frame_chunk(reader, &it)) { break; }
  }
  if (!state->found) {
    codec_fail(reader, end > reader->source.size ? codec_truncated : codec_corrupt, "its first frame holds no image");
  }
  if (width != state->frame_width || height != state->frame_height) { codec_fail(reader, codec_corrupt, "a frame of two sizes"); }
  if (state->last > end) { codec_fail(reader, codec_corrupt, "an image beyond its frame"); }
}

static void read_extended(codec_reader *reader, const chunk *it) {
  codec_webp_state *state = reader->state;
  uint8_t head[10];
  if (it->size < sizeof head) { codec_fail(reader, codec_corrupt, "a header too short"); }
  if (codec_source_peek(&reader->source, it->data, head, sizeof head) < sizeof head) { codec_fail(reader, codec_truncated, ""); }
  state->extended = true;
  state->animated = (head[0] & 0x02) != 0;
  state->canvas_width = little_endian(head + 4, 3) + 1;
  state->canvas_height = little_endian(head + 7, 3) + 1;
}

static void read_orientation(codec_reader *reader, const chunk *it) {
  if (!reader->rules.reads_orientation || it->size > 1 << 24) { return; }
  uint8_t *bytes = malloc(it->size ? it->size : 1);
  if (!bytes) { return; }
  size_t count = codec_source_peek(&reader->source, it->data, bytes, it->size);
  reader->header.orientation = codec_exif_orientation(bytes, count);
  free(bytes);
}

// The size of the canvas, and that the frame lies on it.
static void place_frame(codec_reader *reader) {
  codec_webp_state *state = reader->state;
  if (!state->extended) {
    state->canvas_width = state->frame_width;
    state->canvas_height = state->frame_height;
  }
  codec_check_pixels(reader, state->canvas_width, state->canvas_height);
  if ((uint64_t)state->left + state->frame_width > state->canvas_width ||
      (uint64_t)state->top + state->frame_height > state->canvas_height) {
    codec_fail(reader, codec_corrupt, "a frame beyond its canvas");
  }
  bool covers = state->frame_width == state->canvas_width && state->frame_height == state->canvas_height;
  if (!covers && !state->animated) { codec_fail(reader, codec_corrupt, "an image of two sizes"); }
  if (!covers) { reader->header.has_alpha = true; }
}

static void open_webp(codec_reader *reader) {
  codec_webp_state *state = reader->state;
  int64_t size = reader->source.size;
  state->end = 8 + (int64_t)little_endian(reader->source.buffer + 4, 4);
  int64_t end = state->end < size ? state->end : size;
  chunk it, profile = {.size = 0}, exif = {.size = 0};
  for (int64_t offset = 12; read_chunk(reader, offset, end, &it); offset = it.next) {
    if (is_named(&it, "VP8X") && offset == 12) { read_extended(reader, &it); }
    if (is_named(&it, "ICCP") && profile.size == 0) { profile = it; }
    if (is_named(&it, "EXIF") && exif.size == 0) { exif = it; }
    if (state->found) { continue; }
    if (state->animated) {
      if (is_named(&it, "ANMF")) { read_animation_frame(reader, &it); }
    } else if (read_frame_chunk(reader, &it) && !state->extended) {
      break; // nothing else may follow
    }
  }
  if (!state->found) { codec_fail(reader, state->end > size ? codec_truncated : codec_corrupt, "it holds no image"); }
  place_frame(reader);
  reader->header.bits = 8;
  reader->layout = codec_keeps_alpha(reader) ? layout_rgb_alpha : layout_rgb;
  if (exif.size > 0) { read_orientation(reader, &exif); }
  if (profile.size > 0) { codec_use_profile_at(reader, profile.data, profile.size); }
  uint64_t pixels = (uint64_t)state->canvas_width * state->canvas_height;
  uint64_t bytes = pixels * codec_channels(reader->layout) + (uint64_t)(state->last - state->first);
  codec_hold_whole(reader, bytes + (state->lossless ? 4 * pixels : 0), "a WebP image");
}

static void decode(codec_reader *reader) {
  codec_webp_state *state = reader->state;
  size_t count = (size_t)(state->last - state->first);
  if (state->last > reader->source.size) { codec_fail(reader, codec_truncated, ""); }
  state->input = codec_allocate(reader, count, "a WebP image");
  if (!codec_source_seek(&reader->source, state->first) || !codec_source_read(&reader->source, state->input, count)) {
    codec_fail_reading(reader, codec_truncated, "");
  }
  size_t channels = codec_channels(reader->layout), stride = (size_t)state->canvas_width * channels;
  size_t size = stride * state->canvas_height;
  state->pixels = codec_allocate(reader, size, "a WebP image");
  if (state->lossless) { codec_count_held(reader, 4 * (uint64_t)state->canvas_width * state->canvas_height); }
  memset(state->pixels, 0, size);
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) { codec_fail(reader, codec_unsupported, "libwebp is of another version than it was built for"); }
  size_t start = state->top * stride + state->left * channels;
  config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = state->pixels + start;
  config.output.u.RGBA.stride = (int)stride;
  config.output.u.RGBA.size = size - start;
  VP8StatusCode status = WebPDecode(state->input, count, &config);
  WebPFreeDecBuffer(&config.output);
  free(state->input);
  state->input = NULL;
  switch (status) {
  case VP8_STATUS_OK: return;
  case VP8_STATUS_OUT_OF_MEMORY: codec_fail_memory(reader, reader->whole_bytes, "a WebP image");
  case VP8_STATUS_UNSUPPORTED_FEATURE: codec_fail(reader, codec_unsupported, "a feature of WebP that libwebp does not know");
  case VP8_STATUS_NOT_ENOUGH_DATA: codec_fail(reader, codec_truncated, "");
  default: codec_fail(reader, codec_corrupt, "the image's data makes no sense");
  }
}

static void next_row(codec_reader *reader, uint8_t *row) {
  codec_webp_state *state = reader->state;
  if (reader->next_row == 0) { decode(reader); }
  size_t bytes = (size_t)state->canvas_width * codec_channels(reader->layout);
  memcpy(row, state->pixels + reader->next_row * bytes, bytes);
}

static void close_webp(codec_reader *reader) {
  codec_webp_state *state = reader->state;
  free(state->input);
  free(state->pixels);
}

static bool looks_truncated(codec_reader *reader) {
  const codec_webp_state *state = reader->state;
  return state->end > reader->source.size || state->last > reader->source.size;
}

const codec_driver codec_webp_driver = {sizeof(codec_webp_state), open_webp, next_row, close_webp, looks_truncated};
