// Matching: runs the steps of a plan over tensors, collects every failure, and says who bound what.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <namedtorch/attributes.hpp>
#include <namedtorch/bindings.hpp>
#include <namedtorch/blame.hpp>
#include <namedtorch/help.hpp>
#include <namedtorch/plan.hpp>

namespace namedtorch::detail {

// The first axes at which `middle` fits between two groups; nothing in it fits any size, and 1 where `ones` says so.
// `before` and `after` are the sizes that the groups must have; nothing where they may be anything.
inline std::vector<std::size_t> places_between(const Sizes& sizes, const std::vector<std::optional<Int>>& middle,
                                               const std::vector<Dim>& dims, const std::optional<Sizes>& before,
                                               const std::optional<Sizes>& after) {
  std::vector<std::size_t> places;
  const c10::ArrayRef<Int> all(sizes);
  for (std::size_t first = 0; first + middle.size() <= sizes.size(); ++first) {
    bool fits = true;
    for (std::size_t step = 0; step < middle.size(); ++step) {
      const Int size = sizes[first + step];
      fits = fits && (!middle[step] || size == *middle[step] || (dims[step].broadcast && size == 1));
    }
    fits = fits && (!before || all.slice(0, first) == c10::ArrayRef<Int>(*before));
    fits = fits && (!after || all.slice(first + middle.size()) == c10::ArrayRef<Int>(*after));
    if (fits) places.push_back(first);
  }
  return places;
}

class Matching {
 public:
  explicit Matching(Values values) : values_(std::move(values)) {}

  std::vector<Failure> failures;
  Bindings bindings;
  std::map<std::string, Bindings> failed;  // what was bound when an argument first failed

  const Values& values() const { return values_; }

  // Takes a step; one that lacks a dim, which an absent value would have bound, does nothing.
  void run(const Step& step, Subject* subject) {
    if (subject != nullptr && subject->misfit) return;
    try {
      take(step, subject);
    } catch (const AttributeMissing& missing) {
      std::string path = "an attribute";
      for (const std::string& symbol : step.symbols()) {
        if (is_attribute(symbol)) {
          path = symbol;
          break;
        }
      }
      fail(attribute_missing(path, subject, missing.text));
    } catch (const DividesByZero&) {
      fail(no_value(subject, "divides by a size that is 0"));
    } catch (const TooLarge&) {
      fail(no_value(subject, "computes a size of more than 64 bits"));
    }
  }

 private:
  struct Unbound {};

  void take(const Step& step, Subject* subject) {
    if (step.op == Step::Op::where) return where(step, subject);
    if (subject == nullptr) return;
    switch (step.op) {
      case Step::Op::rank:
        return rank(step, *subject);
      case Step::Op::equal:
        return equal(step.dim, subject->axis(step.axis), step, *subject);
      case Step::Op::bind:
        return bind(step.dim, subject->axis(step.axis), *subject);
      case Step::Op::flattened:
        return flattened(step, *subject);
      case Step::Op::group:
        return bind_group(step.group, static_cast<std::size_t>(step.start),
                          subject->sizes.size() - static_cast<std::size_t>(step.behind), *subject);
      case Step::Op::place:
        return place(step, *subject);
      case Step::Op::format:
        if (subject->strides && !stored_as(subject->sizes, *subject->strides, step.order ? &*step.order : nullptr)) {
          fail(format_differs(*subject, step));
        }
        return;
      case Step::Op::where:
        return;
    }
  }

  // What is known

  static std::string key(const std::string& name, bool each, const Subject* subject) {
    return each && subject != nullptr ? subject->scope + "?" + name : name;
  }

  // The sizes of these symbols; nothing if one is not bound yet.
  std::optional<Known> known(const std::set<std::string>& symbols, const Step& step, const Subject* subject) const {
    Known found;
    for (const std::string& symbol : symbols) {
      if (is_attribute(symbol)) {
        found[symbol] = attribute_size(symbol, values_);
        continue;
      }
      const Binding* bound = bindings.find(key(symbol, step.binds_each(symbol), subject));
      if (bound == nullptr || doubts(*bound)) return std::nullopt;
      found[symbol] = bound->size;
    }
    return found;
  }

  std::optional<Known> known(const Size& size, const Step& step, const Subject* subject) const {
    std::set<std::string> symbols;
    size.symbols(symbols);
    return known(symbols, step, subject);
  }

  static Int evaluated(const Size& size, const Known& known) {
    return size.evaluate([&](const Size& one) { return known.at(one.symbol); });
  }

  bool doubts(const Binding& bound) const { return doubtful_.count(bound.source.argument) != 0; }

