// The explaining matcher over a whole call: walks the values, collects every failure, says who bound what.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/ivalue.h>

#include <namedtorch/hint.hpp>
#include <namedtorch/match.hpp>
#include <namedtorch/plan.hpp>

namespace namedtorch::detail {

inline constexpr const char* result_name = "result";

// Tells whether a value is the container that a list hint asks for.
inline bool is_container(const c10::IValue& value, const std::string& container) {
  if (container == "tuple") return value.isTuple();
  if (container == "Sequence") return value.isList() || value.isTuple();
  return value.isList();
}

inline c10::ArrayRef<c10::IValue> elements_of(const c10::IValue& value) {
  if (value.isList()) return value.toListRef();
  const auto& elements = value.toTupleRef().elements();
  return c10::ArrayRef<c10::IValue>(elements.begin(), elements.end());
}

// Tells whether a value is an array that sizes can be read of.
inline bool is_array(const c10::IValue& value) {
  return value.isTensor() && value.toTensor().defined() && !value.toTensor().is_nested();
}

// Tells whether a value is the alternative of a union: its type, dtype, rank and fixed sizes.
inline bool fits(const Hint& hint, const c10::IValue& value) {
  switch (hint.kind) {
    case Hint::Kind::tensor: {
      if (!is_array(value) || !hint.takes(value.toTensor().scalar_type())) return false;
      const auto sizes = value.toTensor().sizes();
      const auto groups = static_cast<std::size_t>(
          std::count_if(hint.shape.axes.begin(), hint.shape.axes.end(), [](const Axis& axis) {
            return axis.kind == Axis::Kind::group;
          }));
      if (groups > 0) return sizes.size() + groups >= hint.shape.axes.size();
      if (sizes.size() != hint.shape.axes.size()) return false;
      for (std::size_t at = 0; at < sizes.size(); ++at) {
        const Axis& axis = hint.shape.axes[at];
        if (axis.kind != Axis::Kind::dim || !axis.dim.size || axis.dim.broadcast) continue;
        if (axis.dim.size->op == Size::Op::number && axis.dim.size->number != sizes[at]) return false;
      }
      return true;
    }
    case Hint::Kind::plain:
      return hint.plain.bears(value);
    case Hint::Kind::optional:
      return value.isNone() || fits(hint.parts[0], value);
    case Hint::Kind::alternatives:
      return std::any_of(hint.parts.begin(), hint.parts.end(), [&](const Hint& one) { return fits(one, value); });
    case Hint::Kind::list:
      return is_container(value, hint.name);
    case Hint::Kind::dict:
      return value.isGenericDict();
    case Hint::Kind::tuple:
      return value.isTuple() && value.toTupleRef().elements().size() == hint.parts.size();
    case Hint::Kind::record:
      return false;  // a record of a union is told by its class, which a file does not have
  }
  return false;
}

class Explanation {
 public:
  Explanation(const Signature& signature, const Plan& plan, Values values)
      : signature_(signature), plan_(plan), matching_(std::move(values)), subjects_(plan.sites) {}

  // Matches the arguments; tells whether they fit.
  bool arguments() {
    std::size_t site = 0;
    for (std::size_t at = 0; at < signature_.parameters.size(); ++at) {
      const Parameter& one = signature_.parameters[at];
      walk(one.hint, *matching_.values()[at].second, one.name, "", site);
      site += one.hint.count_tensors();
    }
    run(plan_.before);
    if (matching_.failures.empty()) attributes();
    return matching_.failures.empty();
  }

  // Matches the result of a call whose arguments fit; tells whether it fits.
  bool result(const c10::IValue& value) {
    walk(signature_.result, value, result_name, "", plan_.first_result);
    run(plan_.after);
    return matching_.failures.empty();
  }

