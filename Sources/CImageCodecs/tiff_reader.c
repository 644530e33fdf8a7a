// TIFF through libtiff, the first picture of the file. Gray, palette, RGB and CMYK of 1 to 16 bits are read row by row (or
// tile row by tile row) and unpacked in tiff_unpack.c; YCbCr that is not JPEG is left to libtiff's own whole-image reader.
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tiff_internal.h"

// What libtiff may take at once however little an image may: its own tables have to fit, or a sound file seems damaged.
enum { least_memory = 8 << 20 };

// libtiff's error handlers are global; each message names the file it is of by its handle, which is our reader.
static void on_error(thandle_t handle, const char *module, const char *format, va_list arguments) {
  (void)module;
  codec_reader *reader = handle;
  if (!reader) { return; } // of no file in particular
  codec_tiff_state *state = reader->state;
  if (state->words[0] == 0) { vsnprintf(state->words, sizeof state->words, format, arguments); } // the first is the cause
}

static void set_handlers(void) {
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
  TIFFSetErrorHandlerExt(on_error);
}

static tmsize_t on_read(thandle_t handle, void *bytes, tmsize_t count) {
  codec_reader *reader = handle;
  codec_tiff_state *state = reader->state;
  size_t got = codec_source_peek(&reader->source, state->position, bytes, (size_t)count);
  if (got < (size_t)count) { reader->source.ended = true; }
  state->position += (int64_t)got;
  return (tmsize_t)got;
}

static tmsize_t on_write(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle, (void)bytes, (void)count;
  return 0;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int from) {
  codec_reader *reader = handle;
  codec_tiff_state *state = reader->state;
  int64_t base = from == SEEK_CUR ? state->position : from == SEEK_END ? reader->source.size : 0;
  if (__builtin_add_overflow(base, (int64_t)offset, &base) || base < 0) { return (toff_t)-1; }
  return (toff_t)(state->position = base);
}

static int on_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t on_size(thandle_t handle) { return (toff_t)((codec_reader *)handle)->source.size; }

_Noreturn void codec_tiff_fail(codec_reader *reader, const char *otherwise) {
  codec_tiff_state *state = reader->state;
  codec_fail_reading(reader, codec_corrupt, state->words[0] ? state->words : otherwise);
}

static TIFF *open_library(codec_reader *reader) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, set_handlers);
#if TIFFLIB_VERSION >= 20221213
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) { codec_fail_memory(reader, reader->held_bytes, "a TIFF decoder"); }
  uint64_t most = reader->limits.memory_bytes < INT64_MAX ? reader->limits.memory_bytes : INT64_MAX;
  if (most < least_memory) { most = least_memory; }
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
  TIFF *tiff = TIFFClientOpenExt("", "rm", reader, on_read, on_write, on_seek, on_close, on_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
#else
  return TIFFClientOpen("", "rm", reader, on_read, on_write, on_seek, on_close, on_size, NULL, NULL);
#endif
}

static uint16_t field(codec_tiff_state *state, uint32_t tag) {
  uint16_t value = 0;
  return TIFFGetFieldDefaulted(state->tiff, tag, &value) ? value : 0;
}

// A camera's raw file is a TIFF whose first picture is a thumbnail.
static void refuse_raw(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  uint32_t kind = 0;
  uint16_t count = 0;
  const void *value = NULL;
  bool reduced = TIFFGetField(state->tiff, TIFFTAG_SUBFILETYPE, &kind) && (kind & FILETYPE_REDUCEDIMAGE) != 0;
  bool hidden = TIFFGetField(state->tiff, TIFFTAG_SUBIFD, &count, &value) && count > 0;
  if (reduced && hidden) { codec_fail(reader, codec_unsupported, "a camera's raw file"); }
}

static void read_alpha(codec_reader *reader, uint16_t colours) {
  codec_tiff_state *state = reader->state;
  uint16_t count = 0;
  const uint16_t *kinds = NULL;
  if (state->samples <= colours || !TIFFGetFieldDefaulted(state->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) || count == 0) { return; }
  if (kinds[0] == EXTRASAMPLE_UNSPECIFIED) { return; }
  reader->header.has_alpha = colours != 4; // CMYK with alpha is taken without
  reader->premultiplied = reader->header.has_alpha && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
}

