// HEIC and AVIF through libheif, loaded when the first such file is opened: the library and its codecs are large, and most
// folders hold none of these. What is declared here is the part of its C interface that has not changed since version 1.6.
// libheif turns and mirrors the picture itself, as the file's own boxes say, so the EXIF orientation has no part in it.
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codec_internal.h"

typedef struct heif_error {
  int code, subcode;
  const char *message;
} heif_error;

enum { error_ok = 0, error_unsupported_feature = 4 }; // heif_error_code
enum { colorspace_rgb = 1, chroma_rgb = 10, chroma_rgba = 11, channel_interleaved = 10 };
enum { compression_hevc = 1, compression_av1 = 4 };
enum { size_reached = 0, size_beyond_end = 2 }; // heif_reader_grow_status

typedef struct heif_reader {
  int version;
  int64_t (*get_position)(void *data);
  int (*read)(void *bytes, size_t count, void *data); // 0: done
  int (*seek)(int64_t position, void *data);
  int (*wait_for_file_size)(int64_t size, void *data);
} heif_reader;

// The beginning of heif_decoding_options, which the library allocates.
typedef struct heif_options {
  uint8_t version, ignore_transformations;
  void *progress[4];
  uint8_t convert_hdr_to_8bit; // from version 2 on
} heif_options;

#define FUNCTIONS(with) \
  with(void *, context_alloc, (void)) \
  with(void, context_free, (void *)) \
  with(heif_error, context_read_from_reader, (void *, const heif_reader *, void *, const void *)) \
  with(heif_error, context_get_primary_image_handle, (void *, void **)) \
  with(void, image_handle_release, (const void *)) \
  with(int, image_handle_get_width, (const void *)) \
  with(int, image_handle_get_height, (const void *)) \
  with(int, image_handle_has_alpha_channel, (const void *)) \
  with(int, image_handle_get_luma_bits_per_pixel, (const void *)) \
  with(size_t, image_handle_get_raw_color_profile_size, (const void *)) \
  with(heif_error, image_handle_get_raw_color_profile, (const void *, void *)) \
  with(heif_options *, decoding_options_alloc, (void)) \
  with(void, decoding_options_free, (heif_options *)) \
  with(heif_error, decode_image, (const void *, void **, int, int, const heif_options *)) \
  with(void, image_release, (const void *)) \
  with(int, image_get_width, (const void *, int)) \
  with(int, image_get_height, (const void *, int)) \
  with(const uint8_t *, image_get_plane_readonly, (const void *, int, int *)) \
  with(int, have_decoder_for_format, (int))

