#pragma once

#include <cstdint>
#include <string_view>

namespace coil {

// The largest whole number of an int8, and the least below zero: the range is symmetric, so that -128 is none.
inline constexpr double largest_int8 = 127;

// What a run fails with where it meets one.
inline constexpr std::string_view nan_has_no_int8 =
    "a product in int8 was given NaN, which no int8 stands for: an input or a weight holds it, or "
    "numbers ran over; "
    "--precision f32 shows where";

// So many products of two are summed in 32 bits without passing them.
inline constexpr std::int64_t largest_int8_rows = (std::int64_t{1} << 31) / (127 * 127);

// The int8 nearest to x / scale, of two as near the even one; past the largest is the largest. NaN has none:
// it stays.
double nearest_int8(double x, double scale);

// The scale of numbers none of which is larger: theirs becomes 127. One where there is nothing but zeros, or where a
// float of that size would have lost bits. NaN stays NaN.
double int8_scale(double largest);

}  // namespace coil
