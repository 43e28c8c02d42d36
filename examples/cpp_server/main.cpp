// A server of one model over HTTP, of libtorch, the header of namedtorch and the standard library.
//
//   cpp_server MODEL [PORT [DEVICE]]    it prints "listening on 127.0.0.1:PORT"; port 0 takes any that is free
//
//   GET /      the name of the model, its signature and the names of its inputs, those of its methods, as JSON
//   POST /     a call, of `encode` for POST /encode. The body is one line of JSON that lists the inputs, then the data of
//              the tensors, one behind the other, row-major, in the byte order of the machine:
//                  [{"name": "image", "dtype": "float32", "sizes": [1, 3, 32, 32]}, {"name": "scale", "value": 2.0}]
//              Inputs of one name make up a list, as does one alone that is called `extras[]`; `state.0` and `state.1`
//              make up a tuple, or a record. The answer has the same form.
//
// What does not fit the signature is answered with status 400 and the words of the guard.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <ATen/ops/empty.h>

#include <namedtorch/archive.hpp>

using namedtorch::Json;
using namedtorch::json_text;

constexpr std::size_t longest_head = 16 << 10;
constexpr std::size_t longest_body = 256 << 20;
constexpr std::size_t most_inputs = 1000;
constexpr int most_connections = 64;
constexpr int patience = 10;  // seconds for a client to send or take something

// What a client sent can't be read.
struct BadRequest : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const std::map<std::string, at::ScalarType> dtypes = {
    {"float32", at::kFloat}, {"float64", at::kDouble}, {"float16", at::kHalf}, {"bfloat16", at::kBFloat16},
    {"int64", at::kLong},    {"int32", at::kInt},      {"int16", at::kShort},  {"int8", at::kChar},
    {"uint8", at::kByte},    {"bool", at::kBool}};

// The tensor of one input: takes its data from the front of what is left of the body.
at::Tensor tensor_of(const Json& input, std::string_view& data) {
  const auto dtype = dtypes.find(input.at("dtype").string());
  if (dtype == dtypes.end()) throw BadRequest("there is no dtype " + json_text(input.at("dtype").string()));
  std::vector<std::int64_t> sizes;
  std::size_t count = 1;
  for (const Json& one : input.at("sizes").list()) {
    const std::int64_t size = one.integer(0, longest_body);
    sizes.push_back(size);
    count *= static_cast<std::size_t>(size);
    if (count > longest_body) throw BadRequest("a tensor has more elements than a body may have bytes");
  }
  if (sizes.size() > 64) throw BadRequest("a tensor has more than 64 axes");
  const std::size_t bytes = count * c10::elementSize(dtype->second);
  if (bytes > data.size()) {
    throw BadRequest("the body ends before the data of " + json_text(input.at("name").string()));
  }
  at::Tensor tensor = at::empty(sizes, dtype->second);
  if (dtype->second == at::kBool) {
    // A byte that is neither 0 nor 1 is no bool.
    bool* element = tensor.mutable_data_ptr<bool>();
    for (std::size_t at = 0; at < bytes; ++at) element[at] = data[at] != 0;
  } else if (bytes > 0) {
    std::memcpy(tensor.mutable_data_ptr(), data.data(), bytes);
  }
  data.remove_prefix(bytes);
  return tensor;
}

c10::IValue plain_of(const Json& value) {
  if (value.is(Json::Kind::null)) return {};
  if (value.is(Json::Kind::boolean)) return value.flag;
  if (value.is(Json::Kind::real)) return value.real;
  if (value.is(Json::Kind::text)) return value.text;
  if (!value.is(Json::Kind::list)) return value.integer();
  c10::impl::GenericList list(c10::AnyType::get());
  for (const Json& one : value.list()) list.push_back(plain_of(one));
  return list;
}

// What stands behind the dot of `state.1`; nothing for a plain name.
std::optional<std::size_t> place_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  std::size_t place = 0;
  const auto read = std::from_chars(name.c_str() + dot + 1, name.c_str() + name.size(), place);
  if (read.ec != std::errc() || *read.ptr != '\0') throw BadRequest("there is no place in " + json_text(name));
  return place;
}

