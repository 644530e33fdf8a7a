// The engine's loops. One text (template/*.h) is compiled for each instruction set and chosen at run time.
//
// Conventions, for every function:
// - Activations are float32 NHWC: a matrix of rows (n, y, x) by channels. `stride` and `pitch` count floats.
// - Every buffer may be read (not written) up to CK_PADDING floats past its end, whatever stands there; per-channel
//   arrays likewise. Scratch pitches are multiples of CK_PADDING.
// - A kernel works on one chunk. Chunk bounds follow from the problem alone, so that sums do not depend on the number of
//   threads; what a chunk sums over images goes to its own slot of a `partials` array and is combined in chunk order.
// - `scratch` belongs to the calling worker; each *_scratch function tells how many floats its kernel wants.
#pragma once
#include <stdint.h>

#define CK_PADDING 16

enum { CK_LINEAR = 0, CK_SILU = 1, CK_RELU6 = 2 };

// A stored raw tensor as its readers see it: activation(scale * z + shift), applied as the rows are loaded.
typedef struct {
  const float *data;          // [rows][stride]; 0: no term
  int64_t stride;
  const float *scale, *shift; // [channels]; 0: none
  int32_t activation;
} ck_term;

// Some channels of a source: one term, or the sum of two (a residual), which a first reader may also store.
typedef struct {
  ck_term term, residual;
  float *sum;                 // [rows][channels] where the sum goes for later readers; 0: nowhere
  int32_t channels;
} ck_segment;

// What a kernel reads: channel segments side by side (a concatenation is two), then an optional layer norm of the row.
typedef struct {
  ck_segment segments[2];
  int32_t count;
  int32_t channels;           // of all segments
  const float *norm_scale, *norm_shift; // layer norm's weight and bias [channels]; 0: no layer norm
  float norm_epsilon;
} ck_source;

// dz = a * g + b * z + c per channel: the gradient of a raw output from the gradient g of its batch norm's output.
typedef struct {
  const float *gradient;      // [rows][channels]
  const float *raw;           // z, [rows][channels]; 0: dz = g
  const float *a, *b, *c;     // [channels]
  int32_t channels;
} ck_upstream;

// Where the gradient of one segment goes.
typedef struct {
  float *gradient;            // [rows][channels]; 0: not wanted
  int32_t channels;
  int32_t accumulate;         // add to what is there (an earlier reader's share)
  int32_t stream;             // write past the caches: whole vectors a row, on their boundaries, and not `accumulate`
  int32_t complete;           // the last share: apply the activation's derivative, gather the sums (never before)
  ck_term term;               // what the gradient is taken through on completion
  const float *centre;        // [channels] the batch mean of term.data
  float *partials;            // [chunks][2][pitch] sum(dy), sum(dy * (z - centre)); 0: no batch norm
  int64_t partial_pitch;
} ck_sink_segment;

typedef struct {
  ck_sink_segment segments[2];
  int32_t count;
  int32_t channels;
  // Layer norm between the source's single, linear segment and the kernel: its input is segments[0].term.
  const float *norm_scale;
  float norm_epsilon;
  float *norm_partials;       // [chunks][2][pitch] gradients of weight and bias
  int64_t norm_pitch;
} ck_sink;

// What a forward kernel does to its product before it is stored: activation(product + bias) + residual.
typedef struct {
  float *data;                // [rows][channels]
  int32_t channels;
  const float *bias;          // [channels]; 0: none
  int32_t activation;
  const float *residual;      // [rows][channels]; 0: none
  int32_t stream;             // write past the caches: whole vectors a row, on their boundaries
  float *partials;            // [chunks][3][pitch] pivot, sum(z - pivot), sum((z - pivot)^2); 0: none
  int64_t partial_pitch;
} ck_output;

// Rows cut into chunks and a chunk into blocks that stay in cache.
typedef struct {
  int64_t rows;
  int64_t rows_per_chunk;
  int32_t rows_per_block;
} ck_rows;

// Images cut into bands of output rows; a backward kernel takes the input rows stride * begin ..< stride * end of a band. A
// chunk takes some bands in turn.
typedef struct {
  int32_t images, height, width;         // of the input
  int32_t output_height, output_width;
  int32_t stride;                        // 1 or 2; kernels are 3x3 with padding 1
  int32_t rows_per_band, bands_per_image, bands_per_chunk;
} ck_bands;