  // The error of the failures so far.
  DimError error(const std::string& function) const {
    std::vector<Failure> failures = matching_.failures;
    for (Failure& one : failures) {
      // Ranks are checked before anything is bound; what an axis too few or too many is, shows afterwards.
      const Subject* subject = one.argument ? subject_of(*one.argument) : nullptr;
      if (one.code == "rank-differs" && !one.help && subject != nullptr) {
        one.help = rank_hint(*subject->shape, subject->sizes, matching_.bindings.without(subject->argument),
                             matching_.values());
      }
    }
    std::stable_sort(failures.begin(), failures.end(), [&](const Failure& one, const Failure& other) {
      return place(one) < place(other);
    });
    std::vector<std::string> notes, said;
    for (const Failure& one : failures) {
      if (!one.argument || std::find(said.begin(), said.end(), *one.argument) != said.end()) continue;
      if (said.size() == most_notes) break;
      said.push_back(*one.argument);
      if (const Subject* subject = subject_of(*one.argument)) notes.push_back(subject->seen());
      const std::string before = bound_before(*one.argument);
      if (!before.empty()) notes.push_back("bound before `" + *one.argument + "`: " + before);
    }
    return DimError(std::move(failures), function, notes);
  }

 private:
  static constexpr std::size_t most_notes = 4;

  void run(const std::vector<Step>& steps) {
    for (const Step& one : steps) {
      if (one.site < 0) {
        matching_.run(one, nullptr);
        continue;
      }
      for (Subject* subject : subjects_[static_cast<std::size_t>(one.site)]) matching_.run(one, subject);
    }
  }

  void attributes() {
    for (const std::string& path : plan_.attributes()) {
      try {
        attribute_size(path, matching_.values());
      } catch (const AttributeMissing& missing) {
        matching_.failures.push_back(attribute_missing(path, nullptr, missing.text));
      }
    }
  }

  void fail(const char* code, const std::string& argument, std::string actual, const std::string& expected) {
    const Fields fields = {{"argument", argument}, {"actual", actual}, {"expected", expected}};
    matching_.failures.push_back(
        {code, sentence(code, fields), argument, {}, {}, expected, std::move(actual), {}});
  }

  void walk(const Hint& hint, const c10::IValue& value, const std::string& argument, const std::string& scope,
            std::size_t site) {
    switch (hint.kind) {
      case Hint::Kind::tensor:
        return tensor(hint, value, argument, scope, site);
      case Hint::Kind::plain:
        return plain(hint, value, argument);
      case Hint::Kind::optional:
        if (!value.isNone()) walk(hint.parts[0], value, argument, scope, site);
        return;
      case Hint::Kind::alternatives:
        for (const Hint& one : hint.parts) {
          if (fits(one, value)) return walk(one, value, argument, scope, site);
          site += one.count_tensors();
        }
        return fail("no-member-fits", argument, value_text(value), hint.described());
      case Hint::Kind::list: {
        if (!is_container(value, hint.name)) {
          return fail("container-differs", argument, value_text(value), "a " + hint.name);
        }
        std::size_t place = 0;
        for (const c10::IValue& one : elements_of(value)) {
          const std::string index = "[" + std::to_string(place++) + "]";
          walk(hint.parts[0], one, argument + index, scope + index, site);
        }
        return;
      }
      case Hint::Kind::dict:
        if (!value.isGenericDict()) return fail("container-differs", argument, value_text(value), "a mapping");
        for (const auto& entry : value.toGenericDict()) {
          const c10::IValue key = entry.key(), one = entry.value();
          held_.push_back(one);
          const std::string bare = key.isString() ? std::string(key.toStringView()) : literal_text(key);
          walk(hint.parts[0], held_.back(), argument + "[" + literal_text(key) + "]", scope + "[" + bare + "]", site);
        }
        return;
      case Hint::Kind::tuple: {
        if (!value.isTuple() || value.toTupleRef().elements().size() != hint.parts.size()) {
          return fail("container-differs", argument, value_text(value),
                      "a tuple of " + std::to_string(hint.parts.size()));
        }
        const auto& elements = value.toTupleRef().elements();
        for (std::size_t at = 0; at < hint.parts.size(); ++at) {
          const std::string index = "[" + std::to_string(at) + "]";
          walk(hint.parts[at], elements[at], argument + index, scope + index, site);
          site += hint.parts[at].count_tensors();
        }
        return;
      }
      case Hint::Kind::record: {
        const bool whole = value.isTuple() && std::all_of(hint.fields.begin(), hint.fields.end(), [&](const auto& one) {
                             return field_of(value, one) != nullptr;
                           });
        if (!whole) return fail("container-differs", argument, value_text(value), "a " + hint.name);
        for (std::size_t at = 0; at < hint.parts.size(); ++at) {
          const std::string field = "." + hint.fields[at];
          walk(hint.parts[at], *field_of(value, hint.fields[at]), argument + field, scope + field, site);
          site += hint.parts[at].count_tensors();
        }
        return;
      }
    }
  }

