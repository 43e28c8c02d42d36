// SHA-256, to hold a file to the digests in its manifest. Source: FIPS 180-4; with x86's instructions for it where the
// processor has them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#if defined(__x86_64__) && defined(__GNUC__)
#define NAMEDTORCH_SHA_INSTRUCTIONS
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace namedtorch::detail {

inline constexpr std::uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

class Sha256 {
 public:
  // `portable` leaves the processor's instructions.
  explicit Sha256(bool portable = false) : quick_(!portable && has_instructions()) {}

  void update(std::string_view data) {
    if (data.empty()) return;  // it may point nowhere
    length_ += data.size();
    if (filled_ != 0) {
      const std::size_t taken = std::min(data.size(), block_.size() - filled_);
      std::memcpy(block_.data() + filled_, data.data(), taken);
      filled_ += taken;
      data.remove_prefix(taken);
      if (filled_ < block_.size()) return;
      compress(block_.data(), 1);
      filled_ = 0;
    }
    const std::size_t blocks = data.size() / block_.size();
    compress(reinterpret_cast<const unsigned char*>(data.data()), blocks);
    data.remove_prefix(blocks * block_.size());
    if (!data.empty()) std::memcpy(block_.data(), data.data(), data.size());
    filled_ = data.size();
  }

  // The digest in hexadecimal; nothing may be added afterwards.
  std::string finish() {
    static constexpr char digits[] = "0123456789abcdef";
    const std::uint64_t bits = length_ * 8;
    std::string tail(1, '\x80');
    tail.resize(1 + (119 - filled_) % 64, '\0');
    for (int shift = 56; shift >= 0; shift -= 8) tail += static_cast<char>((bits >> shift) & 255);
    update(tail);
    std::string text;
    for (std::uint32_t word : state_) {
      for (int shift = 28; shift >= 0; shift -= 4) text += digits[(word >> shift) & 15];
    }
    return text;
  }

 private:
  static std::uint32_t rotated(std::uint32_t word, int by) { return (word >> by) | (word << (32 - by)); }

  void compress(const unsigned char* data, std::size_t blocks) {
#ifdef NAMEDTORCH_SHA_INSTRUCTIONS
    if (quick_) return compress_quickly(data, blocks);
#endif
    for (; blocks > 0; --blocks, data += 64) compress_block(data);
  }

#ifdef NAMEDTORCH_SHA_INSTRUCTIONS
  static bool has_instructions() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && ((b >> 29) & 1) != 0;
  }

  __attribute__((target("sha,sse4.1"))) void compress_quickly(const unsigned char* data, std::size_t blocks) {
    const auto load = [](const void* from) __attribute__((target("sha,sse4.1"))) {
      return _mm_loadu_si128(static_cast<const __m128i*>(from));
    };
    const __m128i swapped = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    // The instructions want the words as A B E F and C D G H.
    const __m128i low = _mm_shuffle_epi32(load(state_.data()), 0xB1);
    const __m128i high = _mm_shuffle_epi32(load(state_.data() + 4), 0x1B);
    __m128i one = _mm_alignr_epi8(low, high, 8);
    __m128i other = _mm_blend_epi16(high, low, 0xF0);
    for (; blocks > 0; --blocks, data += 64) {
      const __m128i one_before = one, other_before = other;
      __m128i words[4];
      for (int at = 0; at < 4; ++at) words[at] = _mm_shuffle_epi8(load(data + 16 * at), swapped);
      for (int at = 0; at < 16; ++at) {
        __m128i& own = words[at & 3];
        const __m128i next = words[(at + 1) & 3], third = words[(at + 2) & 3], last = words[(at + 3) & 3];
        const __m128i message = _mm_add_epi32(own, load(sha256_constants + 4 * at));
        other = _mm_sha256rnds2_epu32(other, one, message);
        one = _mm_sha256rnds2_epu32(one, other, _mm_shuffle_epi32(message, 0x0E));
        const __m128i mixed = _mm_add_epi32(_mm_sha256msg1_epu32(own, next), _mm_alignr_epi8(last, third, 4));
        own = _mm_sha256msg2_epu32(mixed, last);
      }
      one = _mm_add_epi32(one, one_before);
      other = _mm_add_epi32(other, other_before);
    }
    const __m128i first = _mm_shuffle_epi32(one, 0x1B), second = _mm_shuffle_epi32(other, 0xB1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state_.data()), _mm_blend_epi16(first, second, 0xF0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state_.data() + 4), _mm_alignr_epi8(second, first, 8));
  }
#else
  static bool has_instructions() { return false; }
#endif

  void compress_block(const unsigned char* block) {
    std::uint32_t words[64];
    for (int at = 0; at < 16; ++at, block += 4) {
      words[at] = (std::uint32_t(block[0]) << 24) | (std::uint32_t(block[1]) << 16) |
                  (std::uint32_t(block[2]) << 8) | std::uint32_t(block[3]);
    }
    for (int at = 16; at < 64; ++at) {
      const std::uint32_t low = words[at - 15], high = words[at - 2];
      words[at] = words[at - 16] + (rotated(low, 7) ^ rotated(low, 18) ^ (low >> 3)) + words[at - 7] +
                  (rotated(high, 17) ^ rotated(high, 19) ^ (high >> 10));
    }
    auto [a, b, c, d, e, f, g, h] = state_;
    for (int at = 0; at < 64; ++at) {
      const std::uint32_t first = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) +
                                  sha256_constants[at] + words[at];
      const std::uint32_t second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + second;
    }
    const std::uint32_t added[8] = {a, b, c, d, e, f, g, h};
    for (std::size_t at = 0; at < 8; ++at) state_[at] += added[at];
  }

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t length_ = 0;
  bool quick_;
};

}  // namespace namedtorch::detail

#undef NAMEDTORCH_SHA_INSTRUCTIONS
