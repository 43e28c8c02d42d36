// The failures of matching as sentences: what conflicts, and who said otherwise.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <namedtorch/bindings.hpp>
#include <namedtorch/error.hpp>
#include <namedtorch/plan.hpp>
#include <namedtorch/text.hpp>

namespace namedtorch::detail {

// One tensor that is matched: what messages call it, its shape as annotated, its sizes and strides. `scope` is the
// element of a container that it is ("[2]"), where `?H` is bound anew.
struct Subject {
  std::string argument;
  const Hint* hint;
  const c10::IValue* given;
  const Shape* shape;
  Sizes sizes;
  std::optional<Sizes> strides;
  std::string scope;
  bool misfit = false;  // its rank is wrong: nothing else is checked

  std::size_t axis(int place) const {
    return place >= 0 ? static_cast<std::size_t>(place) : sizes.size() - static_cast<std::size_t>(-place);
  }

  // What was asked for, and what was given.
  std::string seen() const {
    return argument + ": " + hint->family + "[" + hint->array + ", \"" + shape->text + "\"] got " + value_text(*given);
  }
};

using Known = std::map<std::string, Int>;

inline std::string known_text(const Known& known) {
  std::string written;
  for (const auto& [name, size] : known) written += (written.empty() ? "" : " ") + name + "=" + std::to_string(size);
  return written;
}

inline std::string bound_by(const Source* source, const Subject& subject) {
  if (source == nullptr) return "";
  if (source->argument != subject.argument) return " (bound by " + source->text() + ")";
  // The annotation of the argument itself says no more than the sentence does.
  if (!source->note.empty() || !source->axis) return "";
  return " (axis " + std::to_string(*source->axis) + " of `" + source->argument + "`)";
}

inline std::string middle_text(const std::vector<Dim>& dims) {
  std::string written;
  for (const Dim& one : dims) written += (written.empty() ? "" : " ") + one.text();
  return written;
}

inline Failure rank_differs(const Subject& subject, const Step& step, std::optional<std::string> hint) {
  const Int actual = static_cast<Int>(subject.sizes.size());
  Fields fields = {{"argument", subject.argument}, {"actual", std::to_string(actual)}};
  // A scalar has no dims to name.
  if (!subject.shape->axes.empty()) {
    fields["dim"] = subject.shape->alone;
    fields["expected"] = (step.at_least ? "at least " : "") + std::to_string(step.count);
  }
  return {"rank-differs", sentence("rank-differs", fields), subject.argument, {}, {}, Int(step.count), actual,
          std::move(hint)};
}

inline Failure dim_differs(const Subject& subject, const std::string& name, std::size_t axis, Int expected,
                           const Source* source, std::optional<std::string> hint) {
  const Int actual = subject.sizes[axis];
  const Fields fields = {{"argument", subject.argument},
                         {"actual", std::to_string(actual)},
                         {"axis", std::to_string(axis)},
                         {"dim", name},
                         {"expected", std::to_string(expected)}};
  return {"dims-differ", sentence("dims-differ", fields) + bound_by(source, subject), subject.argument, name,
          static_cast<Int>(axis), expected, actual, std::move(hint)};
}

inline Failure size_differs(const Subject& subject, const Size& size, std::size_t axis, Int expected,
                            const Known& known, std::optional<std::string> hint) {
  const Int actual = subject.sizes[axis];
  Fields fields = {{"argument", subject.argument},
                   {"actual", std::to_string(actual)},
                   {"axis", std::to_string(axis)},
                   {"expected", std::to_string(expected)}};
  if (!size.is_constant()) fields["dim"] = size.text();
  std::string message = sentence("size-differs", fields);
  if (!size.is_constant() && size.op != Size::Op::symbol) message += " (" + known_text(known) + ")";
  return {"size-differs", message, subject.argument, size.text(), static_cast<Int>(axis), expected, actual,
          std::move(hint)};
}

inline Failure label_differs(const Subject& subject, const Step& step, const std::string& label, Int size, Int bound,
                             const Source* source) {
  const std::size_t axis = subject.axis(step.axis);
  const std::string message = "`" + subject.argument + "` has `" + label + "`=" + std::to_string(size) + " in `(" +
                              middle_text(step.factors) + ")` at axis " + std::to_string(axis) + ", but `" + label +
                              "` is " + std::to_string(bound) + bound_by(source, subject);
  return {"dims-differ", message, subject.argument, label, static_cast<Int>(axis), bound, size, {}};
}

inline Failure flattened_differs(const Subject& subject, const Step& step, Int product, bool solving) {
  const std::size_t axis = subject.axis(step.axis);
  const std::string text = "(" + middle_text(step.factors) + ")";
  const Int actual = subject.sizes[axis];
  const Fields fields = {{"argument", subject.argument},
                         {"actual", std::to_string(actual)},
                         {"axis", std::to_string(axis)},
                         {"dim", text},
                         {"expected", (solving ? "a multiple of " : "") + std::to_string(product)}};
  return {"flattened-differs", sentence("flattened-differs", fields), subject.argument, text, static_cast<Int>(axis),
          product, actual, {}};
}

inline Failure group_differs(const Subject& subject, const Group& group, std::size_t start, const Sizes& bound,
                             const Sizes& sizes, const Source* source) {
  const Fields fields = {{"argument", subject.argument},
                         {"actual", sizes_text(sizes)},
                         {"dim", group.text()},
                         {"expected", sizes_text(bound)}};
  return {"groups-differ", sentence("groups-differ", fields) + bound_by(source, subject), subject.argument,
          group.text(), static_cast<Int>(start), bound, sizes, {}};
}

inline Failure place_ambiguous(const Subject& subject, const Step& step, const std::vector<std::size_t>& places) {
  std::string axes;
  for (std::size_t place : places) {
    axes += (axes.empty() ? "" : ", ") + std::to_string(static_cast<std::size_t>(step.start) + place);
  }
  const std::string dims = middle_text(step.factors);
  const Fields fields = {{"argument", subject.argument},
                         {"actual", std::to_string(places.size())},
                         {"dim", dims},
                         {"expected", axes}};
  const std::string message = dims.empty() ? "`" + subject.argument + "` does not tell where `" + step.group.text() +
                                                 "` ends: `" + step.after.text() + "` may begin at " + axes
                                           : sentence("place-ambiguous", fields);
  return {"place-ambiguous", message, subject.argument, dims, {}, {}, axes,
          "give the axes that are known, or pass what fixes the dim's size"};
}

inline Failure place_missing(const Subject& subject, const Step& step, const std::vector<std::optional<Int>>& wanted) {
  const Sizes sizes(subject.sizes.begin() + step.start, subject.sizes.end() - step.behind);
  std::string needs;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    if (!wanted[at]) continue;
    const Dim& dim = step.factors[at];
    // What an axis must be: `C=3`, `2*C=6`, `3`.
    const std::string size = std::to_string(*wanted[at]);
    const std::string name = dim.name ? *dim.name : dim.size ? dim.size->text() : size;
    needs += (needs.empty() ? "" : ", ") + (name == size ? size : name + "=" + size);
  }
  const std::string dims = middle_text(step.factors);
  const Fields fields = {
      {"argument", subject.argument},
      {"dim", dims.empty() ? step.group.text() + " " + step.after.text() : dims},
      {"expected", "it needs " + (needs.empty() ? "the sizes that its groups have" : needs) + ", and has the sizes " +
                       sizes_text(sizes)}};
  return {"place-missing", sentence("place-missing", fields), subject.argument, dims, {}, needs, sizes, {}};
}