static void choose_layout(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  uint16_t colours = 1;
  reader->layout = layout_gray;
  switch (state->photometric) {
  case PHOTOMETRIC_MINISWHITE:
  case PHOTOMETRIC_MINISBLACK: break;
  case PHOTOMETRIC_PALETTE: reader->layout = layout_rgb; break;
  case PHOTOMETRIC_RGB: colours = 3; reader->layout = layout_rgb; break;
  case PHOTOMETRIC_SEPARATED: colours = 4; reader->layout = layout_cmyk; break;
  case PHOTOMETRIC_YCBCR:
    colours = 3;
    reader->layout = layout_rgb;
    if (state->compression == COMPRESSION_JPEG && state->planes == 1 && state->samples == 3) {
      TIFFSetField(state->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    } else {
      state->whole_by_library = true;
    }
    break;
  default: codec_fail(reader, codec_unsupported, "a TIFF of colours other than gray, RGB, CMYK or YCbCr");
  }
  if (state->samples < colours) { codec_fail(reader, codec_corrupt, "fewer samples than colours"); }
  if (state->whole_by_library) { return; }
  if (state->photometric == PHOTOMETRIC_SEPARATED && field(state, TIFFTAG_INKSET) != INKSET_CMYK) {
    codec_fail(reader, codec_unsupported, "a TIFF of other inks than CMYK");
  }
  read_alpha(reader, colours);
  // Premultiplied colours need their alpha, whatever becomes of it.
  if (reader->header.has_alpha && (reader->rules.over_background || reader->premultiplied)) {
    reader->layout = colours == 1 && reader->layout == layout_gray ? layout_gray_alpha : layout_rgb_alpha;
  }
}

static void check_samples(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  uint16_t format = field(state, TIFFTAG_SAMPLEFORMAT);
  if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID) {
    codec_fail(reader, codec_unsupported, "a TIFF of signed or floating-point samples");
  }
  if (state->bits == 0 || state->bits > 16) { codec_fail(reader, codec_unsupported, "a TIFF of more than 16 bits a sample"); }
  if (state->photometric == PHOTOMETRIC_PALETTE && state->bits > 8) {
    codec_fail(reader, codec_unsupported, "a TIFF with a palette of more than 256 colours");
  }
  if (!TIFFIsCODECConfigured(state->compression)) {
    codec_fail(reader, codec_unsupported, "a TIFF compressed in a way that libtiff was built without");
  }
}

static void read_palette(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  const uint16_t *maps[3] = {NULL, NULL, NULL};
  if (!TIFFGetField(state->tiff, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2])) { codec_tiff_fail(reader, "no palette"); }
  for (int i = 0; i < 1 << state->bits; i++) {
    for (int c = 0; c < 3; c++) { state->palette[3 * i + c] = (uint8_t)(maps[c][i] >> 8); }
  }
}

static void read_profile(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  uint32_t count = 0;
  const uint8_t *profile = NULL;
  if (TIFFGetField(state->tiff, TIFFTAG_ICCPROFILE, &count, &profile)) { codec_use_profile(reader, profile, count); }
}

static void open_tiff(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  state->tiff = open_library(reader);
  if (!state->tiff) { codec_tiff_fail(reader, "the header makes no sense"); }
  reader->source.ended = false; // libtiff may look beyond the end for things that it can do without
  uint32_t width = 0, height = 0;
  if (!TIFFGetField(state->tiff, TIFFTAG_IMAGEWIDTH, &width) || !TIFFGetField(state->tiff, TIFFTAG_IMAGELENGTH, &height)) {
    codec_tiff_fail(reader, "it has no size");
  }
  codec_check_pixels(reader, width, height);
  refuse_raw(reader);
  state->bits = field(state, TIFFTAG_BITSPERSAMPLE);
  state->samples = field(state, TIFFTAG_SAMPLESPERPIXEL);
  state->planes = field(state, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE && state->samples > 1 ? state->samples : 1;
  state->compression = field(state, TIFFTAG_COMPRESSION);
  if (!TIFFGetField(state->tiff, TIFFTAG_PHOTOMETRIC, &state->photometric)) { state->photometric = PHOTOMETRIC_MINISBLACK; }
  check_samples(reader);
  reader->header.bits = (uint8_t)state->bits;
  choose_layout(reader);
  reader->deep = state->bits == 16 && !state->whole_by_library;
  if (state->photometric == PHOTOMETRIC_PALETTE) { read_palette(reader); }
  uint16_t orientation = field(state, TIFFTAG_ORIENTATION);
  if (reader->rules.reads_orientation && orientation >= 1 && orientation <= 8) { reader->header.orientation = (uint8_t)orientation; }
  read_profile(reader);
  codec_tiff_plan(reader);
}

static void close_tiff(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  if (state->tiff) { TIFFClose(state->tiff); }
  free(state->stored);
  free(state->whole);
}

// Whether any strip or tile claims bytes beyond the file.
static bool looks_truncated(codec_reader *reader) {
  codec_tiff_state *state = reader->state;
  uint32_t count = TIFFIsTiled(state->tiff) ? TIFFNumberOfTiles(state->tiff) : TIFFNumberOfStrips(state->tiff);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t offset = TIFFGetStrileOffset(state->tiff, i), bytes = TIFFGetStrileByteCount(state->tiff, i);
    if (offset > (uint64_t)reader->source.size || bytes > (uint64_t)reader->source.size - offset) { return true; }
  }
  return false;
}

const codec_driver codec_tiff_driver = {sizeof(codec_tiff_state), open_tiff, codec_tiff_next_row, close_tiff, looks_truncated};