#define MEMBER(result, name, arguments) result(*name) arguments;
static struct {
  void *library;
  FUNCTIONS(MEMBER)
  int (*image_handle_is_premultiplied_alpha)(const void *); // newer than the others; NULL where it is missing
} heif;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// Whether the library is there; a missing one is looked for again with the next file.
static bool load(void) {
  pthread_mutex_lock(&lock);
  if (!heif.library) {
    void *library = dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);
    bool whole = library != NULL;
#define FIND(result, name, arguments) \
  if (whole) { whole = (heif.name = (result(*) arguments)dlsym(library, "heif_" #name)) != NULL; }
    FUNCTIONS(FIND)
    if (whole) {
      heif.image_handle_is_premultiplied_alpha = (int (*)(const void *))dlsym(library, "heif_image_handle_is_premultiplied_alpha");
      // Newer versions load their codecs by this; a failure shows as a missing decoder.
      heif_error (*start)(void *) = (heif_error(*)(void *))dlsym(library, "heif_init");
      if (start) { (void)start(NULL); }
      heif.library = library; // never unloaded: its codecs may leave threads behind
    } else if (library) {
      dlclose(library);
    }
  }
  bool found = heif.library != NULL;
  pthread_mutex_unlock(&lock);
  return found;
}

typedef struct codec_heif_state {
  void *context, *handle, *image;
  heif_reader reader;
  int64_t position;
  const uint8_t *pixels;
  int stride;
  uint32_t width, height; // of the decoded image
} codec_heif_state;

static int64_t on_position(void *data) { return ((codec_heif_state *)((codec_reader *)data)->state)->position; }

static int on_read(void *bytes, size_t count, void *data) {
  codec_reader *reader = data;
  codec_heif_state *state = reader->state;
  size_t got = codec_source_peek(&reader->source, state->position, bytes, count);
  state->position += (int64_t)got;
  if (got < count) { reader->source.ended = true; }
  return got < count;
}

static int on_seek(int64_t position, void *data) {
  codec_reader *reader = data;
  if (position < 0 || position > reader->source.size) { return 1; }
  ((codec_heif_state *)reader->state)->position = position;
  return 0;
}

static int on_wait(int64_t size, void *data) {
  codec_reader *reader = data;
  if (size <= reader->source.size) { return size_reached; }
  reader->source.ended = true;
  return size_beyond_end;
}

static _Noreturn void fail_missing(codec_reader *reader, const char *package) {
  snprintf(reader->report->package, sizeof reader->report->package, "%s", package);
  codec_fail(reader, codec_missing_library, reader->header.format == codec_avif ? "AVIF" : "HEIC");
}

static void check(codec_reader *reader, heif_error error) {
  if (error.code == error_ok) { return; }
  codec_status status = error.code == error_unsupported_feature ? codec_unsupported : codec_corrupt;
  codec_fail_reading(reader, status, error.message ? error.message : "the decoder gives no reason");
}

static void read_profile(codec_reader *reader) {
  codec_heif_state *state = reader->state;
  if (!reader->rules.converts_profile) { return; }
  size_t count = heif.image_handle_get_raw_color_profile_size(state->handle);
  uint8_t *profile = count > 0 && count <= 16 << 20 ? malloc(count) : NULL;
  if (!profile) { return; }
  if (heif.image_handle_get_raw_color_profile(state->handle, profile).code == error_ok) {
    codec_use_profile(reader, profile, count);
  } else {
    reader->header.profile = codec_profile_unusable;
  }
  free(profile);
}

static void open_heif(codec_reader *reader) {
  codec_heif_state *state = reader->state;
  bool avif = reader->header.format == codec_avif;
  if (!load()) { fail_missing(reader, "libheif1"); }
  if (!heif.have_decoder_for_format(avif ? compression_av1 : compression_hevc)) {
    fail_missing(reader, avif ? "libheif-plugin-dav1d" : "libheif-plugin-libde265");
  }
  state->context = heif.context_alloc();
  if (!state->context) { codec_fail_memory(reader, reader->held_bytes, "a HEIF decoder"); }
  state->reader = (heif_reader){1, on_position, on_read, on_seek, on_wait};
  check(reader, heif.context_read_from_reader(state->context, &state->reader, reader, NULL));
  check(reader, heif.context_get_primary_image_handle(state->context, &state->handle));
  int width = heif.image_handle_get_width(state->handle), height = heif.image_handle_get_height(state->handle);
  if (width < 0 || height < 0) { codec_fail(reader, codec_corrupt, "a size that makes no sense"); }
  codec_check_pixels(reader, (uint32_t)width, (uint32_t)height);
  int bits = heif.image_handle_get_luma_bits_per_pixel(state->handle);
  reader->header.bits = (uint8_t)(bits > 0 && bits <= 16 ? bits : 8);
  reader->header.has_alpha = heif.image_handle_has_alpha_channel(state->handle) != 0;
  bool premultiplied = reader->header.has_alpha && heif.image_handle_is_premultiplied_alpha &&
                       heif.image_handle_is_premultiplied_alpha(state->handle) != 0;
  reader->premultiplied = premultiplied;
  reader->layout = codec_keeps_alpha(reader) || premultiplied ? layout_rgb_alpha : layout_rgb;
  read_profile(reader);
  // Planes of the codec, of the turned picture and of the result; libheif does not say what it takes.
  uint64_t pixel_bytes = (bits > 8 ? 6 : 3) + codec_channels(reader->layout);
  codec_hold_whole(reader, pixel_bytes * reader->header.width * reader->header.height, "a HEIC or AVIF image");
}

static void decode(codec_reader *reader) {
  codec_heif_state *state = reader->state;
  codec_count_held(reader, reader->whole_bytes);
  heif_options *options = heif.decoding_options_alloc();
  if (!options) { codec_fail_memory(reader, reader->held_bytes, "a HEIF decoder"); }
  if (options->version >= 2) { options->convert_hdr_to_8bit = 1; }
  int chroma = reader->layout == layout_rgb ? chroma_rgb : chroma_rgba;
  heif_error error = heif.decode_image(state->handle, &state->image, colorspace_rgb, chroma, options);
  heif.decoding_options_free(options);
  check(reader, error);
  state->pixels = heif.image_get_plane_readonly(state->image, channel_interleaved, &state->stride);
  int width = heif.image_get_width(state->image, channel_interleaved), height = heif.image_get_height(state->image, channel_interleaved);
  size_t row = (size_t)reader->header.width * codec_channels(reader->layout);
  if (!state->pixels || width != (int)reader->header.width || height != (int)reader->header.height || (size_t)state->stride < row) {
    codec_fail(reader, codec_corrupt, "an image of another size than the header says");
  }
}

static void next_row(codec_reader *reader, uint8_t *row) {
  codec_heif_state *state = reader->state;
  if (!state->image) { decode(reader); }
  size_t bytes = (size_t)reader->header.width * codec_channels(reader->layout);
  memcpy(row, state->pixels + (size_t)reader->next_row * (size_t)state->stride, bytes);
}

static void close_heif(codec_reader *reader) {
  codec_heif_state *state = reader->state;
  if (state->image) { heif.image_release(state->image); }
  if (state->handle) { heif.image_handle_release(state->handle); }
  if (state->context) { heif.context_free(state->context); }
}

// Walks the outermost boxes, of which there are a handful.
static bool looks_truncated(codec_reader *reader) {
  uint8_t head[16];
  for (int64_t offset = 0; offset < reader->source.size;) {
    size_t count = codec_source_peek(&reader->source, offset, head, sizeof head);
    if (count < 8) { return true; }
    uint64_t size = 0;
    for (int i = 0; i < 4; i++) { size = size << 8 | head[i]; }
    if (size == 0) { return false; } // up to the end
    if (size == 1) { // a longer number follows the name
      size = 0;
      for (int i = 8; i < 16; i++) { size = size << 8 | head[i]; }
    }
    if (size < 8 || size > (uint64_t)(reader->source.size - offset)) { return true; }
    offset += (int64_t)size;
  }
  return false;
}

const codec_driver codec_heif_driver = {sizeof(codec_heif_state), open_heif, next_row, close_heif, looks_truncated};
