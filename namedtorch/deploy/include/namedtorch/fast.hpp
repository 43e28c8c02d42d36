// The quick answer of a guard: a call surely fits, or the explaining matcher is to say. It only compares.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/ivalue.h>
#include <c10/util/SmallVector.h>

#include <namedtorch/explain.hpp>
#include <namedtorch/hint.hpp>
#include <namedtorch/plan.hpp>

namespace namedtorch::detail {

inline constexpr Int unbound = least_int;

// What one call has bound so far. Tensors are pointed at: they have to outlive the check that gathered them.
struct Bound {
  c10::SmallVector<Int, 24> sizes;
  c10::SmallVector<std::optional<Sizes>, 2> groups;
  c10::SmallVector<const at::Tensor*, 12> tensors;
  c10::SmallVector<std::size_t, 12> starts;  // of each site, its first tensor
};

class FastPlan {
 public:
  // A plan with checks that have no quick form (dims bound per element, groups that broadcast, nested containers) is
  // not usable: the explaining matcher then takes every call.
  FastPlan(const Signature& signature, const Plan& plan) : first_result_(plan.first_result) {
    usable_ = simple(signature.result);
    for (const Parameter& one : signature.parameters) usable_ = usable_ && simple(one.hint);
    for (const Step& one : plan.before) usable_ = usable_ && add(one, before_, signature, 0);
    for (const Step& one : plan.after) usable_ = usable_ && add(one, after_, signature, first_result_);
  }

  bool usable() const { return usable_; }

  // Whether the arguments surely fit; what they bind is for `result`.
  bool arguments(const Signature& signature, c10::ArrayRef<const c10::IValue*> values, Bound& bound) const {
    bound.sizes.resize(slots_.size(), unbound);
    bound.groups.resize(groups_.size());
    for (std::size_t at = 0; at < values.size(); ++at) {
      if (!gather(signature.parameters[at].hint, *values[at], bound)) return false;
    }
    bound.starts.push_back(bound.tensors.size());
    for (const auto& [slot, parameter] : numbers_) {
      if (!values[parameter]->isInt()) return false;
      bound.sizes[slot] = values[parameter]->toInt();
      if (bound.sizes[slot] == unbound) return false;
    }
    return run(before_, 0, bound);
  }

  // Whether a result surely fits.
  bool result(const Signature& signature, const c10::IValue& value, Bound& bound) const {
    bound.tensors.clear();
    bound.starts.clear();
    if (!gather(signature.result, value, bound)) return false;
    bound.starts.push_back(bound.tensors.size());
    return run(after_, first_result_, bound);
  }

 private:
  struct Reckoned {
    Size size;
    std::optional<Int> constant;
    std::vector<std::size_t> needs;
  };

  struct Factor {
    std::optional<Reckoned> size;
    std::optional<std::size_t> slot;
  };

  struct FastStep {
    Step::Op op = Step::Op::rank;
    std::size_t site = 0;
    bool whole = false;  // a constraint of the signature
    int count = 0;
    bool at_least = false;
    int axis = 0;
    bool broadcast = false;
    std::optional<std::size_t> slot;
    Reckoned size;
    std::vector<Factor> factors;
    std::size_t start = 0, behind = 0;
    std::optional<std::vector<int>> order;
    Constraint constraint;
  };

  static bool simple(const Hint& hint) {
    switch (hint.kind) {
      case Hint::Kind::tensor:
      case Hint::Kind::plain:
        return true;
      case Hint::Kind::optional:
        return simple(hint.parts[0]);
      case Hint::Kind::list:
        return hint.name == "list" && hint.parts[0].kind == Hint::Kind::tensor;
      case Hint::Kind::tuple:
      case Hint::Kind::record:
        return std::all_of(hint.parts.begin(), hint.parts.end(), simple);
      default:
        return false;
    }
  }

  static bool add_tensor(const Hint& hint, const c10::IValue& value, Bound& bound) {
    if (!is_array(value)) return false;
    const at::Tensor& tensor = value.toTensor();
    if (!hint.takes(tensor.scalar_type()) || tensor.layout() != at::kStrided) return false;
    bound.tensors.push_back(&tensor);
    return true;
  }