// The inputs of a call by their names: those of one name make up a list, those with places a tuple.
namedtorch::Named inputs_of(std::string_view body) {
  const std::size_t end = std::min(body.find('\n'), body.size());
  const Json head = namedtorch::JsonReader::parse(body.substr(0, end));
  std::string_view data = body.substr(std::min(end + 1, body.size()));
  namedtorch::Named inputs;
  std::map<std::string, std::vector<at::Tensor>> lists;
  std::map<std::string, std::vector<c10::IValue>> tuples;
  std::set<std::string> listed;
  if (head.list().size() > most_inputs) {
    throw BadRequest("a call has more than " + std::to_string(most_inputs) + " inputs");
  }
  for (const Json& one : head.list()) {
    std::string name = one.at("name").string();
    const Json* value = one.find("value");
    if (name.ends_with("[]")) listed.insert(name.erase(name.size() - 2));
    const std::optional<std::size_t> place = place_of(name);
    const std::string whole = name.substr(0, place ? name.rfind('.') : name.size());
    if (place) {
      std::vector<c10::IValue>& tuple = tuples[whole];
      if (*place != tuple.size()) throw BadRequest("the places of " + json_text(whole) + " are not in order");
      tuple.push_back(value != nullptr ? plain_of(*value) : c10::IValue(tensor_of(one, data)));
      if (tuple.size() > 1) continue;
    } else if (value == nullptr) {
      std::vector<at::Tensor>& list = lists[whole];
      list.push_back(tensor_of(one, data));
      if (list.size() > 1) continue;
    }
    inputs.emplace_back(whole, value != nullptr ? plain_of(*value) : c10::IValue());
  }
  if (!data.empty()) throw BadRequest(std::to_string(data.size()) + " bytes behind the data of the last tensor");
  for (auto& [name, value] : inputs) {
    if (const auto list = lists.find(name); list != lists.end()) {
      const bool alone = list->second.size() == 1 && listed.count(name) == 0;
      value = alone ? c10::IValue(list->second[0]) : c10::IValue(list->second);
    }
    if (const auto tuple = tuples.find(name); tuple != tuples.end()) value = c10::ivalue::Tuple::create(tuple->second);
  }
  return inputs;
}

// A plain value of a result as JSON; JSON has no infinity.
std::string plain_text(const c10::IValue& value) {
  if (value.isNone()) return "null";
  if (value.isBool()) return value.toBool() ? "true" : "false";
  if (value.isString()) return json_text(value.toStringView());
  const std::string text = namedtorch::literal_text(value);
  const bool number = value.isInt() || (value.isDouble() && std::isfinite(value.toDouble()));
  return number ? text : json_text(text);
}

// Adds a result to an answer; what is in a container has its place behind its name: `result[1]`, `result['mask']`.
void add(const c10::IValue& value, const std::string& name, std::string& head, std::string& data) {
  if (value.isTuple() || value.isList()) {
    std::size_t place = 0;
    for (const c10::IValue& one : namedtorch::elements_of(value)) {
      add(one, name + "[" + std::to_string(place++) + "]", head, data);
    }
    return;
  }
  if (value.isGenericDict()) {
    for (const auto& one : value.toGenericDict()) {
      add(one.value(), name + "[" + namedtorch::literal_text(one.key()) + "]", head, data);
    }
    return;
  }
  head += (head.empty() ? "" : ", ") + std::string("{\"name\": ") + json_text(name);
  if (!value.isTensor()) {
    head += ", \"value\": " + plain_text(value) + "}";
    return;
  }
  const at::Tensor tensor = value.toTensor().detach().cpu().contiguous();
  head += ", \"dtype\": " + json_text(namedtorch::dtype_text(tensor.scalar_type())) + ", \"sizes\": [";
  for (std::int64_t axis = 0; axis < tensor.dim(); ++axis) {
    head += (axis == 0 ? "" : ", ") + std::to_string(tensor.size(axis));
  }
  head += "]}";
  data.append(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
}

struct Answer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
};

std::string problem(const std::string& error, const std::string& message) {
  return "{\"error\": " + json_text(error) + ", \"message\": " + json_text(message) + "}";
}

std::string interface_of(const namedtorch::Method& method) {
  std::string inputs;
  for (const std::string& name : method.parameters()) inputs += (inputs.empty() ? "" : ", ") + json_text(name);
  return "\"signature\": " + json_text(method.signature()) + ", \"inputs\": [" + inputs + "]";
}

Answer described(const namedtorch::Model& model) {
  std::string methods;
  for (const std::string& name : model.methods()) {
    methods += (methods.empty() ? "" : ", ") + json_text(name) + ": {" + interface_of(model.method(name)) + "}";
  }
  return {200, "application/json", "{\"name\": " + json_text(model.name()) + ", " + interface_of(model.forward()) +
                                       ", \"methods\": {" + methods + "}}"};
}

Answer called(const namedtorch::Method& method, std::string_view body) {
  namedtorch::Named inputs;
  try {
    inputs = inputs_of(body);
  } catch (const std::runtime_error& error) {
    return {400, "application/json", problem("BadRequest", error.what())};
  }
  try {
    std::string head, data;
    add(method(inputs), "result", head, data);
    return {200, "application/octet-stream", "[" + head + "]\n" + data};
  } catch (const namedtorch::DimError& error) {
    const bool ours = error.argument() == "result";
    return {ours ? 500 : 400, "application/json", error.json()};
  } catch (const namedtorch::CallError& error) {
    return {400, "application/json", problem("CallError", error.what())};
  } catch (const std::exception& error) {
    return {500, "application/json", problem("ModelError", namedtorch::said_by(error))};
  }
}