// Weights as a matrix, packed in panels of columns for the product kernels. From [out][in][3][3]: depth in, 9 taps at offset t,
// depth_stride 9, column_stride 9 * in; rotated: depth out, columns in, 9 taps at offset 8 - t, depth_stride 9 * in,
// column_stride 9.
typedef struct {
  const float *weights;
  int32_t depth;                         // K
  int32_t columns;                       // N
  int64_t depth_stride, column_stride;   // of `weights`: element (k, n) of tap t at k*ds + n*cs + tap_offsets[t]
  int32_t taps;                          // depth slices one below the other; 1 for a matrix
  int64_t tap_offsets[9];
  const float *column_scale;             // [columns] folded batch norm; 0: none
  float *packed;                         // packed_size(depth * taps, columns) floats
} ck_pack;

// z = source W, rows by rows: a 1x1 convolution or a linear layer.
typedef struct {
  ck_rows rows;
  ck_source source;
  const float *packed;                   // [source.channels] x [output.channels]
  ck_output output;
} ck_pointwise_forward;

typedef struct {
  ck_rows rows;
  ck_source source;                      // to form the weight gradient
  ck_upstream upstream;
  const float *packed;                   // [upstream.channels] x [source.channels]; unused without a sink
  ck_sink sink;                          // count 0: no data gradient
  float *weight_partials;                // [chunks][out][in]; 0: no weight gradient
  int64_t weight_pitch;                  // floats from chunk to chunk
  float *bias_partials;                  // [chunks][pitch]; 0: none
  int64_t bias_pitch;
} ck_pointwise_backward;

// Dense 3x3.
typedef struct {
  ck_bands bands;
  ck_source source;
  const float *packed;                   // taps (ky), depth 3 (kx) * channels
  ck_output output;
} ck_dense_forward;

typedef struct {
  ck_bands bands;
  ck_source source;
  ck_upstream upstream;
  const float *packed;                   // rotated: taps (ky), depth 3 (kx) * upstream.channels, columns source.channels
  ck_sink sink;
  // Stride 1: [chunks][i][in][j][out] with kernel row 2 - i and column 2 - j; stride 2: [chunks][out][ky][kx][in]; 0: no weight
  // gradient.
  float *weight_partials;
  int64_t weight_pitch;
} ck_dense_backward;

// Depthwise 3x3. Weights [9][pitch], see ck_pack_depthwise.
typedef struct {
  ck_bands bands;
  ck_source source;
  const float *packed;
  ck_output output;
} ck_depthwise_forward;

typedef struct {
  ck_bands bands;
  ck_source source;
  ck_upstream upstream;
  const float *packed;
  ck_sink sink;
  float *weight_partials;                // [chunks][9][pitch]; 0: no weight gradient
  int64_t weight_pitch;
} ck_depthwise_backward;

// Batch norm between the kernels, in three moves, so that a sum over several machines can stand between the first two:
// chunk statistics -> totals -> (here) -> scale and shift, or the coefficients of dz. Totals are doubles.
typedef struct {
  int32_t channels, chunks;
  const float *partials;                 // [chunks][3][pitch] as in ck_output
  int64_t partial_pitch;
  const int64_t *counts;                 // [chunks] rows of each chunk
  double *totals;                        // [2][channels] mean, sum of squared deviations
} ck_moments;

typedef struct {
  int32_t channels, chunks;
  const float *partials;                 // [chunks][2][pitch] as in ck_sink_segment
  int64_t partial_pitch;
  double *totals;                        // [2][channels]
} ck_sums;

typedef struct {
  int32_t channels;
  const double *totals;                  // of ck_moments; 0: take the running statistics
  int64_t rows;                          // of the whole batch
  const float *weight, *bias;
  float epsilon, momentum;               // running = (1 - momentum) * running + momentum * batch
  int32_t unbiased;                      // running variance divides by n - 1 (PyTorch) or by n (Paddle)
  float *mean, *inverse_deviation, *scale, *shift;
  float *running_mean, *running_variance; // updated when there are totals
} ck_batch_norm_forward;