  void tensor(const Hint& hint, const c10::IValue& value, const std::string& argument, const std::string& scope,
              std::size_t site) {
    if (!is_array(value)) return fail("not-an-array", argument, value_text(value), "a " + hint.array);
    const at::Tensor& given = value.toTensor();
    if (!hint.takes(given.scalar_type())) {
      fail("dtype-differs", argument, dtype_text(given.scalar_type()), hint.family);
    }
    Subject& subject = all_.emplace_back();
    subject.argument = argument;
    subject.hint = &hint;
    subject.given = &value;
    subject.shape = &hint.shape;
    subject.sizes = given.sizes().vec();
    if (given.layout() == at::kStrided) subject.strides = given.strides().vec();
    subject.scope = scope;
    subjects_[site].push_back(&subject);
  }

  void plain(const Hint& hint, const c10::IValue& value, const std::string& argument) {
    if (hint.plain.bears(value)) return;
    const std::string actual = value_text(value);
    const std::string reason = hint.plain.reason(value);
    const std::string message = "`" + argument + "` is " + actual + ", but the annotation asks for " + hint.name +
                                (reason.empty() ? "" : " (" + reason + ")");
    matching_.failures.push_back({"wrong-type", message, argument, {}, {}, hint.name, actual, {}});
  }

  const Subject* subject_of(const std::string& argument) const {
    const auto found =
        std::find_if(all_.rbegin(), all_.rend(), [&](const Subject& one) { return one.argument == argument; });
    return found == all_.rend() ? nullptr : &*found;
  }

  // What was bound before an argument failed; of dims that are bound per element, those of its own element.
  std::string bound_before(const std::string& argument) const {
    const auto found = matching_.failed.find(argument);
    if (found == matching_.failed.end()) return "";
    const Subject* subject = subject_of(argument);
    std::string written;
    for (const bool groups : {false, true}) {
      for (const Binding& one : found->second.all()) {
        if (one.group != groups) continue;
        // A group that is bound per element is shown for none.
        bool shown = one.key.find('?') == std::string::npos;
        if (!shown && !groups && subject != nullptr) {
          shown = std::any_of(subject->shape->each.begin(), subject->shape->each.end(), [&](const auto& name) {
            return one.key == subject->scope + "?" + name;
          });
        }
        if (shown) written += (written.empty() ? "" : " ") + one.text();
      }
    }
    return written;
  }

  // Where a failure stands among those of a call: by parameter, then by axis.
  std::pair<std::size_t, Int> place(const Failure& failure) const {
    const std::string argument = failure.argument.value_or("");
    const std::string root = argument.substr(0, argument.find_first_of("[."));
    std::size_t at = signature_.index(root);
    if (at == signature_.parameters.size() && root != result_name) ++at;
    return {at, failure.axis.value_or(-1)};
  }

  const Signature& signature_;
  const Plan& plan_;
  Matching matching_;
  std::deque<Subject> all_;  // where they stand does not change
  std::vector<std::vector<Subject*>> subjects_;
  std::deque<c10::IValue> held_;  // what dicts give are copies
};

}  // namespace namedtorch::detail
