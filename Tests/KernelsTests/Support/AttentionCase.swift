import Kernels
import Testing

struct AttentionCase: Sendable, CustomTestStringConvertible {
  /// Attention over the four pixel positions of 2x2 patches; else one group over all of an image's rows.
  var patches = true
  var grid: Reference.Grid
  var heads: Int
  var headChannels: Int
  /// The deviation of q and k; large ones make scores that overflow an exponential without the maximum taken off.
  var spread = 1.0
  /// Each image is followed by copies of its rows. Copies share the softmax's weight evenly, so that outputs and gradients
  /// are those of the image alone: a long sequence for the price of a short oracle.
  var copies = 1
  /// The fixture's name for it.
  var name = ""

  var testDescription: String { "\(grid.images)x\(grid.height)x\(grid.width), \(heads) heads of \(headChannels)" }
  var rows: [Int] { patches ? Reference.patchRows(grid) : Array(0..<grid.rows) }
  var groups: Int { patches ? 4 : 1 }
  var shape: Reference.Attention {
    Reference.Attention(
      sequences: grid.images * groups, tokens: grid.pixels / groups, heads: heads, headChannels: headChannels,
      scale: Double(1 / Float(headChannels).squareRoot()))
  }

  /// Runs both kernels; `qkv` [rows * copies][3 * inner] and `upstream` [rows * copies][inner] in the order of the rows.
  func run(_ bench: Bench, qkv: [Float], upstream: [Float]) -> (output: [Float], logSums: [Float], gradient: [Float]) {
    let output = bench.output("output", count: upstream.count)
    let logSums = bench.output("log sums", count: copies * shape.sequences * shape.heads * shape.tokens)
    let gradient = bench.output("qkv gradient", count: qkv.count)
    var attention = Attention()
    (attention.images, attention.groups) = (Int32(grid.images), Int32(groups))
    (attention.tokens, attention.heads) = (Int32(copies * shape.tokens), Int32(heads))
    attention.head_channels = Int32(headChannels)
    attention.image_rows = Int64(copies * grid.pixels)
    let width = Int64(grid.width)
    if patches {
      (attention.group_stride_y, attention.group_stride_x) = (width, 1)
      (attention.line_stride, attention.token_stride, attention.tokens_per_line) = (2 * width, 2, Int32(width / 2))
    } else {
      (attention.line_stride, attention.token_stride, attention.tokens_per_line) = (width, 1, Int32(width))
    }
    attention.scale = Float(shape.scale)
    attention.qkv = UnsafePointer(bench.input("qkv", qkv).pointer)
    (attention.output, attention.log_sums) = (output.pointer, logSums.pointer)
    bench.run(bench.kernels.attentionForward(attention))
    attention.output_gradient = UnsafePointer(bench.input("output gradient", upstream).pointer)
    attention.qkv_gradient = gradient.pointer
    bench.run(bench.kernels.attentionBackward(attention))
    return (output.values, logSums.values, gradient.values)
  }
}
