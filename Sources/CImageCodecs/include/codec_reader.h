// Opens an image file, tells what it is, and hands over its rows as 8-bit RGB.
#ifndef CODEC_READER_H
#define CODEC_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What went wrong; `codec_report` carries the particulars named behind each case.
typedef enum __attribute__((enum_extensibility(closed))) codec_status : int32_t {
  codec_ok = 0,
  codec_cannot_open,       // system_error
  codec_not_a_file,        // a folder, pipe, device or socket
  codec_cannot_read,       // system_error
  codec_empty,             // no bytes at all
  codec_other_format,      // text: its name
  codec_too_many_pixels,   // width, height
  codec_too_much_memory,   // needed_bytes; text: what for
  codec_truncated,         // the file ends before the image does
  codec_corrupt,           // text: the library's reason
  codec_unsupported,       // text: what is not supported
} codec_status;

typedef enum __attribute__((enum_extensibility(closed))) codec_format : int32_t {
  codec_png = 0,
  codec_jpeg = 1,
} codec_format;

typedef struct codec_report {
  codec_status status;
  int32_t system_error;   // errno
  uint32_t width, height; // as the header claims
  uint64_t needed_bytes;
  char text[200];
} codec_report;

typedef struct codec_limits {
  uint64_t pixels;       // a header that claims more is refused before anything is allocated
  uint64_t memory_bytes; // for images that can only be decoded whole (interlaced PNG, progressive JPEG)
} codec_limits;

typedef struct codec_header {
  codec_format format;
  uint32_t width, height;
} codec_header;

// Whether the file begins like a PNG or JPEG; false for what cannot be read.
bool codec_begins_like_image(const char *path);

typedef struct codec_reader codec_reader;

// Reads the header only. NULL on failure, with the reason in `report`. Any file is safe to name: pipes are not waited for.
codec_reader *codec_reader_open(const char *path, codec_limits limits, codec_report *report);
void codec_reader_close(codec_reader *reader);

codec_header codec_reader_header(const codec_reader *reader);

// Bytes that are held while the image is decoded if that can only be done whole (interlaced PNG, progressive JPEG), else 0.
uint64_t codec_reader_whole_bytes(const codec_reader *reader);

// Most bytes held at one time so far: exact for PNG; for JPEG the codec's coefficient store and our row.
uint64_t codec_reader_peak_bytes(const codec_reader *reader);

// True when the file's tail shows that the image cannot be complete. Costs one small read for a sound file, and must be
// asked before the first row. False is no promise: the middle is not looked at.
bool codec_reader_looks_truncated(codec_reader *reader);

// The next row, top to bottom: rgb [width * 3]. Asking for the last row also reads the file's end, so that a file that
// lost its tail is an error even where every pixel could be guessed. To be called `height` times at most.
codec_status codec_reader_next_row(codec_reader *reader, uint8_t *rgb, codec_report *report);

#endif