  static Source annotation_of(const Subject& subject) {
    return {subject.argument, {}, "the annotation of `" + subject.argument + "`"};
  }

  // The steps

  void rank(const Step& step, Subject& subject) {
    const int count = static_cast<int>(subject.sizes.size());
    if (count == step.count || (step.at_least && count > step.count)) return;
    fail(rank_differs(subject, step, rank_hint(*subject.shape, subject.sizes, bindings, values_)));
    subject.misfit = true;
  }

  void equal(const Dim& dim, std::size_t axis, const Step& step, const Subject& subject) {
    const Int actual = subject.sizes[axis];
    if (dim.broadcast && actual == 1) return;
    const std::optional<Known> sizes = known(*dim.size, step, &subject);
    if (!sizes) return;
    const Int expected = evaluated(*dim.size, *sizes);
    if (!dim.name) {
      if (actual != expected) fail(size_differs(subject, *dim.size, axis, expected, *sizes, said_layout(subject)));
      return;
    }
    const Binding* bound = bindings.find(*dim.name);
    const bool known_before = bound != nullptr;
    const Int size = known_before ? bound->size : expected;
    if (!known_before || doubts(*bound)) {
      Source source = annotation_of(subject);
      source.axis = static_cast<Int>(axis);
      bindings.bind(*dim.name, expected, std::move(source));
    } else if (size != expected && size != actual) {
      differs(subject, *dim.name, axis, size, *dim.name);
      return;
    }
    if (actual != expected) {
      differs(subject, *dim.name, axis, expected, "");
    } else if (size != expected) {
      differs(subject, *dim.name, axis, size, *dim.name);
    }
  }

  void bind(const Dim& dim, std::size_t axis, const Subject& subject) {
    const Int actual = subject.sizes[axis];
    if (dim.broadcast && actual == 1) return;
    if (dim.each && subject.scope.empty()) return fail(each_outside(subject, *dim.name));
    const std::string name = key(*dim.name, dim.each, &subject);
    const Binding* bound = bindings.find(name);
    if (bound == nullptr) {
      bindings.bind(name, actual, {subject.argument, static_cast<Int>(axis), ""});
    } else if (bound->size != actual && !doubts(*bound)) {
      differs(subject, *dim.name, axis, bound->size, name);
    }
  }

  void flattened(const Step& step, const Subject& subject) {
    Int product = 1;
    std::vector<const Dim*> open;
    std::vector<std::optional<Int>> found;
    for (const Dim& dim : step.factors) {
      found.emplace_back();
      if (dim.size) {
        const std::optional<Known> sizes = known(*dim.size, step, &subject);
        if (!sizes) return;
        found.back() = evaluated(*dim.size, *sizes);
      } else if (dim.name) {
        const Binding* bound = bindings.find(key(*dim.name, step.binds_each(*dim.name), &subject));
        if (bound != nullptr) found.back() = bound->size;
      }
      if (found.back()) {
        product = product_of(product, *found.back());
      } else {
        open.push_back(&dim);
      }
    }
    label(step, found, subject);
    if (open.size() > 1) return;
    const std::size_t axis = subject.axis(step.axis);
    const Int actual = subject.sizes[axis];
    const bool solving = !open.empty();
    const bool fits = !solving ? product == actual : product == 0 ? actual == 0 : remainder_of(actual, product) == 0;
    if (!fits) {
      fail(flattened_differs(subject, step, product, solving));
    } else if (solving && product != 0 && open[0]->name) {
      const std::string& name = *open[0]->name;
      bindings.bind(key(name, step.binds_each(name), &subject), quotient_of(actual, product),
                    {subject.argument, static_cast<Int>(axis), ""});
    }
  }

  // Binds the labels of factors with a size: `(heads=8 d)`.
  void label(const Step& step, const std::vector<std::optional<Int>>& found, const Subject& subject) {
    for (std::size_t at = 0; at < found.size(); ++at) {
      const Dim& dim = step.factors[at];
      if (!dim.size || !dim.name || step.binds_each(*dim.name) || !found[at]) continue;
      const Binding* bound = bindings.find(*dim.name);
      if (bound == nullptr) {
        bindings.bind(*dim.name, *found[at], annotation_of(subject));
      } else if (bound->size != *found[at] && !doubts(*bound)) {
        fail(label_differs(subject, step, *dim.name, *found[at], bound->size, &bound->source));
      }
    }
  }