  // Collects the tensors of a value; false if it is not what the hint says.
  static bool gather(const Hint& hint, const c10::IValue& value, Bound& bound) {
    switch (hint.kind) {
      case Hint::Kind::tensor:
        bound.starts.push_back(bound.tensors.size());
        return add_tensor(hint, value, bound);
      case Hint::Kind::plain:
        return hint.plain.bears(value);
      case Hint::Kind::optional:
        if (!value.isNone()) return gather(hint.parts[0], value, bound);
        bound.starts.resize(bound.starts.size() + hint.count_tensors(), bound.tensors.size());
        return true;
      case Hint::Kind::list:
        if (!value.isList()) return false;
        bound.starts.push_back(bound.tensors.size());
        for (const c10::IValue& one : value.toListRef()) {
          if (!add_tensor(hint.parts[0], one, bound)) return false;
        }
        return true;
      case Hint::Kind::tuple: {
        if (!value.isTuple() || value.toTupleRef().elements().size() != hint.parts.size()) return false;
        const auto& elements = value.toTupleRef().elements();
        for (std::size_t at = 0; at < hint.parts.size(); ++at) {
          if (!gather(hint.parts[at], elements[at], bound)) return false;
        }
        return true;
      }
      case Hint::Kind::record:
        for (std::size_t at = 0; at < hint.parts.size(); ++at) {
          const c10::IValue* field = field_of(value, hint.fields[at]);
          if (field == nullptr || !gather(hint.parts[at], *field, bound)) return false;
        }
        return value.isTuple();
      default:
        return false;
    }
  }

  // The place of a name in a list of names, where it is added if it is not there.
  static std::size_t slot_of(const std::string& name, std::vector<std::string>& names) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    names.push_back(name);
    return names.size() - 1;
  }

  // Gives the symbols of a size their slots; false for a path that is no plain argument.
  bool resolve(Size& size, const Signature& signature) {
    if (size.op == Size::Op::symbol) {
      const std::size_t known = slots_.size();
      const std::size_t slot = slot_of(size.symbol, slots_);
      size.slot = static_cast<int>(slot);
      if (is_attribute(size.symbol) && slot == known) {
        const std::string name = size.symbol.substr(1, size.symbol.size() - 2);
        const std::size_t parameter = signature.index(name);
        if (size.symbol.front() != '{' || parameter == signature.parameters.size()) return false;
        numbers_.emplace_back(slot, parameter);
      }
    }
    for (Size& one : size.operands) {
      if (!resolve(one, signature)) return false;
    }
    return true;
  }

  static void needs_of(const Size& size, std::vector<std::size_t>& needs) {
    if (size.op == Size::Op::symbol) needs.push_back(static_cast<std::size_t>(size.slot));
    for (const Size& one : size.operands) needs_of(one, needs);
  }

  std::optional<Reckoned> reckoned(const Size& size, const Signature& signature) {
    Reckoned found;
    found.size = size;
    if (!resolve(found.size, signature)) return std::nullopt;
    needs_of(found.size, found.needs);
    if (size.op == Size::Op::number) found.constant = size.number;
    return found;
  }

  bool add(const Step& step, std::vector<FastStep>& steps, const Signature& signature, std::size_t first) {
    if (!step.each.empty() || step.dim.each || step.op == Step::Op::place) return false;
    FastStep fast;
    fast.op = step.op;
    fast.whole = step.site < 0;
    if (!fast.whole) {
      fast.site = static_cast<std::size_t>(step.site);
      if (fast.site < first) return false;  // taken again once a dim may be bound
    }
    fast.count = step.count;
    fast.at_least = step.at_least;
    fast.axis = step.axis;
    fast.broadcast = step.dim.broadcast;
    fast.start = static_cast<std::size_t>(step.start);
    fast.behind = static_cast<std::size_t>(step.behind);
    fast.order = step.order;
    if (step.op == Step::Op::group) {
      if (step.group.broadcast || step.group.each || !step.group.name) return false;
      fast.slot = slot_of(*step.group.name, groups_);
    }
    if (step.op == Step::Op::equal || step.op == Step::Op::bind) {
      if (step.dim.name) fast.slot = slot_of(*step.dim.name, slots_);
    }
    if (step.op == Step::Op::equal) {
      auto size = reckoned(*step.dim.size, signature);
      if (!size) return false;
      fast.size = std::move(*size);
    }
    for (const Dim& dim : step.factors) {
      Factor& factor = fast.factors.emplace_back();
      if (dim.size && !(factor.size = reckoned(*dim.size, signature))) return false;
      if (dim.name) factor.slot = slot_of(*dim.name, slots_);
    }
    if (step.op == Step::Op::where) {
      fast.constraint = step.constraint;
      if (!resolve(fast.constraint.left, signature) || !resolve(fast.constraint.right, signature)) return false;
      needs_of(fast.constraint.left, fast.size.needs);
      needs_of(fast.constraint.right, fast.size.needs);
    }
    steps.push_back(std::move(fast));
    return true;
  }

