// The sizes that annotations read of arguments: `{n}` of a number, `state.width` of a record.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <namedtorch/size.hpp>
#include <namedtorch/text.hpp>

namespace namedtorch::detail {

// A path that leads nowhere, or to no integer; the text is the end of a sentence about it.
struct AttributeMissing {
  std::string text;
};

// The value at a field of a record; null where it has none.
inline const c10::IValue* field_of(const c10::IValue& value, const std::string& name) {
  if (!value.isTuple()) return nullptr;
  const auto type = value.toTupleRef().type();
  if (!type || !type->schema()) return nullptr;
  const auto& names = type->schema()->arguments();
  const auto& elements = value.toTupleRef().elements();
  for (std::size_t at = 0; at < names.size() && at < elements.size(); ++at) {
    if (names[at].name() == name) return &elements[at];
  }
  return nullptr;
}

using Values = std::vector<std::pair<std::string, const c10::IValue*>>;

inline Int integer_of(const c10::IValue& value) {
  if (value.isInt()) return value.toInt();
  throw AttributeMissing{"is " + literal_text(value) + ", which is no size"};
}

// The integer that a path leads to; throws AttributeMissing.
inline Int attribute_size(const std::string& symbol, const Values& values) {
  std::string_view path = symbol;
  while (!path.empty() && (path.front() == '{' || path.front() == '}')) path.remove_prefix(1);
  while (!path.empty() && (path.back() == '{' || path.back() == '}')) path.remove_suffix(1);
  const std::size_t dot = std::min(path.find('.'), path.size());
  const std::string_view root = path.substr(0, dot);
  path.remove_prefix(dot);
  const c10::IValue* value = nullptr;
  for (const auto& [name, given] : values) {
    if (name == root) value = given;
  }
  if (value == nullptr) throw AttributeMissing{"leads nowhere: there is no `" + std::string(root) + "` here"};
  c10::IValue held;  // what a dict gives is a copy
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('.'), path.size());
    const std::string name(path.substr(0, end));
    path.remove_prefix(end);
    if (value->isGenericDict()) {
      const auto dict = value->toGenericDict();
      const auto found = dict.find(c10::IValue(name));
      if (found == dict.end()) throw AttributeMissing{"leads nowhere: there is no `" + name + "`"};
      held = found->value();
      value = &held;
      continue;
    }
    const c10::IValue* field = field_of(*value, name);
    if (field == nullptr) throw AttributeMissing{"leads nowhere: `" + type_text(*value) + "` has no `" + name + "`"};
    value = field;
  }
  return integer_of(*value);
}

}  // namespace namedtorch::detail
