// What the files of this target share.
#ifndef CODEC_INTERNAL_H
#define CODEC_INTERNAL_H

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>

#include "include/CImageCodecs.h"

// A file read in pieces, by hand: a mapped file would raise SIGBUS if another process shortened it.
typedef struct codec_source {
  int fd;
  int64_t size;
  int64_t offset;     // of the byte behind the buffer
  size_t used, filled;
  bool ended;         // more was asked for than the file has
  int read_error;     // errno
  uint8_t buffer[16384];
} codec_source;

codec_status codec_source_open(codec_source *source, const char *path, codec_report *report);
void codec_source_close(codec_source *source);
// False at the end of the file or on an error, which the fields tell apart.
bool codec_source_refill(codec_source *source);
bool codec_source_read(codec_source *source, uint8_t *bytes, size_t count);
// Reads elsewhere in the file without moving the source. The number of bytes read.
size_t codec_source_peek(const codec_source *source, int64_t offset, uint8_t *bytes, size_t count);

// Which codec the first bytes call for; codec_other_format with the name in the report, or codec_truncated.
codec_status codec_sniff(const codec_source *source, codec_format *format, codec_report *report);

bool codec_png_looks_truncated(const codec_source *source);
bool codec_jpeg_looks_truncated(const codec_source *source, int64_t scan_start);

typedef struct codec_png_state {
  png_structp png;
  png_infop info;
  uint8_t *row;           // [row_bytes]
  uint8_t *whole;         // [height, row_bytes], interlaced images only
  size_t row_bytes;
  int channels;           // bytes a pixel: 1 (through the table), 2 grey and alpha, 3, 4
  int passes;             // 7 of interlaced images, else 1
  bool refused_memory;
  uint8_t table[256 * 3]; // grey level or palette index -> RGB
} codec_png_state;

typedef struct codec_jpeg_state {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr manager;
  struct jpeg_progress_mgr progress;
  bool created, started;
  uint8_t *row; // [width * components], where those are not RGB
} codec_jpeg_state;

struct codec_reader {
  codec_header header;
  codec_limits limits;
  codec_report *report; // of the call under way
  uint32_t next_row;
  uint64_t held_bytes, peak_bytes;
  uint64_t whole_bytes; // of an image that can only be decoded whole
  jmp_buf jump;         // of the call under way
  union {
    codec_png_state png;
    codec_jpeg_state jpeg;
  };
  codec_source source;
};

// All of these jump to reader->jump on failure, with the report filled in.
void codec_png_open(codec_reader *reader);
void codec_png_next_row(codec_reader *reader, uint8_t *rgb);
void codec_jpeg_open(codec_reader *reader);
void codec_jpeg_next_row(codec_reader *reader, uint8_t *rgb);
// These never jump.
void codec_png_close(codec_reader *reader);
void codec_jpeg_close(codec_reader *reader);

_Noreturn void codec_fail(codec_reader *reader, codec_status status, const char *text);
// Notes that the image can only be decoded whole and that `bytes` are held for it; fails beyond the limit.
void codec_hold_whole(codec_reader *reader, uint64_t bytes, const char *what);

_Noreturn void codec_fail_memory(codec_reader *reader, uint64_t needed_bytes, const char *text);
// The reason of a failed read comes before the library's: it only saw bytes missing.
_Noreturn void codec_fail_reading(codec_reader *reader, codec_status status, const char *text);
void codec_check_pixels(codec_reader *reader, uint32_t width, uint32_t height);
// malloc that counts, and fails through codec_fail_memory beyond the limit; `what` needs the memory.
void *codec_allocate(codec_reader *reader, uint64_t bytes, const char *what);

#endif
