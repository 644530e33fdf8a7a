// GIF through giflib, record by record up to the first frame, which is composed on its canvas as Pillow does: around it is
// the transparent index where the frame has one, else index 0.
#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

#include "codec_internal.h"

typedef struct codec_gif_state {
  GifFileType *gif;
  int transparent; // index, or -1
  uint8_t *canvas; // [height, width] indices
} codec_gif_state;

static int on_read(GifFileType *gif, GifByteType *bytes, int count) {
  codec_reader *reader = gif->UserData;
  return codec_source_read(&reader->source, bytes, (size_t)count) ? count : 0;
}

static _Noreturn void fail(codec_reader *reader, int error) {
  if (error == D_GIF_ERR_NOT_ENOUGH_MEM) { codec_fail_memory(reader, reader->whole_bytes, "a GIF image"); }
  const char *words = GifErrorString(error);
  codec_fail_reading(reader, codec_corrupt, words ? words : "the decoder gives no reason");
}

static void read_extension(codec_reader *reader) {
  codec_gif_state *state = reader->state;
  int code = 0;
  GifByteType *block = NULL;
  if (DGifGetExtension(state->gif, &code, &block) == GIF_ERROR) { fail(reader, state->gif->Error); }
  while (block) {
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      state->transparent = control.TransparentColor;
    }
    if (DGifGetExtensionNext(state->gif, &block) == GIF_ERROR) { fail(reader, state->gif->Error); }
  }
}

static void find_frame(codec_reader *reader) {
  codec_gif_state *state = reader->state;
  for (;;) {
    GifRecordType kind;
    if (DGifGetRecordType(state->gif, &kind) == GIF_ERROR) { fail(reader, state->gif->Error); }
    switch (kind) {
    case EXTENSION_RECORD_TYPE: read_extension(reader); break;
    case IMAGE_DESC_RECORD_TYPE:
      if (DGifGetImageDesc(state->gif) == GIF_ERROR) { fail(reader, state->gif->Error); }
      return;
    default: codec_fail(reader, codec_corrupt, "it holds no image");
    }
  }
}

static uint32_t larger(int a, int b) { return (uint32_t)(a > b ? a : b); }

static void open_gif(codec_reader *reader) {
  codec_gif_state *state = reader->state;
  int error = 0;
  state->transparent = -1;
  reader->source.used = 0; // the signature is giflib's to read
  state->gif = DGifOpen(reader, on_read, &error);
  if (!state->gif) { fail(reader, error); }
  find_frame(reader);
  const GifImageDesc *frame = &state->gif->Image;
  if (frame->Width <= 0 || frame->Height <= 0) { codec_fail(reader, codec_corrupt, "a frame without pixels"); }
  codec_check_pixels(
    reader, larger(state->gif->SWidth, frame->Left + frame->Width), larger(state->gif->SHeight, frame->Top + frame->Height));
  reader->header.bits = 8;
  reader->header.has_alpha = state->transparent >= 0;
  reader->layout = codec_keeps_alpha(reader) ? layout_rgb_alpha : layout_rgb;
  codec_hold_whole(reader, (uint64_t)reader->header.width * reader->header.height, "a GIF image");
}

static void decode(codec_reader *reader) {
  static const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
  codec_gif_state *state = reader->state;
  const GifImageDesc *frame = &state->gif->Image;
  size_t width = reader->header.width, size = width * reader->header.height;
  state->canvas = codec_allocate(reader, size, "a GIF image");
  memset(state->canvas, state->transparent >= 0 ? state->transparent : 0, size);
  for (int pass = 0; pass < (frame->Interlace ? 4 : 1); pass++) {
    int start = frame->Interlace ? starts[pass] : 0, step = frame->Interlace ? steps[pass] : 1;
    for (int y = start; y < frame->Height; y += step) {
      uint8_t *line = state->canvas + (size_t)(frame->Top + y) * width + (size_t)frame->Left;
      if (DGifGetLine(state->gif, line, frame->Width) == GIF_ERROR) { fail(reader, state->gif->Error); }
    }
  }
}

static void next_row(codec_reader *reader, uint8_t *row) {
  codec_gif_state *state = reader->state;
  if (reader->next_row == 0) { decode(reader); }
  const ColorMapObject *map = state->gif->Image.ColorMap ? state->gif->Image.ColorMap : state->gif->SColorMap;
  const uint8_t *in = state->canvas + (size_t)reader->next_row * reader->header.width;
  bool alpha = reader->layout == layout_rgb_alpha;
  for (uint32_t x = 0; x < reader->header.width; x++) {
    uint8_t index = in[x];
    // Without a map an index is a level of gray; one beyond its map is black.
    GifColorType colour = {index, index, index};
    if (map) { colour = index < map->ColorCount ? map->Colors[index] : (GifColorType){0, 0, 0}; }
    *row++ = colour.Red;
    *row++ = colour.Green;
    *row++ = colour.Blue;
    if (alpha) { *row++ = index == state->transparent ? 0 : 255; }
  }
}

static void close_gif(codec_reader *reader) {
  codec_gif_state *state = reader->state;
  int error = 0; // of closing a file of ours, which closes nothing: nothing depends on it
  if (state->gif) { DGifCloseFile(state->gif, &error); }
  free(state->canvas);
}

// The frame may be whole although the animation is not.
static bool looks_truncated(codec_reader *reader) {
  uint8_t last = 0;
  return codec_source_peek(&reader->source, reader->source.size - 1, &last, 1) != 1 || last != 0x3B;
}

const codec_driver codec_gif_driver = {sizeof(codec_gif_state), open_gif, next_row, close_gif, looks_truncated};