inline Failure where_broken(const Subject* subject, const Constraint& constraint, const Known& known,
                            const std::map<std::string, const Source*>& sources) {
  const std::string values = known_text(known);
  std::string message =
      sentence("where-broken", {{"dim", constraint.text()}, {"actual", values.empty() ? "never" : values}});
  for (const auto& [name, source] : sources) {
    if (source != nullptr && source->axis) message += " (`" + name + "` is " + source->text() + ")";
  }
  std::optional<std::string> argument;
  if (subject != nullptr) argument = subject->argument;
  return {"where-broken", message, argument, constraint.text(), {}, {}, values, {}};
}

inline Failure format_differs(const Subject& subject, const Step& step) {
  std::string message = sentence("memory-format-differs", {{"argument", subject.argument},
                                                           {"dim", step.format},
                                                           {"actual", sizes_text(*subject.strides)}});
  if (stored_as(subject.sizes, *subject.strides, nullptr)) message += ", those of a contiguous tensor";
  return {"memory-format-differs", message, subject.argument, step.format, {}, {}, *subject.strides, {}};
}

inline Failure each_outside(const Subject& subject, const std::string& name) {
  const std::string message =
      sentence("each-outside-container", {{"dim", name}, {"argument", "`" + subject.argument + "`"}});
  return {"each-outside-container", message, subject.argument, name, {}, {}, {}, {}};
}

// A path of a check leads nowhere; without a subject, it is one of the signature's.
inline Failure attribute_missing(const std::string& path, const Subject* subject, const std::string& missing) {
  const std::string where = subject == nullptr ? "the signature" : "`" + subject->argument + "`";
  std::optional<std::string> argument;
  if (subject != nullptr) argument = subject->argument;
  return {"attribute-missing",
          sentence("attribute-missing", {{"dim", path}, {"argument", where}, {"actual", missing}}),
          argument, path, {}, {}, missing, {}};
}

// The arithmetic of an annotation has no value: it divides by 0, or leaves the numbers of 64 bits.
inline Failure no_value(const Subject* subject, const char* why) {
  const std::string name = subject == nullptr ? "the signature" : "`" + subject->argument + "`";
  std::optional<std::string> argument;
  if (subject != nullptr) argument = subject->argument;
  return {"size-differs", name + " has an annotation that " + why, argument, {}, {}, {}, {}, {}};
}

}  // namespace namedtorch::detail
