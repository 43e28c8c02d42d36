// Runs what a file of JSON asks for, and prints one line of JSON for each: the tests hold them to Python.
//
//   {"do": "guard", "signature": ..., "plan": ..., "arguments": [...], "result": ...}   a guard by itself
//   {"do": "time", ...}                                                                 its nanoseconds per call
//   {"do": "fit", "value": ..., "type": ...}                                            a value made ready for a graph
//   {"do": "hash", "text": ...}                                                         the two ways to a digest
#include <chrono>
#include <fstream>
#include <iostream>

#include <ATen/ops/empty_strided.h>

#include <namedtorch/fitting.hpp>
#include <namedtorch/guard.hpp>
#include <namedtorch/sha256.hpp>

namespace nt = namedtorch;
using nt::detail::Json;
using nt::detail::json_text;

static std::vector<std::int64_t> numbers(const Json& list) {
  std::vector<std::int64_t> found;
  for (const Json& one : list.list()) found.push_back(one.integer());
  return found;
}

static at::Tensor tensor(const Json& given) {
  const std::string& name = given.at("dtype").string();
  for (int at = 0; at < static_cast<int>(c10::ScalarType::Undefined); ++at) {
    const auto dtype = static_cast<c10::ScalarType>(at);
    if (nt::detail::dtype_text(dtype) != name) continue;
    return at::empty_strided(numbers(given.at("sizes")), numbers(given.at("strides")), dtype).zero_();
  }
  throw std::runtime_error("no dtype " + name);
}

static c10::IValue value(const Json& given) {
  if (given.is(Json::Kind::null)) return {};
  const auto& [kind, content] = given.fields.at(0);
  if (kind == "tensor") return tensor(content);
  if (kind == "undefined") return at::Tensor();
  if (kind == "int") return content.integer();
  const auto real = [](const Json& one) {
    return one.is(Json::Kind::integer) ? static_cast<double>(one.integer()) : one.real;
  };
  if (kind == "float") return real(content);
  if (kind == "complex") return c10::complex<double>(real(content.list().at(0)), real(content.list().at(1)));
  if (kind == "bool") return content.boolean();
  if (kind == "str") return content.string();
  if (kind == "dict") {
    c10::impl::GenericDict made(c10::StringType::get(), c10::AnyType::get());
    for (const Json& one : content.list()) made.insert(one.items.at(0).string(), value(one.items.at(1)));
    return made;
  }
  if (kind == "list") {
    c10::impl::GenericList made(c10::AnyType::get());
    for (const Json& one : content.list()) made.push_back(value(one));
    return made;
  }
  std::vector<c10::IValue> elements;
  if (kind == "tuple") {
    for (const Json& one : content.list()) elements.push_back(value(one));
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  if (kind != "record") throw std::runtime_error("no value " + kind);
  std::vector<std::string> names;
  std::vector<c10::TypePtr> types;
  for (const Json& one : content.at("fields").list()) {
    names.push_back(one.items.at(0).string());
    elements.push_back(value(one.items.at(1)));
    types.push_back(elements.back().type());
  }
  auto type = c10::TupleType::createNamed(content.at("name").string(), names, types);
  return c10::ivalue::Tuple::createNamed(std::move(elements), std::move(type));
}

static std::vector<c10::IValue> values(const Json& list) {
  std::vector<c10::IValue> found;
  for (const Json& one : list.list()) found.push_back(value(one));
  return found;
}

static c10::TypePtr type(const Json& given) {
  if (given.is(Json::Kind::text)) {
    if (given.text == "Tensor") return c10::TensorType::get();
    if (given.text == "float") return c10::FloatType::get();
    if (given.text == "int") return c10::IntType::get();
    if (given.text == "complex") return c10::ComplexType::get();
    if (given.text == "bool") return c10::BoolType::get();
    return c10::StringType::get();
  }
  const auto& [kind, content] = given.fields.at(0);
  if (kind == "list") return c10::ListType::create(type(content));
  if (kind == "optional") return c10::OptionalType::create(type(content));
  if (kind == "dict") return c10::DictType::create(c10::StringType::get(), type(content));
  if (kind == "union") {
    std::vector<c10::TypePtr> members;
    for (const Json& one : content.list()) members.push_back(type(one));
    return c10::UnionType::create(members);
  }
  std::vector<std::string> names;
  std::vector<c10::TypePtr> types;
  for (const Json& one : content.list()) {
    names.push_back(one.items.at(0).string());
    types.push_back(type(one.items.at(1)));
  }
  return c10::TupleType::createNamed("tests.Record", names, types);
}

static void check(const nt::detail::Guard& guard, const std::vector<c10::IValue>& arguments,
                  const std::optional<c10::IValue>& result) {
  c10::SmallVector<const c10::IValue*, 8> pointers;
  for (const c10::IValue& one : arguments) pointers.push_back(&one);
  nt::detail::Guard::Call call(guard, pointers);
  call.arguments();
  if (result) call.result(*result);
}

// A value made ready for a graph, by the type that it then has.
static std::string fitted(const Json& given) {
  const nt::detail::Fitted made = nt::detail::fitted(value(given.at("value")), type(given.at("type")));
  return "{\"type\": " + json_text(made.value.type()->repr_str()) + ", \"value\": " +
         json_text(nt::detail::value_text(made.value)) + ", \"fits\": " + (made.fits ? "true" : "false") + "}";
}

static std::string answer(const Json& given) {
  const std::string& wanted = given.at("do").string();
  if (wanted == "fit") return fitted(given);
  if (wanted == "hash") {
    const std::string_view text = given.at("text").string();
    nt::detail::Sha256 quick, portable(true);
    // In two parts, which end anywhere in a block.
    quick.update(text.substr(0, text.size() / 3));
    quick.update(text.substr(text.size() / 3));
    portable.update(text);
    return "[" + json_text(quick.finish()) + ", " + json_text(portable.finish()) + "]";
  }
  const nt::detail::Guard guard(given.at("signature"), given.at("plan"), "f");
  const std::vector<c10::IValue> arguments = values(given.at("arguments"));
  std::optional<c10::IValue> result;
  if (const Json* one = given.find("result")) result = value(*one);
  if (wanted == "time") {
    constexpr int calls = 200'000;
    const auto start = std::chrono::steady_clock::now();
    for (int one = 0; one < calls; ++one) check(guard, arguments, result);
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    return "{\"nanoseconds\": " + std::to_string(spent.count() / calls) + "}";
  }
  check(guard, arguments, result);
  return "{\"accepted\": true}";
}

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: checks FILE\n";
    return 2;
  }
  std::ifstream file(arguments[1], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Json asked = nt::detail::JsonReader::parse(text);
  for (const Json& one : asked.list()) {
    try {
      std::cout << answer(one) << "\n";
    } catch (const nt::DimError& error) {
      std::cout << error.json() << "\n";
    } catch (const nt::detail::Malformed& error) {
      std::cout << "{\"error\": \"Malformed\", \"message\": " << json_text(error.what()) << "}\n";
    }
  }
  return 0;
}
