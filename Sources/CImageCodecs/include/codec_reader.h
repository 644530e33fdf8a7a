// Opens an image file, reports what it is, and hands over its rows as 8-bit RGB.
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
  codec_missing_library,   // text: the format's name; package: what to install
} codec_status;

typedef enum __attribute__((enum_extensibility(closed))) codec_format : int32_t {
  codec_png = 0,
  codec_jpeg,
  codec_webp,
  codec_bmp,
  codec_gif,
  codec_tiff,
  codec_heic,
  codec_avif,
} codec_format;

typedef enum __attribute__((enum_extensibility(closed))) codec_profile : int32_t {
  codec_profile_none = 0,
  codec_profile_srgb,     // within a level of sRGB: nothing to convert
  codec_profile_other,
  codec_profile_unusable, // damaged, or of other colours than the image has
} codec_profile;

typedef struct codec_report {
  codec_status status;
  int32_t system_error;   // errno
  uint32_t width, height; // as the header claims
  uint64_t needed_bytes;
  char text[200];
  char package[40];
} codec_report;

typedef struct codec_limits {
  uint64_t pixels;       // a header that claims more is refused before anything is allocated
  uint64_t memory_bytes; // for images that can only be decoded whole (interlaced PNG, progressive JPEG, WebP, GIF ...)
} codec_limits;

// How stored samples become RGB. All zero: alpha dropped, profile and orientation not even looked for, the upper 8 of 16 bits.
typedef struct codec_rules {
  bool reads_orientation; // looks for it; turning is the caller's work
  bool converts_profile;  // to sRGB, perceptual intent
  bool over_background;   // alpha composites over `background` instead of being dropped
  uint8_t background[3];
  uint8_t sample_bits;    // bits that 16-bit samples use, of which the upper 8 are kept; 0 means 16
} codec_rules;

typedef struct codec_header {
  codec_format format;
  uint32_t width, height;  // as stored
  uint8_t orientation;     // EXIF's 1 to 8; 1 unless rules.reads_orientation
  uint8_t bits;            // of a sample (of a palette's index)
  bool has_alpha;          // a channel, a transparent colour, or a frame smaller than its canvas
  codec_profile profile;   // none unless rules.converts_profile
} codec_header;

// Where the bytes of an image are: the file `path`; else `size` bytes at `memory`, which must outlive the reader; else the part
// of the open file `fd` from `offset` on, which is read without moving the file's position and stays open.
typedef struct codec_input {
  const char *path;
  const uint8_t *memory;
  int fd;
  int64_t offset, size;
} codec_input;

// Whether the file begins like an image that can be read; false for what cannot be read.
bool codec_begins_like_image(codec_input input);

typedef struct codec_reader codec_reader;

// Reads the header only. NULL on failure, with the reason in `report`. Any file is safe to name: pipes are not waited for.
codec_reader *codec_reader_open(codec_input input, codec_limits limits, codec_rules rules, codec_report *report);
void codec_reader_close(codec_reader *reader);

codec_header codec_reader_header(const codec_reader *reader);

// Bytes that are held while the image is decoded if that can only be done whole, else 0.
uint64_t codec_reader_whole_bytes(const codec_reader *reader);

// Most bytes held at one time so far. Exact for what this target allocates and for PNG; libraries' own memory is estimated.
uint64_t codec_reader_peak_bytes(const codec_reader *reader);

// The largest 16-bit colour sample among the rows read so far; 0 where samples have no 16 bits.
uint16_t codec_reader_sample_maximum(const codec_reader *reader);

// True when the file's tail shows that the image cannot be complete. Costs one small read for a sound file, and must be
// asked before the first row. False is no promise: the middle is not looked at.
bool codec_reader_looks_truncated(codec_reader *reader);

// The next row, top to bottom: rgb [width * 3]. Asking for the last row also reads the end of a PNG or JPEG, so that a file
// that lost its tail is an error even where every pixel could be guessed. To be called `height` times at most.
codec_status codec_reader_next_row(codec_reader *reader, uint8_t *rgb, codec_report *report);

#endif
