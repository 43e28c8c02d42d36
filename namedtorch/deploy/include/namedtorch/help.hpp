// Hints that are surely useful: a permutation of the axes that fits, a batch dim that is missing.
// One is given only where one reading fits and no other does; a wrong hint costs more than none.
#pragma once

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <namedtorch/attributes.hpp>
#include <namedtorch/bindings.hpp>
#include <namedtorch/pattern.hpp>

namespace namedtorch::detail {

using Fixed = std::vector<std::optional<Int>>;

// The sizes that the axes must have, nothing for free ones; nothing at all for shapes with groups or flattened axes.
// Shapes that broadcast, or hold one dim twice, have sizes only with `broadcasts`.
inline std::optional<Fixed> fixed_sizes(const Shape& shape, const Bindings& bindings, const Values& values,
                                        bool broadcasts) {
  Fixed fixed;
  std::set<std::string> names;
  bool twice = false;
  for (const Axis& axis : shape.axes) {
    if (axis.kind != Axis::Kind::dim || (axis.dim.broadcast && !broadcasts)) return std::nullopt;
    if (!axis.dim.size) {
      if (axis.dim.name) twice |= !names.insert(*axis.dim.name).second;
      const Binding* bound = axis.dim.name && !axis.dim.each ? bindings.find(*axis.dim.name) : nullptr;
      fixed.push_back(bound == nullptr ? std::nullopt : std::optional<Int>(bound->size));
      continue;
    }
    struct Unbound {};
    try {
      fixed.push_back(axis.dim.size->evaluate([&](const Size& one) {
        if (is_attribute(one.symbol)) return attribute_size(one.symbol, values);
        const Binding* bound = bindings.find(one.symbol);
        if (bound == nullptr) throw Unbound{};
        return bound->size;
      }));
    } catch (const Unbound&) {
      return std::nullopt;
    } catch (const DividesByZero&) {
      return std::nullopt;
    } catch (const TooLarge&) {
      return std::nullopt;
    } catch (const AttributeMissing&) {
      return std::nullopt;
    }
  }
  if (twice && !broadcasts) return std::nullopt;
  return fixed;
}

// Names the layout that a tensor seems to have, where exactly one other order of its axes fits. `bindings` are those
// that the tensor did not bring itself. Axes of free size keep their order.
inline std::optional<std::string> layout_hint(const Shape& shape, const Sizes& sizes, const Bindings& bindings,
                                              const Values& values) {
  constexpr std::size_t most_axes = 6;  // permutations are tried; no tensor with a layout has more
  const std::optional<Fixed> found = fixed_sizes(shape, bindings, values, false);
  if (!found || found->size() != sizes.size() || sizes.size() > most_axes) return std::nullopt;
  const Fixed& fixed = *found;
  using Order = std::vector<std::size_t>;
  Order constrained, free;
  for (std::size_t axis = 0; axis < fixed.size(); ++axis) (fixed[axis] ? constrained : free).push_back(axis);
  std::set<Order> layouts;
  // Every order of the axes, those of free size in their own order: at most 720.
  Order layout(sizes.size());
  std::iota(layout.begin(), layout.end(), std::size_t{0});
  do {
    Order place(layout.size());
    for (std::size_t at = 0; at < layout.size(); ++at) place[layout[at]] = at;
    const auto stands_before = [&](std::size_t one, std::size_t other) { return place[one] < place[other]; };
    bool fits = std::is_sorted(free.begin(), free.end(), stands_before);
    for (std::size_t one = 0; fits && one < constrained.size(); ++one) {
      fits = sizes[place[constrained[one]]] == *fixed[constrained[one]];
      for (std::size_t other = one + 1; fits && other < constrained.size(); ++other) {
        // Dims of one size keep their order: swapping them would fit as well, and say nothing.
        fits = fixed[constrained[one]] != fixed[constrained[other]] ||
               place[constrained[one]] < place[constrained[other]];
      }
    }
    if (fits) layouts.insert(layout);
  } while (layouts.size() < 2 && std::next_permutation(layout.begin(), layout.end()));
  if (layouts.size() != 1 || std::is_sorted(layouts.begin()->begin(), layouts.begin()->end())) return std::nullopt;
  const Order& only = *layouts.begin();
  std::string text;
  for (std::size_t axis : only) text += (text.empty() ? "" : " ") + shape.axes[axis].label();
  Order wrong;
  for (std::size_t axis : constrained) {
    if (sizes[axis] != *fixed[axis]) wrong.push_back(axis);
  }
  if (wrong.size() != 1) return "its sizes fit another order of the axes: is it " + text + "?";
  const auto at = static_cast<std::size_t>(std::find(only.begin(), only.end(), wrong[0]) - only.begin());
  return "axis " + std::to_string(at) + " has size " + std::to_string(sizes[at]) + ": is it " + text + "?";
}

// Tells whether sizes fit, and one of them by a size that is known; `axes` are those of the shape that they are of.
inline bool confirmed(const Fixed& fixed, const std::vector<bool>& loose, const Sizes& sizes) {
  bool known = false;
  for (std::size_t at = 0; at < sizes.size(); ++at) {
    const bool same = fixed[at] && *fixed[at] == sizes[at];
    if (fixed[at] && !same && !(loose[at] && sizes[at] == 1)) return false;
    known |= same;
  }
  return known;
}

// Says which axis is missing, or too many, where one reading fits and the size of another axis confirms it.
inline std::optional<std::string> rank_hint(const Shape& shape, const Sizes& sizes, const Bindings& bindings,
                                            const Values& values) {
  const std::optional<Fixed> found = fixed_sizes(shape, bindings, values, true);
  if (!found) return std::nullopt;
  std::vector<bool> loose;
  for (const Axis& axis : shape.axes) loose.push_back(axis.dim.broadcast);
  std::vector<std::size_t> fits;
  if (sizes.size() + 1 == found->size()) {
    for (std::size_t at = 0; at < found->size(); ++at) {
      if ((*found)[at] && *(*found)[at] != 1 && !loose[at]) continue;
      Fixed fixed = *found;
      std::vector<bool> rest = loose;
      fixed.erase(fixed.begin() + static_cast<std::ptrdiff_t>(at));
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
      if (confirmed(fixed, rest, sizes)) fits.push_back(at);
    }
    if (fits.size() != 1) return std::nullopt;
    const std::string adds = fits[0] == 0 ? "x[None]" : "x.unsqueeze(" + std::to_string(fits[0]) + ")";
    return "is `" + shape.axes[fits[0]].text + "` missing? " + adds + " adds it, with size 1";
  }
  if (sizes.size() != found->size() + 1) return std::nullopt;
  for (std::size_t at = 0; at < sizes.size(); ++at) {
    if (sizes[at] != 1) continue;
    Sizes rest = sizes;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
    if (confirmed(*found, loose, rest)) fits.push_back(at);
  }
  if (fits.size() != 1) return std::nullopt;
  const std::string axis = std::to_string(fits[0]);
  return "axis " + axis + " has size 1 and is one too many: x.squeeze(" + axis + ") takes it away";
}

}  // namespace namedtorch::detail
