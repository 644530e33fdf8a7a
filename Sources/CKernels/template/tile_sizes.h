// How a product is cut: columns into panels of vectors, a panel into register tiles.

// The widest panel in vectors, and how many rows go with a panel of each width: as many accumulators as registers allow.
#if CK_WIDTH == 16 || CK_REGISTERS == 32
enum { CK_NV = 4, CK_MR1 = 12, CK_MR2 = 12, CK_MR3 = 8, CK_MR4 = 6, CK_MR_MAX = 12 };
#else
enum { CK_NV = 2, CK_MR1 = 6, CK_MR2 = 6, CK_MR3 = 0, CK_MR4 = 0, CK_MR_MAX = 6 };
#endif

// Three half vectors take the place of two whole ones that they would fill by three quarters: 24 columns of 32. They go by
// themselves, because in one loop with whole vectors they take as long as those. That saves the padding where half a vector
// takes half the time: on Zen 4, where it was measured, and wherever there is one 512-bit multiplier; with two there is
// nothing to save.
#if defined(CK_AVX512)
#define CK_USES_HALVES 1
#else
#define CK_USES_HALVES 0
#endif
enum { CK_HALF_VECTORS = 3, CK_MR_HALVES = 8 };
INLINE int ck_takes_halves(int width, int columns) { return CK_USES_HALVES && width == 2 && 2 * columns <= CK_HALF_VECTORS * CK_WIDTH; }

// Rows of the tiles in a panel of so many vectors, of which `columns` are used.
INLINE int ck_tile_rows(int width, int columns) {
  if (ck_takes_halves(width, columns)) return CK_MR_HALVES;
  return width == 1 ? CK_MR1 : width == 2 ? CK_MR2 : width == 3 ? CK_MR3 : CK_MR4;
}

// `vectors` are cut into panels as even as can be, the wider ones first: panel i's width.
INLINE int ck_panels(int vectors) { return (vectors + CK_NV - 1) / CK_NV; }
INLINE int ck_panel_width(int vectors, int i) {
  const int panels = ck_panels(vectors);
  return vectors / panels + (i < vectors % panels ? 1 : 0);
}
INLINE int ck_vectors(int columns) { return (int)(ck_padded(columns) / CK_WIDTH); }