typedef struct {
  int32_t channels;
  const double *totals;                  // of ck_sums: sum(dy), sum(dy * (z - mean))
  int64_t rows;
  const float *mean, *inverse_deviation, *weight;
  int32_t frozen;                        // running statistics were used: dz = a * dy
  double gradient_share;                 // of the parameter gradients: 1 / n where n machines with the same totals add theirs
  float *a, *b, *c;
  float *weight_gradient, *bias_gradient; // 0: not wanted
  int32_t accumulate;
} ck_batch_norm_backward;

// Multi-head attention over groups of rows. Token t of group p of image n is row
// n*image_rows + (p / 2)*group_stride_y + (p % 2)*group_stride_x + (t / tokens_per_line)*line_stride + (t % tokens_per_line)*token_stride.
typedef struct {
  int32_t images, groups, tokens, heads, head_channels;
  int64_t image_rows, group_stride_y, group_stride_x, line_stride, token_stride;
  int32_t tokens_per_line;
  float scale;
  const float *qkv;                      // [rows][3 * heads * head_channels], q then k then v, heads side by side
  float *output;                         // [rows][heads * head_channels]
  float *log_sums;                       // [images][groups][heads][tokens] log of the softmax's denominator, maximum included; 0: not kept
  const float *output_gradient;          // backward only, as are the next; backward also reads output and log_sums
  float *qkv_gradient;                   // overwritten, all of it
} ck_attention;

// Bilinear resize, half-pixel centres (align_corners = false).
typedef struct {
  int32_t images, height, width, output_height, output_width;
  ck_source source;
  float *output;                         // [rows][channels]
  const float *output_gradient;          // backward only
  ck_sink sink;                          // backward only
  int32_t images_per_chunk;
} ck_resize;

// The tutorial's reshape: within an image, [height][width*channels] transposed to [width*channels][height].
typedef struct {
  int32_t images, height, width;
  ck_source source;
  float *output;
  const float *output_gradient;          // backward only
  ck_sink sink;
  int32_t images_per_chunk;
} ck_transpose;

// Mean over the pixels of an image, then dropout.
typedef struct {
  int32_t images, pixels;
  ck_source source;
  float *output;                         // [images][channels]
  const float *output_gradient;
  ck_sink sink;
  int32_t images_per_chunk;
  float dropout;                         // probability to drop; kept values are divided by 1 - dropout
  uint64_t dropout_key;                  // CounterRandom's key; element image_base * channels + index
  uint64_t image_base;
} ck_mean_pool;

// Softmax cross-entropy against soft targets.
typedef struct {
  int32_t images, classes;
  const float *logits;                   // [images][classes]
  const float *targets;                  // [images][classes], rows sum to one
  const float *weights;                  // [images]
  float normalizer;                      // gradients are divided by it: the sum of weights over the whole batch
  float *losses;                         // [images] weighted, not divided
  int32_t *predictions;                  // [images] arg max
  float *gradient;                       // [images][classes]; 0: none
} ck_cross_entropy;

typedef struct {
  float *values, *velocity;              // velocity 0: no momentum
  const float *gradient;
  int64_t count;
  float learning_rate, momentum, decay;  // g += decay * p; v = momentum * v + g; p -= learning_rate * v
} ck_sgd;

typedef struct {
  float *values, *first, *second;
  const float *gradient;
  int64_t count;
  float learning_rate, beta1, beta2, epsilon, decay;
  float first_correction, second_correction; // 1 - beta^step
} ck_adamw;

// A final gradient from the chunks' partials. Parameter element (outer, inner, tap) stands at outer * outer_stride +
// inner * inner_stride + tap of `gradient`, its shares at outer * partial_outer + inner * partial_inner +
// (tap / 3) * partial_line + (tap % 3) * partial_tap of each chunk's partial (strides may be negative: `partials` then points
// at the element (0, 0, 0)'s share). Chunks are summed in order. Fast where partial_inner or partial_outer is 1.
typedef struct {
  const float *partials;
  int64_t pitch;                         // from chunk to chunk
  int32_t chunks;
  int32_t outer, inner, taps;            // taps: 1 or 9
  int64_t outer_stride, inner_stride;
  int64_t partial_outer, partial_inner, partial_line, partial_tap;
  float *gradient;
  int32_t accumulate;
  int32_t outer_per_chunk;               // of this reduction's own work
} ck_reduce;