  bool run(const std::vector<FastStep>& steps, std::size_t first, Bound& bound) const {
    try {
      for (const FastStep& one : steps) {
        if (one.whole) {
          if (!where(one, bound)) return false;
          continue;
        }
        const std::size_t site = one.site - first;
        const std::size_t end = bound.starts[site + 1];
        for (std::size_t at = bound.starts[site]; at < end; ++at) {
          if (!holds(one, *bound.tensors[at], bound)) return false;
        }
      }
    } catch (const DividesByZero&) {
      return false;
    } catch (const TooLarge&) {
      return false;
    }
    return true;
  }

  static bool all_bound(const std::vector<std::size_t>& needs, const Bound& bound) {
    for (std::size_t slot : needs) {
      if (bound.sizes[slot] == unbound) return false;
    }
    return true;
  }

  static Int value_of(const Reckoned& size, const Bound& bound) {
    if (size.constant) return *size.constant;
    return size.size.evaluate([&](const Size& one) { return bound.sizes[static_cast<std::size_t>(one.slot)]; });
  }

  static bool where(const FastStep& step, const Bound& bound) {
    if (!all_bound(step.size.needs, bound)) return true;
    return step.constraint.holds([&](const Size& one) { return bound.sizes[static_cast<std::size_t>(one.slot)]; });
  }

  static bool agrees(std::optional<std::size_t> slot, Int size, Bound& bound) {
    if (!slot) return true;
    Int& known = bound.sizes[*slot];
    if (known == unbound) known = size;
    return known == size;
  }

  static bool holds(const FastStep& step, const at::Tensor& tensor, Bound& bound) {
    const c10::IntArrayRef sizes = tensor.sizes();
    const auto axis = [&] {
      return static_cast<std::size_t>(step.axis >= 0 ? step.axis : static_cast<int>(sizes.size()) + step.axis);
    };
    switch (step.op) {
      case Step::Op::rank:
        return static_cast<int>(sizes.size()) == step.count ||
               (step.at_least && static_cast<int>(sizes.size()) > step.count);
      case Step::Op::equal: {
        const Int actual = sizes[axis()];
        if ((step.broadcast && actual == 1) || !all_bound(step.size.needs, bound)) return true;
        return actual == value_of(step.size, bound) && agrees(step.slot, actual, bound);
      }
      case Step::Op::bind: {
        const Int actual = sizes[axis()];
        return (step.broadcast && actual == 1) || agrees(step.slot, actual, bound);
      }
      case Step::Op::flattened:
        return flattened(step, sizes[axis()], bound);
      case Step::Op::group: {
        const c10::IntArrayRef found = sizes.slice(step.start, sizes.size() - step.start - step.behind);
        std::optional<Sizes>& known = bound.groups[*step.slot];
        if (!known) known = found.vec();
        return found == c10::IntArrayRef(*known);
      }
      case Step::Op::format:
        return stored_as(sizes, tensor.strides(), step.order ? &*step.order : nullptr);
      case Step::Op::where:
        return where(step, bound);
      case Step::Op::place:
        return false;
    }
    return false;
  }

  static bool flattened(const FastStep& step, Int actual, Bound& bound) {
    Int product = 1;
    const Factor* open = nullptr;
    for (const Factor& one : step.factors) {
      if (one.size) {
        if (!all_bound(one.size->needs, bound)) return true;
        product = product_of(product, value_of(*one.size, bound));
      } else if (one.slot && bound.sizes[*one.slot] != unbound) {
        product = product_of(product, bound.sizes[*one.slot]);
      } else if (open != nullptr) {
        return false;  // two that are open: the matcher says
      } else {
        open = &one;
      }
    }
    for (const Factor& one : step.factors) {
      if (!one.size || !one.slot) continue;
      const Int size = value_of(*one.size, bound);
      if (size == unbound || !agrees(one.slot, size, bound)) return false;
    }
    if (open == nullptr) return product == actual;
    if (product == 0) return actual == 0;
    if (remainder_of(actual, product) != 0) return false;
    return agrees(open->slot, quotient_of(actual, product), bound);
  }

  std::size_t first_result_;
  bool usable_ = false;
  std::vector<std::string> slots_;
  std::vector<std::string> groups_;
  std::vector<std::pair<std::size_t, std::size_t>> numbers_;  // slots that hold an argument, and which
  std::vector<FastStep> before_;
  std::vector<FastStep> after_;
};

}  // namespace namedtorch::detail
