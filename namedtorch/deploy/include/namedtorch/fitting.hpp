// Values as a graph takes them: records by name, lists and dicts of its types, numbers of its kind.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Dict.h>
#include <ATen/core/List.h>
#include <ATen/core/dynamic_type.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <namedtorch/attributes.hpp>

namespace namedtorch::detail {

// The lite interpreter's types as those of the other.
inline c10::TypePtr plain_type(const c10::TypePtr& type) {
  return type->kind() == c10::TypeKind::DynamicType ? type->expectRef<c10::DynamicType>().fallback() : type;
}

inline bool is_of(const c10::IValue& value, const c10::TypePtr& type) {
  if (type->kind() == c10::TypeKind::TensorType) return value.isTensor();
  return value.type()->isSubtypeOf(*type);
}

// The value as one of a type: a tuple becomes the record that the type is, an integer a float. A value that can't
// become one is itself: the guard refuses it, or torch does.
inline c10::IValue fitted(const c10::IValue& value, const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::FloatType:
      if (value.isInt()) return static_cast<double>(value.toInt());
      return value.isBool() ? c10::IValue(value.toBool() ? 1.0 : 0.0) : value;
    case c10::TypeKind::IntType:
      return value.isBool() ? c10::IValue(static_cast<std::int64_t>(value.toBool())) : value;
    case c10::TypeKind::OptionalType:
      return value.isNone() ? value : fitted(value, type->expectRef<c10::OptionalType>().getElementType());
    case c10::TypeKind::ListType: {
      if (!value.isList() || is_of(value, type)) return value;
      const c10::TypePtr& item = type->expectRef<c10::ListType>().getElementType();
      c10::impl::GenericList made(item);
      for (const c10::IValue& one : value.toListRef()) {
        c10::IValue element = fitted(one, item);
        if (!is_of(element, item)) return value;
        made.push_back(std::move(element));
      }
      return made;
    }
    case c10::TypeKind::DictType: {
      if (!value.isGenericDict() || is_of(value, type)) return value;
      const auto& dict = type->expectRef<c10::DictType>();
      c10::impl::GenericDict made(dict.getKeyType(), dict.getValueType());
      for (const auto& entry : value.toGenericDict()) {
        c10::IValue key = fitted(entry.key(), dict.getKeyType());
        c10::IValue element = fitted(entry.value(), dict.getValueType());
        if (!is_of(key, dict.getKeyType()) || !is_of(element, dict.getValueType())) return value;
        made.insert(std::move(key), std::move(element));
      }
      return made;
    }
    case c10::TypeKind::TupleType: {
      if (!value.isTuple()) return value;
      const auto tuple = type->cast<c10::TupleType>();
      const auto& types = tuple->elements();
      const auto& given = value.toTupleRef().elements();
      if (given.size() != types.size()) return value;
      std::vector<c10::IValue> made;
      for (std::size_t at = 0; at < types.size(); ++at) {
        // Fields are taken by name, whatever their order in the caller's record: a graph takes them by position.
        const c10::IValue* field = nullptr;
        if (tuple->schema()) field = field_of(value, tuple->schema()->arguments()[at].name());
        made.push_back(fitted(field == nullptr ? given[at] : *field, types[at]));
      }
      if (!tuple->schema()) return c10::ivalue::Tuple::create(std::move(made));
      return c10::ivalue::Tuple::createNamed(std::move(made), tuple);
    }
    default:
      return value;
  }
}

// Tells whether values of a type are taken as they are, so that nothing needs to be looked at.
inline bool is_taken(const c10::IValue& value, const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      return true;
    case c10::TypeKind::IntType:
      return value.isInt();
    case c10::TypeKind::FloatType:
      return value.isDouble();
    case c10::TypeKind::BoolType:
    case c10::TypeKind::StringType:
      return true;
    case c10::TypeKind::OptionalType:
      return value.isNone() || is_taken(value, type->expectRef<c10::OptionalType>().getElementType());
    default:
      return false;
  }
}

}  // namespace namedtorch::detail
