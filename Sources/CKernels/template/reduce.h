// A parameter's gradient from the chunks' partials. Runs follow the axis that is contiguous in the partials; each element is
// the sum of its chunks in order, however the runs fall. Where the gradient's layout is another one, a run's elements go to
// as many cache lines, which the following runs fill while they are still near.

enum { CK_RUN = 4 * CK_WIDTH };

// sums[i] = sum over chunks of partial[i * stride], i < n <= CK_RUN.
INLINE void ck_reduce_run(const ck_reduce *p, const float *partial, int64_t stride, int n, float *sums) {
  if (stride != 1) {
    for (int i = 0; i < n; i++) {
      float sum = 0;
      for (int k = 0; k < p->chunks; k++) sum += partial[i * stride + k * p->pitch];
      sums[i] = sum;
    }
  } else if (n == CK_RUN) {
    vf sum[4] = {{0}};
    for (int k = 0; k < p->chunks; k++)
      for (int j = 0; j < 4; j++) sum[j] += v_load(partial + k * p->pitch + j * CK_WIDTH);
    for (int j = 0; j < 4; j++) v_store(sums + j * CK_WIDTH, sum[j]);
  } else {
    for (int i = 0; i < n; i += CK_WIDTH) {
      vf sum = {0};
      for (int k = 0; k < p->chunks; k++) sum += v_load(partial + k * p->pitch + i);
      v_store(sums + i, sum);
    }
  }
}

INLINE void ck_reduce_store(const ck_reduce *p, float *gradient, int64_t stride, int n, const float *sums) {
  if (stride == 1)
    for (int i = 0; i < n; i += CK_WIDTH) {
      const vf sum = v_load(sums + i);
      v_store_n(gradient + i, p->accumulate ? v_load(gradient + i) + sum : sum, n - i);
    }
  else
    for (int i = 0; i < n; i++) gradient[i * stride] = p->accumulate ? gradient[i * stride] + sums[i] : sums[i];
}

// Outer rows begin ..< end: along `run` (an axis with its length and strides in partial and gradient) and over `other`.
typedef struct {
  int count;
  int64_t partial, gradient;
} ck_reduce_axis;

static void ck_reduce_chunk(const ck_reduce *p, int64_t chunk) {
  const int64_t begin = chunk * p->outer_per_chunk, end = ck_smaller(begin + p->outer_per_chunk, p->outer);
  const ck_reduce_axis outer = {(int)(end - begin), p->partial_outer, p->outer_stride};
  const ck_reduce_axis inner = {p->inner, p->partial_inner, p->inner_stride};
  const int along_outer = p->partial_inner != 1 && p->partial_outer == 1;
  const ck_reduce_axis run = along_outer ? outer : inner, other = along_outer ? inner : outer;
  const float *const partials = p->partials + begin * p->partial_outer;
  float *const gradient = p->gradient + begin * p->outer_stride;
  float sums[CK_RUN];
  for (int i = 0; i < run.count; i += CK_RUN) {
    const int n = (int)ck_smaller(CK_RUN, run.count - i);
    for (int j = 0; j < other.count; j++)
      for (int t = 0; t < p->taps; t++) {
        const int64_t from = i * run.partial + j * other.partial + t / 3 * p->partial_line + t % 3 * p->partial_tap;
        ck_reduce_run(p, partials + from, run.partial, n, sums);
        ck_reduce_store(p, gradient + i * run.gradient + j * other.gradient + t, run.gradient, n, sums);
      }
  }
}
