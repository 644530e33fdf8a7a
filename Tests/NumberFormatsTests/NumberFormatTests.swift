import NumberFormats
import Testing

@Suite struct NumberFormatTests {
  @Test(arguments: [
    (NumberFormat.fixed(4), 0.12345, "0.1235"), (.fixed(4), -0.00001, "0.0000"), (.fixed(0), 2.5, "3"),
    (.fixed(2), 123_456.789, "123456.79"),
    (.integer, 1_234_567, "1,234,567"), (.integer, -999, "-999"), (.percent(1), 0.8754, "87.5%"), (.percent(0), 1, "100%"),
    (.si, 0, "0"), (.si, 12, "12"), (.si, 0.25, "0.250"), (.si, 9.999, "10.0"), (.si, 99.96, "100"), (.si, 999.6, "1.00k"),
    (.si, 12_345, "12.3k"), (.si, 999_999, "1.00M"), (.si, 5_600_000_000, "5.60G"), (.si, -1_500, "-1.50k"),
    (.significant(4), 0.01, "0.01000"), (.significant(3), 0.00001234, "1.23e-05"), (.significant(3), 9.996, "10.0"),
    (.significant(2), 0, "0"),
    (.bytes, 512, "512 B"), (.bytes, 1_300_000_000, "1.21 GiB"), (.bytes, 1023.6, "1.00 KiB"), (.clock, 0, "00:00"), (.clock, 245, "04:05"),
    (.clock, 3845, "1:04:05"), (.clock, 183_600, "2d 03h"), (.clock, 1e300, "forever"), (.time, 0.0123, "12.3 ms"),
    (.time, 0.00000456, "4.56 µs"),
    (.time, 2.5, "2.50 s"), (.fixed(3), .nan, "NaN"), (.si, .infinity, "+Inf"), (.bytes, -.infinity, "-Inf"),
  ]) func texts(_ format: NumberFormat, _ value: Double, _ expected: String) {
    #expect(format.text(value) == expected)
  }

  @Test(arguments: [
    (0.5, 4, "0.5000"), (-1.25, 1, "-1.3"), (0.99996, 4, "1.0000"), (12, 0, "12"), (-0.00001, 2, "0.00"), (.nan, 2, "NaN"),
    (-.nan, 2, "NaN"), (.infinity, 2, "+Inf"), (-.infinity, 0, "-Inf"),
  ])
  func decimalsReadWell(value: Double, places: Int, text: String) { #expect(NumberFormat.fixed(places).text(value) == text) }

  @Test(arguments: [
    (0.8, "80%"), (0.825, "82.5%"), (0.07, "7%"), (0.57, "57%"), (1, "100%"), (0.9925, "99.25%"), (0.99999, "99.999%"),
    (1.0 / 3, "33.333%"),
  ])
  func aShareHasTheDecimalsThatItHas(share: Double, expected: String) {
    #expect(NumberFormat.exactPercent(share) == expected)
  }
}