typedef struct ck_kernels {
  const char *name;
  int32_t vector_width;

  int64_t (*packed_size)(int32_t depth, int32_t columns);
  int64_t (*pack_chunks)(const ck_pack *);
  void (*pack)(const ck_pack *, int64_t chunk);
  // 36 * packed_size(depth, columns) floats, from 9 taps.
  void (*winograd_pack)(const ck_pack *, int64_t chunk);
  void (*pack_depthwise)(const float *weights, const float *scale, int32_t channels, float *packed);

  int64_t (*pointwise_forward_scratch)(const ck_pointwise_forward *);
  void (*pointwise_forward)(const ck_pointwise_forward *, int64_t chunk, float *scratch);
  int64_t (*pointwise_backward_scratch)(const ck_pointwise_backward *);
  void (*pointwise_backward)(const ck_pointwise_backward *, int64_t chunk, float *scratch);
  int64_t (*dense_forward_scratch)(const ck_dense_forward *);
  void (*dense_forward)(const ck_dense_forward *, int64_t chunk, float *scratch);
  int64_t (*dense_backward_scratch)(const ck_dense_backward *);
  void (*dense_backward)(const ck_dense_backward *, int64_t chunk, float *scratch);
  // The same for stride 1 and bands of 4 rows, from weights of winograd_pack; for large maps and many channels.
  int64_t (*winograd_forward_scratch)(const ck_dense_forward *);
  void (*winograd_forward)(const ck_dense_forward *, int64_t chunk, float *scratch);
  int64_t (*winograd_backward_scratch)(const ck_dense_backward *);
  void (*winograd_backward)(const ck_dense_backward *, int64_t chunk, float *scratch);
  int64_t (*depthwise_forward_scratch)(const ck_depthwise_forward *);
  void (*depthwise_forward)(const ck_depthwise_forward *, int64_t chunk, float *scratch);
  int64_t (*depthwise_backward_scratch)(const ck_depthwise_backward *);
  void (*depthwise_backward)(const ck_depthwise_backward *, int64_t chunk, float *scratch);

  void (*moments)(const ck_moments *);
  void (*sums)(const ck_sums *);
  void (*batch_norm_forward)(const ck_batch_norm_forward *);
  void (*batch_norm_backward)(const ck_batch_norm_backward *);

  int64_t (*attention_scratch)(const ck_attention *);
  void (*attention_forward)(const ck_attention *, int64_t chunk, float *scratch);   // chunk: image, group, head
  void (*attention_backward)(const ck_attention *, int64_t chunk, float *scratch);

  int64_t (*resize_scratch)(const ck_resize *);
  void (*resize_forward)(const ck_resize *, int64_t chunk, float *scratch);
  void (*resize_backward)(const ck_resize *, int64_t chunk, float *scratch);
  int64_t (*transpose_scratch)(const ck_transpose *);
  void (*transpose_forward)(const ck_transpose *, int64_t chunk, float *scratch);
  void (*transpose_backward)(const ck_transpose *, int64_t chunk, float *scratch);
  int64_t (*mean_pool_scratch)(const ck_mean_pool *);
  void (*mean_pool_forward)(const ck_mean_pool *, int64_t chunk, float *scratch);
  void (*mean_pool_backward)(const ck_mean_pool *, int64_t chunk, float *scratch);

  void (*cross_entropy)(const ck_cross_entropy *, int64_t image);
  void (*reduce)(const ck_reduce *, int64_t chunk);
  void (*sgd)(const ck_sgd *);
  void (*adamw)(const ck_adamw *);

  // For MachineLimits: see template/limits.h.
  int64_t (*multiply_add_loop)(int64_t rounds, float *sink);
  int64_t (*stream_loop)(const float *source, float *target, int64_t floats);
} ck_kernels;

// The kernels for one instruction set ("avx512", "avx2", "neon", "portable"); 0 where the machine or the build lacks it.
const ck_kernels *ck_kernels_named(const char *name);

// One turn of a spin loop: lets the core's other thread, or its power management, have the time.
// Makes what was written past the caches visible before anything that follows.
static inline void ck_stream_fence(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#elif defined(__aarch64__)
  __asm__ __volatile__("dmb ishst" ::: "memory");
#endif
}

static inline void ck_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}
