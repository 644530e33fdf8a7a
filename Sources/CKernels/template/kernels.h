// All of the engine's loops for one instruction set. The including file defines CK_PATH (a name), CK_TABLE (the table's
// identifier), CK_WIDTH (floats in a vector) and CK_REGISTERS (vector registers).
#pragma clang fp contract(fast)
#include "vector.h"
#include "ahead.h"
#include "rows.h"
#include "blocks.h"
#include "tile_sizes.h"
#include "finish.h"
#include "tiles.h"
#include "product.h"
#include "pointwise.h"
#include "dense.h"
#include "winograd.h"
#include "depthwise.h"
#include "batch_norm.h"
#include "attention.h"
#include "resize.h"
#include "transpose.h"
#include "mean_pool.h"
#include "loss.h"
#include "reduce.h"
#include "optimizers.h"
#include "limits.h"

const ck_kernels CK_TABLE = {
    .name = CK_PATH,
    .vector_width = CK_WIDTH,
    .packed_size = ck_packed_size,
    .pack_chunks = ck_pack_chunks,
    .pack = ck_pack_panel,
    .winograd_pack = ck_winograd_pack_panel,
    .pack_depthwise = ck_pack_depthwise_weights,
    .pointwise_forward_scratch = ck_pointwise_forward_scratch,
    .pointwise_forward = ck_pointwise_forward_chunk,
    .pointwise_backward_scratch = ck_pointwise_backward_scratch,
    .pointwise_backward = ck_pointwise_backward_chunk,
    .dense_forward_scratch = ck_dense_forward_scratch,
    .dense_forward = ck_dense_forward_chunk,
    .dense_backward_scratch = ck_dense_backward_scratch,
    .dense_backward = ck_dense_backward_chunk,
    .winograd_forward_scratch = ck_winograd_forward_scratch,
    .winograd_forward = ck_winograd_forward_chunk,
    .winograd_backward_scratch = ck_winograd_backward_scratch,
    .winograd_backward = ck_winograd_backward_chunk,
    .depthwise_forward_scratch = ck_depthwise_forward_scratch,
    .depthwise_forward = ck_depthwise_forward_chunk,
    .depthwise_backward_scratch = ck_depthwise_backward_scratch,
    .depthwise_backward = ck_depthwise_backward_chunk,
    .moments = ck_combine_moments,
    .sums = ck_combine_sums,
    .batch_norm_forward = ck_batch_norm_forward_all,
    .batch_norm_backward = ck_batch_norm_backward_all,
    .attention_scratch = ck_attention_scratch_size,
    .attention_forward = ck_attention_forward_chunk,
    .attention_backward = ck_attention_backward_chunk,
    .resize_scratch = ck_resize_scratch_size,
    .resize_forward = ck_resize_forward_chunk,
    .resize_backward = ck_resize_backward_chunk,
    .transpose_scratch = ck_transpose_scratch_size,
    .transpose_forward = ck_transpose_forward_chunk,
    .transpose_backward = ck_transpose_backward_chunk,
    .mean_pool_scratch = ck_mean_pool_scratch_size,
    .mean_pool_forward = ck_mean_pool_forward_chunk,
    .mean_pool_backward = ck_mean_pool_backward_chunk,
    .cross_entropy = ck_cross_entropy_image,
    .reduce = ck_reduce_chunk,
    .sgd = ck_sgd_range,
    .adamw = ck_adamw_range,
    .multiply_add_loop = ck_multiply_add_loop,
    .stream_loop = ck_stream_loop,
};
