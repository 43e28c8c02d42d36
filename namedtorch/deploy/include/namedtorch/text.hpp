// What a value is, as messages say it: `a float32 Tensor (8, 3)`, `a list of 2`, `None`, `the int 3`.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <ATen/core/class_type.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <c10/core/ScalarType.h>
#include <c10/util/complex.h>

namespace namedtorch::detail {

// Sizes as torch prints them: (8, 3, 224, 224).
inline std::string sizes_text(c10::IntArrayRef sizes) {
  std::string text;
  for (std::int64_t size : sizes) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "(" + text + (sizes.size() == 1 ? ",)" : ")");
}

// The name of a dtype: `float32`.
inline std::string dtype_text(c10::ScalarType dtype) { return std::string(c10::getDtypeNames(dtype).first); }

inline std::string quoted_text(std::string_view text) {
  const bool single = text.find('\'') == std::string_view::npos || text.find('"') != std::string_view::npos;
  const char quote = single ? '\'' : '"';
  static constexpr char digits[] = "0123456789abcdef";
  std::string written(1, quote);
  for (const char character : text) {
    const auto one = static_cast<unsigned char>(character);
    if (one == quote || one == '\\') {
      written += '\\';
      written += static_cast<char>(one);
    } else if (one == '\n' || one == '\r' || one == '\t') {
      written += one == '\n' ? "\\n" : one == '\r' ? "\\r" : "\\t";
    } else if (one < 0x20 || one == 0x7F) {
      written += "\\x";
      written += digits[one >> 4];
      written += digits[one & 15];
    } else {
      written += static_cast<char>(one);
    }
  }
  return written + quote;
}

// A number with the fewest digits that read back, as Python writes it: 2.0, 1e-05, 1e+16.
inline std::string real_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  char buffer[40];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
  const std::string text(buffer, written.ptr);
  const std::size_t split = text.find('e');
  const int exponent = std::atoi(text.c_str() + split + 1);
  if (exponent < -4 || exponent >= 16) return text;
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed);
  std::string plain(buffer, fixed.ptr);
  return plain.find('.') == std::string::npos ? plain + ".0" : plain;
}

// Cut to so many characters, which may be of several bytes each; `closed` keeps the quote or bracket at the end.
inline std::string shortened(const std::string& text, std::size_t most = 40, bool closed = false) {
  std::size_t characters = 0, cut = text.size();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    if (characters == most - (closed ? 4 : 3)) cut = at;
    ++characters;
  }
  return characters <= most ? text : text.substr(0, cut) + "..." + text.substr(text.size() - (closed ? 1 : 0));
}

inline std::string with_article(const std::string& text) {
  const char first = text.empty() ? ' ' : static_cast<char>(text[0] | 32);
  const bool soft = first == 'a' || first == 'e' || first == 'i' || first == 'o' ||
                    (first == 'u' && text.substr(0, 4) != "uint");
  return (soft ? "an " : "a ") + text;
}

// The name of a tuple's class: that of a record, else "tuple".
inline std::string tuple_text(const c10::IValue& value) {
  const auto type = value.toTupleRef().type();
  return type && type->schema() && type->name() ? type->name()->name() : "tuple";
}

// The name of a value's type, in Python's words.
inline std::string type_text(const c10::IValue& value) {
  if (value.isNone()) return "NoneType";
  if (value.isBool()) return "bool";
  if (value.isInt()) return "int";
  if (value.isDouble()) return "float";
  if (value.isComplexDouble()) return "complex";
  if (value.isString()) return "str";
  if (value.isTensor()) return "Tensor";
  if (value.isList()) return "list";
  if (value.isTuple()) return tuple_text(value);
  if (value.isGenericDict()) return "dict";
  if (value.isObject()) return value.toObjectRef().type()->name()->name();
  return value.tagKind();
}

// A complex number as Python writes it: (1+2j), 2j.
inline std::string complex_text(c10::complex<double> number) {
  const auto part = [](double one) {
    const std::string text = real_text(one);
    return text.size() > 2 && text.substr(text.size() - 2) == ".0" ? text.substr(0, text.size() - 2) : text;
  };
  const std::string imaginary = part(number.imag()) + "j";
  if (number.real() == 0 && !std::signbit(number.real())) return imaginary;
  return "(" + part(number.real()) + (imaginary[0] == '-' ? "" : "+") + imaginary + ")";
}

// A plain value, or a container of such, as Python writes it; anything else by its type.
inline std::string literal_text(const c10::IValue& value) {
  const auto elements = [](const auto& all) {
    std::string written;
    for (const c10::IValue& one : all) written += (written.empty() ? "" : ", ") + literal_text(one);
    return written;
  };
  if (value.isNone()) return "None";
  if (value.isBool()) return value.toBool() ? "True" : "False";
  if (value.isInt()) return std::to_string(value.toInt());
  if (value.isDouble()) return real_text(value.toDouble());
  if (value.isComplexDouble()) return complex_text(value.toComplexDouble());
  if (value.isString()) return quoted_text(value.toStringView());
  if (value.isList()) return "[" + elements(value.toListRef()) + "]";
  if (value.isTuple() && tuple_text(value) == "tuple") {
    const auto& all = value.toTupleRef().elements();
    return "(" + elements(all) + (all.size() == 1 ? ",)" : ")");
  }
  if (value.isGenericDict()) {
    std::string written;
    for (const auto& entry : value.toGenericDict()) {
      written += (written.empty() ? "" : ", ") + literal_text(entry.key()) + ": " + literal_text(entry.value());
    }
    return "{" + written + "}";
  }
  return "<" + type_text(value) + ">";
}

inline std::string value_text(const c10::IValue& value) {
  if (value.isNone() || value.isBool()) return literal_text(value);
  if (value.isInt() || value.isDouble() || value.isComplexDouble() || value.isString()) {
    return "the " + type_text(value) + " " + shortened(literal_text(value));
  }
  if (value.isTensor()) {
    const at::Tensor& tensor = value.toTensor();
    if (!tensor.defined()) return "an undefined Tensor";
    if (tensor.is_nested()) return "a nested Tensor";
    return with_article(dtype_text(tensor.scalar_type()) + " Tensor " + sizes_text(tensor.sizes()));
  }
  if (value.isList()) return with_article("list of " + std::to_string(value.toListRef().size()));
  if (value.isTuple()) {
    return with_article(tuple_text(value) + " of " + std::to_string(value.toTupleRef().elements().size()));
  }
  if (value.isGenericDict()) return with_article("dict of " + std::to_string(value.toGenericDict().size()));
  return with_article(type_text(value));
}

}  // namespace namedtorch::detail
