// What dims are bound to in one call, and who bound them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <c10/util/ArrayRef.h>

#include <namedtorch/size.hpp>

namespace namedtorch::detail {

using Sizes = std::vector<Int>;

// Where a dim got its size: an argument and its axis, or a text such as "the annotation of `x`".
struct Source {
  std::string argument;
  std::optional<Int> axis;
  std::string note;

  std::string text() const {
    if (!note.empty()) return note;
    return "`" + argument + "`" + (axis ? " at axis " + std::to_string(*axis) : "");
  }
};

// A dim with its size, or a group with its sizes; a group that only broadcast uses bound may still grow.
struct Binding {
  std::string key;
  bool group = false;
  Int size = 0;
  Sizes sizes;
  bool broadcast = false;
  Source source;

  std::string text() const {
    if (!group) return key + "=" + std::to_string(size);
    std::string written;
    for (Int one : sizes) written += (written.empty() ? "" : " ") + std::to_string(one);
    return "*" + key + "=(" + written + ")";
  }
};

// Dims and groups are separate: `b` and `*b` are unrelated. The order is that in which they were bound.
class Bindings {
 public:
  const std::vector<Binding>& all() const { return all_; }

  const Binding* find(const std::string& key, bool group = false) const {
    for (const Binding& one : all_) {
      if (one.group == group && one.key == key) return &one;
    }
    return nullptr;
  }

  void bind(const std::string& key, Int size, Source source) {
    Binding& one = entry(key, false);
    one.size = size;
    one.source = std::move(source);
  }

  // The first to bind a group stays its source.
  void bind_group(const std::string& key, Sizes sizes, bool broadcast, Source source) {
    const bool known = find(key, true) != nullptr;
    Binding& one = entry(key, true);
    one.sizes = std::move(sizes);
    one.broadcast = broadcast;
    if (!known) one.source = std::move(source);
  }

  // The bindings without what an argument brought.
  Bindings without(const std::string& argument) const {
    Bindings rest;
    for (const Binding& one : all_) {
      if (one.source.argument != argument) rest.all_.push_back(one);
    }
    return rest;
  }

 private:
  Binding& entry(const std::string& key, bool group) {
    for (Binding& one : all_) {
      if (one.group == group && one.key == key) return one;
    }
    all_.emplace_back();
    all_.back().key = key;
    all_.back().group = group;
    return all_.back();
  }

  std::vector<Binding> all_;
};

// The sizes that both broadcast to, aligned from the right; nothing where they do not broadcast.
inline std::optional<Sizes> broadcast_sizes(c10::ArrayRef<Int> left, c10::ArrayRef<Int> right) {
  const std::size_t rank = std::max(left.size(), right.size());
  Sizes sizes;
  for (std::size_t place = 0; place < rank; ++place) {
    const Int one = place + left.size() >= rank ? left[place + left.size() - rank] : 1;
    const Int other = place + right.size() >= rank ? right[place + right.size() - rank] : 1;
    if (one != other && one != 1 && other != 1) return std::nullopt;
    sizes.push_back(one == 1 ? other : one);
  }
  return sizes;
}

// Tells whether a group's `sizes` fit what it is bound to. `grows`: only broadcast uses bound it so far; `broadcast`:
// this use is one too.
inline bool group_agrees(c10::ArrayRef<Int> bound, bool grows, c10::ArrayRef<Int> sizes, bool broadcast) {
  if (!grows && !broadcast) return bound == sizes;
  const std::optional<Sizes> both = broadcast_sizes(bound, sizes);
  if (!both) return false;
  if (!grows) return bound == c10::ArrayRef<Int>(*both);
  return broadcast || sizes == c10::ArrayRef<Int>(*both);
}

// Tells whether a tensor, permuted to `order` (null: as its axes stand), is contiguous; axes of size 1 are ignored, as
// is an empty tensor.
inline bool stored_as(c10::ArrayRef<Int> sizes, c10::ArrayRef<Int> strides, const std::vector<int>* order) {
  for (Int size : sizes) {
    if (size == 0) return true;
  }
  Int expected = 1;
  const std::size_t count = order == nullptr ? sizes.size() : order->size();
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t place = count - 1 - step;
    const std::size_t axis = order == nullptr ? place : static_cast<std::size_t>((*order)[place]);
    if (sizes[axis] == 1) continue;
    if (strides[axis] != expected) return false;
    expected *= sizes[axis];
  }
  return true;
}

}  // namespace namedtorch::detail
