// What the files of this target share.
#ifndef CODEC_INTERNAL_H
#define CODEC_INTERNAL_H

#include <setjmp.h>
#include <stdio.h>

#include "include/CImageCodecs.h"

// A file, or a part of one, read in pieces, by hand: a mapped file would raise SIGBUS if another process shortened it. Or bytes
// in memory. Offsets count from the beginning of the image.
typedef struct codec_source {
  int fd;
  bool owns_fd;
  const uint8_t *memory; // in place of fd
  int64_t start;         // of the image in the file
  int64_t size;
  int64_t end;           // no byte from here on is the image's; a whole file may grow
  int64_t offset;        // of the byte behind the buffer
  size_t used, filled;
  bool ended;         // more was asked for than the file has
  int read_error;     // errno
  uint8_t buffer[16384];
} codec_source;

codec_status codec_source_open(codec_source *source, codec_input input, codec_report *report);
void codec_source_close(codec_source *source);
// False at the end of the file or on an error, which the fields tell apart.
bool codec_source_refill(codec_source *source);
bool codec_source_read(codec_source *source, uint8_t *bytes, size_t count);
// Moves the source; the next read begins at `offset`.
bool codec_source_seek(codec_source *source, int64_t offset);
// Reads elsewhere in the file without moving the source. The number of bytes read.
size_t codec_source_peek(const codec_source *source, int64_t offset, uint8_t *bytes, size_t count);

// Which codec the first bytes call for; codec_other_format with the name in the report, or codec_truncated.
codec_status codec_sniff(const codec_source *source, codec_format *format, codec_report *report);

bool codec_png_looks_truncated(const codec_source *source);
bool codec_jpeg_looks_truncated(const codec_source *source, int64_t scan_start);

// The orientation that an EXIF block (from its byte order mark or "Exif\0\0" on) names, 1 to 8; 1 where it names none.
uint8_t codec_exif_orientation(const uint8_t *bytes, size_t count);

// What a driver's rows hold, one byte a sample, or two (in the machine's order) where the reader is `deep`.
typedef enum codec_layout { layout_gray, layout_gray_alpha, layout_rgb, layout_rgb_alpha, layout_cmyk } codec_layout;

static inline size_t codec_channels(codec_layout layout) {
  static const uint8_t channels[] = {1, 2, 3, 4, 4};
  return channels[layout];
}

static inline bool codec_layout_has_alpha(codec_layout layout) {
  return layout == layout_gray_alpha || layout == layout_rgb_alpha;
}

// A profile's way to sRGB, shared by all readers of files with the same profile.
typedef struct codec_conversion codec_conversion;

// The conversion of `profile` for rows of `layout`, and what the profile is; NULL where nothing is to be converted.
codec_conversion *codec_conversion_get(const uint8_t *profile, size_t count, codec_layout layout, codec_profile *kind);
void codec_conversion_release(codec_conversion *conversion);
// in: `layout`, out: RGB, or RGBA where the layout has alpha. Safe on several threads at once.
void codec_convert(const codec_conversion *conversion, const uint8_t *in, uint32_t pixels, uint8_t *out);

// One format. `open` and `next_row` jump to reader->jump on failure with the report filled in; the others never jump.
typedef struct codec_driver {
  size_t state_bytes; // reader->state, zeroed
  // Reads the header: size, layout, deep, and everything else that the reader's header has.
  void (*open)(codec_reader *reader);
  // The next row in the reader's layout.
  void (*next_row)(codec_reader *reader, uint8_t *row);
  void (*close)(codec_reader *reader);
  bool (*looks_truncated)(codec_reader *reader);
} codec_driver;

extern const codec_driver codec_png_driver, codec_jpeg_driver, codec_webp_driver, codec_bmp_driver, codec_gif_driver,
  codec_tiff_driver, codec_heif_driver;

struct codec_reader {
  const codec_driver *driver;
  void *state;
  codec_header header;
  codec_limits limits;
  codec_rules rules;
  codec_report *report; // of the call under way
  codec_layout layout;
  bool deep;            // 16-bit samples
  bool premultiplied;   // colours are multiplied by alpha
  uint16_t sample_maximum;
  codec_conversion *conversion;
  uint8_t *native;      // a row as the driver makes it, where that is not RGB
  uint8_t *converted;   // [width * 4], behind a conversion
  uint32_t next_row;
  uint64_t held_bytes, peak_bytes;
  uint64_t whole_bytes; // of an image that can only be decoded whole
  jmp_buf jump;         // of the call under way
  codec_source source;
};

// A row in the reader's layout to RGB; may jump for want of memory on the first row.
void codec_finish_prepare(codec_reader *reader);
void codec_finish_row(codec_reader *reader, uint8_t *rgb);
// Whether the driver's rows are RGB already.
bool codec_needs_finish(const codec_reader *reader);

// Looks at the profile of the image if rules say so; `layout` must be known.
void codec_use_profile(codec_reader *reader, const uint8_t *profile, size_t count);
// The same for a profile that lies in the file.
void codec_use_profile_at(codec_reader *reader, int64_t offset, uint64_t count);

// Alpha that is kept: the image has it and the rules composite it.
static inline bool codec_keeps_alpha(const codec_reader *reader) {
  return reader->header.has_alpha && reader->rules.over_background;
}

_Noreturn void codec_fail(codec_reader *reader, codec_status status, const char *text);
// Notes that the image can only be decoded whole and that `bytes` are held for it; fails beyond the limit.
void codec_hold_whole(codec_reader *reader, uint64_t bytes, const char *what);

_Noreturn void codec_fail_memory(codec_reader *reader, uint64_t needed_bytes, const char *text);
// The reason of a failed read comes before the library's: it only saw bytes missing.
_Noreturn void codec_fail_reading(codec_reader *reader, codec_status status, const char *text);
// Sets the header's size; fails for one without pixels or with too many.
void codec_check_pixels(codec_reader *reader, uint32_t width, uint32_t height);
// malloc that counts, and fails through codec_fail_memory beyond the limit; `what` needs the memory.
void *codec_allocate(codec_reader *reader, uint64_t bytes, const char *what);
// Counts memory that a library holds.
void codec_count_held(codec_reader *reader, uint64_t bytes);

#endif