bool send_all(int client, std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = send(client, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Reads until a text has so many bytes, or until `end` stands in it; false where the client stops before.
bool receive(int client, std::string& text, std::size_t wanted, std::string_view end) {
  char buffer[64 << 10];
  while (end.empty() ? text.size() < wanted : text.find(end) == std::string::npos) {
    if (!end.empty() && text.size() > wanted) return false;
    const ssize_t count = recv(client, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return true;
}

// The number of bytes that the head of a request announces; nothing if it announces none that can be.
std::optional<std::size_t> body_length(std::string head) {
  for (char& one : head) one = one >= 'A' && one <= 'Z' ? static_cast<char>(one | 32) : one;
  const std::size_t field = head.find("\r\ncontent-length:");
  if (field == std::string::npos) return 0;
  const char* start = head.c_str() + field + 17;
  while (*start == ' ') ++start;
  std::size_t length = 0;
  const auto read = std::from_chars(start, head.c_str() + head.size(), length);
  if (read.ec != std::errc() || *read.ptr != '\r' || length > longest_body) return std::nullopt;
  return length;
}

void serve(int client, const namedtorch::Model& model) {
  std::string text;
  if (!receive(client, text, longest_head, "\r\n\r\n")) return;
  const std::size_t end = text.find("\r\n\r\n") + 4;
  const std::string head = text.substr(0, end);
  const std::size_t first = std::min(head.find(' '), end), second = std::min(head.find(' ', first + 1), end);
  const std::string asked = head.substr(0, first), path = head.substr(first, second - first);
  Answer answer{404, "application/json", problem("NotFound", "this server has GET /, POST / and POST /METHOD")};
  const std::optional<std::size_t> length = body_length(head);
  if (!length) {
    answer = {413, "application/json", problem("BadRequest", "the body has no length, or is too long")};
  } else if (asked == "GET" && path == " /") {
    answer = described(model);
  } else if (asked == "POST" && path.rfind(" /", 0) == 0) {
    if (!receive(client, text, end + *length, "")) return;
    try {
      const namedtorch::Method& method = path == " /" ? model.forward() : model.method(path.substr(2));
      answer = called(method, std::string_view(text).substr(end, *length));
    } catch (const std::out_of_range& error) {
      answer.body = problem("NotFound", error.what());
    }
  }
  static const std::map<int, std::string> reasons = {{200, "OK"},
                                                     {400, "Bad Request"},
                                                     {404, "Not Found"},
                                                     {413, "Content Too Large"},
                                                     {500, "Internal Server Error"}};
  send_all(client, "HTTP/1.1 " + std::to_string(answer.status) + " " + reasons.at(answer.status) +
                       "\r\nContent-Type: " + answer.type +
                       "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\nConnection: close\r\n\r\n");
  send_all(client, answer.body);
}

int main(int count, char** arguments) {
  std::uint16_t port = 8080;
  const std::string_view asked = count > 2 ? arguments[2] : "8080";
  const char* end = asked.data() + asked.size();
  if (count < 2 || count > 4 || std::from_chars(asked.data(), end, port).ptr != end) {
    std::cerr << "usage: cpp_server MODEL [PORT [DEVICE]]\n";
    return 2;
  }
  try {
    std::optional<at::Device> device;
    if (count > 3) device.emplace(std::string(arguments[3]));
    const namedtorch::Model model = namedtorch::load(arguments[1], device);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::cerr << "can't listen: " << std::strerror(errno) << "\n";
      return 1;
    }
    std::cout << model.name() << ": " << model.signature() << "\n"
              << "listening on 127.0.0.1:" << ntohs(address.sin_port) << std::endl;
    std::atomic<int> open = 0;
    for (;;) {
      const int client = accept(listener, nullptr, nullptr);
      if (client < 0) continue;
      const timeval wait{patience, 0};
      setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
      setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
      if (open >= most_connections) {
        close(client);
        continue;
      }
      ++open;
      // Threads share the model.
      std::thread([client, &model, &open] {
        try {
          serve(client, model);
        } catch (const std::exception& error) {
          std::cerr << error.what() << "\n";
        }
        close(client);
        --open;
      }).detach();
    }
  } catch (const namedtorch::ArchiveError& error) {
    std::cerr << error.what() << "\n";
    return 1;
  } catch (const std::exception& error) {
    std::cerr << namedtorch::said_by(error) << "\n";
    return 1;
  }
}