  void bind_group(const Group& group, std::size_t start, std::size_t end, const Subject& subject) {
    if (!group.name) return;
    if (group.each && subject.scope.empty()) return fail(each_outside(subject, *group.name));
    const Sizes sizes(subject.sizes.begin() + static_cast<std::ptrdiff_t>(start),
                      subject.sizes.begin() + static_cast<std::ptrdiff_t>(end));
    const std::string name = key(*group.name, group.each, &subject);
    const Binding* bound = bindings.find(name, true);
    const Source source{subject.argument, {}, ""};
    if (bound == nullptr) {
      bindings.bind_group(name, sizes, group.broadcast, source);
    } else if (!group_agrees(bound->sizes, bound->broadcast, sizes, group.broadcast)) {
      fail(group_differs(subject, group, start, bound->sizes, sizes, &bound->source));
    } else if (bound->broadcast) {
      bindings.bind_group(name, *broadcast_sizes(bound->sizes, sizes), group.broadcast, source);
    }
  }

  void place(const Step& step, const Subject& subject) {
    std::vector<std::optional<Int>> wanted;
    for (const Dim& dim : step.factors) {
      wanted.emplace_back();
      if (dim.size) {
        const std::optional<Known> sizes = known(*dim.size, step, &subject);
        if (!sizes) return;
        wanted.back() = evaluated(*dim.size, *sizes);
      } else if (dim.name) {
        const Binding* bound = bindings.find(key(*dim.name, dim.each, &subject));
        if (bound != nullptr) wanted.back() = bound->size;
      }
    }
    const std::size_t start = static_cast<std::size_t>(step.start);
    const std::size_t end = subject.sizes.size() - static_cast<std::size_t>(step.behind);
    const Sizes between(subject.sizes.begin() + step.start, subject.sizes.end() - step.behind);
    const auto places = places_between(between, wanted, step.factors, group_sizes(step.group, subject),
                                       group_sizes(step.after, subject));
    if (places.size() > 1) return fail(place_ambiguous(subject, step, places));
    if (places.empty()) return fail(place_missing(subject, step, wanted));
    const std::size_t first = start + places[0];
    for (std::size_t at = 0; at < step.factors.size(); ++at) {
      const Dim& dim = step.factors[at];
      if (dim.size) {
        equal(dim, first + at, step, subject);
      } else if (dim.name) {
        bind(dim, first + at, subject);
      }
    }
    bind_group(step.group, start, first, subject);
    bind_group(step.after, first + step.factors.size(), end, subject);
  }

  // The sizes that a group must have; nothing where it may be anything.
  std::optional<Sizes> group_sizes(const Group& group, const Subject& subject) const {
    if (!group.name || group.broadcast) return std::nullopt;
    const Binding* bound = bindings.find(key(*group.name, group.each, &subject), true);
    if (bound == nullptr || bound->broadcast) return std::nullopt;
    return bound->sizes;
  }

  void where(const Step& step, const Subject* subject) {
    const std::set<std::string> symbols = step.constraint.symbols();
    const std::optional<Known> sizes = known(symbols, step, subject);
    if (!sizes || step.constraint.holds([&](const Size& one) { return sizes->at(one.symbol); })) return;
    std::map<std::string, const Source*> sources;
    for (const std::string& name : symbols) {
      const Binding* bound = bindings.find(key(name, step.binds_each(name), subject));
      sources[name] = bound == nullptr ? nullptr : &bound->source;
    }
    fail(where_broken(subject, step.constraint, *sizes, sources));
  }

  // Failures

  // `bound` is the dim that says so; "" for the annotation of the axis itself.
  void differs(const Subject& subject, const std::string& name, std::size_t axis, Int expected,
               const std::string& bound) {
    const Binding* by = bound.empty() ? nullptr : bindings.find(bound);
    fail(dim_differs(subject, name, axis, expected, by == nullptr ? nullptr : &by->source, said_layout(subject)));
  }

  // The layout that the tensor seems to have, said once; what it bound is then no ground for more failures.
  std::optional<std::string> said_layout(const Subject& subject) {
    auto hint = layout_hint(*subject.shape, subject.sizes, bindings.without(subject.argument), values_);
    if (!hint) return std::nullopt;
    return doubtful_.insert(subject.argument).second ? hint : std::nullopt;
  }

  void fail(Failure failure) {
    for (const Failure& one : failures) {
      // A check that is taken again once its dims may be bound.
      if (one.code == failure.code && one.message == failure.message && one.argument == failure.argument) return;
    }
    const bool by_size = failure.code == "dims-differ" || failure.code == "size-differs";
    // Another layout was named: one cause, one failure.
    if (by_size && !failure.help && failure.argument && doubtful_.count(*failure.argument) != 0) return;
    if (failure.argument) failed.emplace(*failure.argument, bindings.without(*failure.argument));
    failures.push_back(std::move(failure));
  }

  Values values_;
  std::set<std::string> doubtful_;
};

}  // namespace namedtorch::detail
