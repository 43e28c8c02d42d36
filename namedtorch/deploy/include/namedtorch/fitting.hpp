// Values as a graph takes them: records by name, lists and dicts of its types, numbers of its kind.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Dict.h>
#include <ATen/core/List.h>
#include <ATen/core/dynamic_type.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <c10/util/complex.h>

#include <namedtorch/attributes.hpp>

namespace namedtorch::detail {

// The lite interpreter's types as those of the other.
inline c10::TypePtr plain_type(const c10::TypePtr& type) {
  return type->kind() == c10::TypeKind::DynamicType ? type->expectRef<c10::DynamicType>().fallback() : type;
}

// Tells whether a value is of a type as it is.
inline bool is_of(const c10::IValue& value, const c10::TypePtr& type) {
  if (type->kind() == c10::TypeKind::TensorType) return value.isTensor();
  return value.type()->isSubtypeOf(*type);
}

// A value made ready for a graph, and whether the graph takes it.
struct Fitted {
  c10::IValue value;
  bool fits = true;
};

inline Fitted fitted(const c10::IValue& value, const c10::TypePtr& type);

inline Fitted fitted_list(const c10::IValue& value, const c10::TypePtr& item) {
  c10::impl::GenericList made(item), mixed(c10::AnyType::get());
  bool fits = true;
  for (const c10::IValue& one : value.toListRef()) {
    Fitted element = fitted(one, item);
    fits = fits && element.fits;
    if (fits) made.push_back(element.value);
    mixed.push_back(std::move(element.value));
  }
  return {fits ? c10::IValue(made) : c10::IValue(mixed), fits};
}

inline Fitted fitted_dict(const c10::IValue& value, const c10::DictType& type) {
  c10::impl::GenericDict made(type.getKeyType(), type.getValueType()), mixed(type.getKeyType(), c10::AnyType::get());
  bool fits = true;
  for (const auto& entry : value.toGenericDict()) {
    const Fitted key = fitted(entry.key(), type.getKeyType());
    if (!key.fits) return {value, false};
    Fitted element = fitted(entry.value(), type.getValueType());
    fits = fits && element.fits;
    if (fits) made.insert(key.value, element.value);
    mixed.insert(key.value, std::move(element.value));
  }
  return {fits ? c10::IValue(made) : c10::IValue(mixed), fits};
}

inline Fitted fitted_tuple(const c10::IValue& value, const c10::TupleTypePtr& type) {
  const auto& types = type->elements();
  const auto& given = value.toTupleRef().elements();
  if (given.size() != types.size()) return {value, false};
  std::vector<c10::IValue> made;
  bool fits = true;
  for (std::size_t at = 0; at < types.size(); ++at) {
    // Fields are taken by name, whatever their order in the caller's record: a graph takes them by position.
    const c10::IValue* field = nullptr;
    if (type->schema()) field = field_of(value, type->schema()->arguments()[at].name());
    Fitted element = fitted(field == nullptr ? given[at] : *field, types[at]);
    fits = fits && element.fits;
    made.push_back(std::move(element.value));
  }
  if (!type->schema()) return {c10::ivalue::Tuple::create(std::move(made)), fits};
  return {c10::ivalue::Tuple::createNamed(std::move(made), type), fits};
}

inline Fitted fitted_union(const c10::IValue& value, const c10::UnionType& type) {
  for (const c10::TypePtr& member : type.containedTypes()) {
    Fitted made = fitted(value, member);
    if (made.fits) return made;
  }
  return {value, false};
}

// The value as one of a type: a tuple becomes the record that the type is, an integer a float. What can't become one
// stays as it is, down to its parts: the guard says what is wrong with it.
inline Fitted fitted(const c10::IValue& value, const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::ComplexType:
      if (value.isDouble()) return {c10::complex<double>(value.toDouble())};
      if (value.isInt()) return {c10::complex<double>(static_cast<double>(value.toInt()))};
      break;
    case c10::TypeKind::FloatType:
      if (value.isInt()) return {static_cast<double>(value.toInt())};
      if (value.isBool()) return {value.toBool() ? 1.0 : 0.0};
      break;
    case c10::TypeKind::IntType:
      if (value.isBool()) return {static_cast<std::int64_t>(value.toBool())};
      break;
    case c10::TypeKind::OptionalType:
      if (value.isNone()) return {value};
      return fitted(value, type->expectRef<c10::OptionalType>().getElementType());
    case c10::TypeKind::TupleType:
      if (value.isTuple()) return fitted_tuple(value, type->cast<c10::TupleType>());
      break;
    case c10::TypeKind::UnionType:
      return is_of(value, type) ? Fitted{value} : fitted_union(value, type->expectRef<c10::UnionType>());
    case c10::TypeKind::ListType:
      if (!value.isList() || is_of(value, type)) break;
      return fitted_list(value, type->expectRef<c10::ListType>().getElementType());
    case c10::TypeKind::DictType:
      if (!value.isGenericDict() || is_of(value, type)) break;
      return fitted_dict(value, type->expectRef<c10::DictType>());
    default:
      break;
  }
  return {value, is_of(value, type)};
}

// The same where that costs next to nothing to tell; false for types of other kinds.
inline bool is_taken(const c10::IValue& value, const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      return value.isTensor();
    case c10::TypeKind::IntType:
      return value.isInt();
    case c10::TypeKind::FloatType:
      return value.isDouble();
    case c10::TypeKind::BoolType:
      return value.isBool();
    case c10::TypeKind::StringType:
      return value.isString();
    case c10::TypeKind::OptionalType:
      return value.isNone() || is_taken(value, type->expectRef<c10::OptionalType>().getElementType());
    default:
      return false;
  }
}

}  // namespace namedtorch::detail
