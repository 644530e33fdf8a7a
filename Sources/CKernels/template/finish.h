// What becomes of a product's tiles where they do not go to plain memory: the rows of an output, or the gradient of a segment.
// It happens out of the registers, so that a tile's writes go on beside the next tile's arithmetic and nothing is written twice.

// Of a whole product; one of output and sink is 0.
typedef struct {
  const ck_output *output;
  const ck_sink_segment *sink;
  int64_t chunk, row;                    // the product's first row in the tensor
  int first;                             // ... is the chunk's first
  const float *slopes;                   // of the product's rows, for a sink's activation; 0: none are known
  int64_t slopes_pitch;
} ck_finish;

// A tile to rows of `stride` floats, of which `columns` are left.
INLINE void ck_finish_store(const int MR, const int NV, vf acc[CK_MR_MAX][CK_NV], float *out, int64_t stride, int stream, int columns) {
  if (stream)
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) v_stream(out + r * stride + j * CK_WIDTH, acc[r][j]);
  else
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++)
        if (j * CK_WIDTH < columns) v_store_n(out + r * stride + j * CK_WIDTH, acc[r][j], columns - j * CK_WIDTH);
}

// The tile at row r0 and column `column` of the product, where `columns` are left.
INLINE void ck_finish_output(const int MR, const int NV, vf acc[CK_MR_MAX][CK_NV], const ck_finish *f, int r0, int column, int columns) {
  const ck_output *const o = f->output;
  float *const out = o->data + (f->row + r0) * o->channels + column;
  if (o->activation == CK_RELU6)
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) acc[r][j] = v_activate(acc[r][j], CK_RELU6);
  if (o->residual) {
    const float *const residual = o->residual + (f->row + r0) * o->channels + column;
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) acc[r][j] += v_load(residual + r * o->channels + j * CK_WIDTH);
  }
  ck_finish_store(MR, NV, acc, out, o->channels, o->stream, columns);
  if (!o->partials) return;
  const int first = f->first && r0 == 0;
#pragma clang loop unroll(full)
  for (int j = 0; j < NV; j++) {
    if (j * CK_WIDTH >= columns) break;
    float *const pivots = o->partials + f->chunk * 3 * o->partial_pitch + column + j * CK_WIDTH;
    float *const sums = pivots + o->partial_pitch, *const squares = sums + o->partial_pitch;
    const int left = columns - j * CK_WIDTH;
    if (first) v_store_n(pivots, acc[0][j], left);
    const vf pivot = first ? acc[0][j] : v_load(pivots);
    vf sum = {0}, square = {0};
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) {
      const vf d = acc[r][j] - pivot;
      sum += d;
      square += d * d;
    }
    v_store_n(sums, first ? sum : v_load(sums) + sum, left);
    v_store_n(squares, first ? square : v_load(squares) + square, left);
  }
}

INLINE void ck_finish_sink(const int MR, const int NV, vf acc[CK_MR_MAX][CK_NV], const ck_finish *f, int r0, int column, int columns) {
  const ck_sink_segment *const g = f->sink;
  const int64_t row = f->row + r0, stride = g->term.stride;
  float *const out = g->gradient + row * g->channels + column;
  const float *const z = g->term.data ? g->term.data + row * stride + column : 0;
  if (g->accumulate)
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) acc[r][j] += v_load(out + r * g->channels + j * CK_WIDTH);
  if (g->complete && g->term.activation == CK_SILU) {
    const float *const slopes = f->slopes + r0 * f->slopes_pitch + column;
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) acc[r][j] *= v_load(slopes + r * f->slopes_pitch + j * CK_WIDTH);
  }
  if (g->complete && g->term.activation == CK_RELU6)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) {
      const vf scale = g->term.scale ? v_load(g->term.scale + column + j * CK_WIDTH) : v_set(1.0f);
      const vf shift = g->term.scale ? v_load(g->term.shift + column + j * CK_WIDTH) : (vf){0};
#pragma clang loop unroll(full)
      for (int r = 0; r < MR; r++) acc[r][j] *= v_slope(v_load(z + r * stride + j * CK_WIDTH) * scale + shift, CK_RELU6);
    }
  ck_finish_store(MR, NV, acc, out, g->channels, g->stream, columns);
  if (!g->partials || !g->complete) return;
#pragma clang loop unroll(full)
  for (int j = 0; j < NV; j++) {
    if (j * CK_WIDTH >= columns) break;
    float *const sums = g->partials + f->chunk * 2 * g->partial_pitch + column + j * CK_WIDTH, *const products = sums + g->partial_pitch;
    const vf centre = v_load(g->centre + column + j * CK_WIDTH);
    vf sum = {0}, product = {0};
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) {
      sum += acc[r][j];
      product += acc[r][j] * (v_load(z + r * stride + j * CK_WIDTH) - centre);
    }
    v_store_n(sums, v_load(sums) + sum, columns - j * CK_WIDTH);
    v_store_n(products, v_load(products) + product, columns - j * CK_WIDTH);
  }
}

// Whether tiles can be finished out of the registers; else they are kept for ck_finish_kept.
INLINE int ck_finishes_at_once(const ck_finish *f) {
  if (f->output) return f->output->activation != CK_SILU; // whose constants would push the tile out of the registers
  return f->sink->gradient && (!f->sink->complete || f->sink->term.activation != CK_SILU || f->slopes);
}

INLINE void ck_finish_kept(const ck_finish *f, int r, int rows, int column, int columns, const float *tile, int64_t pitch) {
  const ck_block block = {f->row + r, rows, column, columns, tile, pitch};
  if (f->output) ck_store_block(f->output, f->chunk, f->first && r == 0, &block);
  else ck_sink_block(f->sink, f->chunk, &block, f->slopes ? f->slopes + r * f->slopes_pitch + column : 0, f->slopes_pitch);
}
