// The one tag of an EXIF block that concerns the picture.
#include <string.h>

#include "codec_internal.h"

enum { orientation_tag = 0x0112 };

typedef struct block {
  const uint8_t *bytes;
  size_t count;
  bool big_endian;
} block;

static uint32_t number(const block *it, size_t offset, int bytes) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; i++) {
    value = value << 8 | it->bytes[offset + (size_t)(it->big_endian ? i : bytes - 1 - i)];
  }
  return value;
}

uint8_t codec_exif_orientation(const uint8_t *bytes, size_t count) {
  static const uint8_t mark[] = {'E', 'x', 'i', 'f', 0, 0};
  if (count >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0) {
    bytes += sizeof mark;
    count -= sizeof mark;
  }
  if (count < 8 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0)) { return 1; }
  block it = {bytes, count, bytes[0] == 'M'};
  size_t folder = number(&it, 4, 4);
  if (folder > count || count - folder < 2) { return 1; }
  size_t entries = number(&it, folder, 2), room = (count - folder - 2) / 12;
  for (size_t i = 0; i < entries && i < room; i++) {
    size_t entry = folder + 2 + 12 * i;
    if (number(&it, entry, 2) != orientation_tag) { continue; }
    uint32_t kind = number(&it, entry + 2, 2); // 1 byte, 3 short, 4 long
    uint32_t value = kind == 3 ? number(&it, entry + 8, 2) : kind == 4 ? number(&it, entry + 8, 4) : kind == 1 ? it.bytes[entry + 8] : 0;
    return value >= 1 && value <= 8 ? (uint8_t)value : 1;
  }
  return 1;
}
