// What the two files that read TIFF share.
#ifndef TIFF_INTERNAL_H
#define TIFF_INTERNAL_H

#include <tiffio.h>

#include "codec_internal.h"

typedef struct codec_tiff_state {
  TIFF *tiff;
  int64_t position;       // in the file
  char words[160];        // libtiff's first complaint
  uint16_t bits, samples, photometric, compression;
  uint16_t planes;        // 1 where the samples of a pixel lie side by side
  bool whole_by_library;  // libtiff converts the whole image
  uint8_t palette[256 * 3];
  size_t row_bytes;       // of a stored row of one plane, or of one tile
  size_t tile_bytes;
  uint32_t tile_width, tile_height, tiles_across; // tile_width 0 for strips
  uint8_t *stored;        // the rows under work: one row, all planes, or a row of tiles of each plane
  uint32_t *whole;        // [height, width] ABGR, if whole_by_library
} codec_tiff_state;

// Decides how rows are read, and what memory that takes.
void codec_tiff_plan(codec_reader *reader);
void codec_tiff_next_row(codec_reader *reader, uint8_t *row);
_Noreturn void codec_tiff_fail(codec_reader *reader, const char *otherwise);

#endif
