// Models out of namedtorch archives (.pt, .ptl), held to the signature in their manifests. C++20 and libtorch.
//
//   auto model = namedtorch::load("model.pt");
//   std::cout << model.signature();                         // image: N C=3 H W -> N classes=10
//   auto scores = model({{"image", image}}).toTensor();     // by name, or model(image)
//
// What does not fit is a namedtorch::DimError, a file that is not what it should be a namedtorch::ArchiveError.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ATen/Context.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/mobile/import.h>
#include <torch/csrc/jit/mobile/interpreter.h>
#include <torch/csrc/jit/mobile/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <namedtorch/error.hpp>
#include <namedtorch/manifest.hpp>
#include <namedtorch/method.hpp>

namespace namedtorch {

// For programs that answer: what a value is and what it holds, and what an error of torch or a model says on one line.
using detail::dtype_text;
using detail::elements_of;
using detail::literal_text;
using detail::said_by;
using detail::value_text;

struct Options {
  bool grad = false;         // leave gradients as the caller has them; else calls run in inference mode
  bool records = true;       // hold every record to the digests in the manifest
  std::optional<bool> lite;  // run in the lite interpreter; else where the file is called `.ptl`, and holds its program
};

// A model that is called as its signature says. Copies share it, and so may threads.
class Model {
 public:
  // The qualified name of the class or function that was lowered.
  const std::string& name() const { return model_->name; }

  // The dims of the arguments and the result of forward.
  const std::string& signature() const { return forward().signature(); }

  // The manifest, as JSON.
  const detail::Json& manifest() const { return model_->manifest; }

  const Method& forward() const { return method("forward"); }

  // The names of the methods that can be called.
  std::vector<std::string> methods() const {
    std::vector<std::string> names;
    for (const auto& one : model_->methods) names.push_back(one.first);
    return names;
  }

  // Throws std::out_of_range for a method that is not there.
  const Method& method(const std::string& name) const {
    const auto found = model_->methods.find(name);
    if (found != model_->methods.end()) return found->second;
    std::string known;
    for (const auto& one : model_->methods) known += (known.empty() ? "" : ", ") + one.first;
    throw std::out_of_range(model_->name + " has no method `" + name + "` (its methods: " + known + ")");
  }

  // Forward, by name or by position; throws as Method::call does.
  c10::IValue operator()(const Named& named) const { return forward()(named); }

  template <class... Values>
    requires(std::convertible_to<Values, c10::IValue> && ...)
  c10::IValue operator()(Values&&... values) const {
    return forward()(std::forward<Values>(values)...);
  }

 private:
  struct Loaded {
    detail::Json manifest;
    std::string name;
    std::optional<torch::jit::Module> module;
    std::optional<torch::jit::mobile::Module> lite;
    std::map<std::string, Method> methods;

    void open(const detail::Adapter& file, std::optional<at::Device> device, bool in_lite);
    bool takes_records() const;
    void guard(const Options& options);
  };

  explicit Model(std::shared_ptr<const Loaded> model) : model_(std::move(model)) {}

  std::shared_ptr<const Loaded> model_;

  friend Model load(const std::string&, std::optional<at::Device>, const Options&);
};

namespace detail {

// A file that torch closes by itself, and that others still read.
class SharedFile final : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit SharedFile(Adapter file) : file_(std::move(file)) {}
  std::size_t size() const override { return file_->size(); }
  std::size_t read(std::uint64_t place, void* buffer, std::size_t count, const char* what) const override {
    return file_->read(place, buffer, count, what);
  }

 private:
  Adapter file_;
};

// Sets the engine that a quantized model's weights are packed for, and afterwards the one that was set.
class Packing {
 public:
  explicit Packing(const Json& manifest) {
    const Json* quantization = manifest.find("quantization");
    if (quantization == nullptr) return;
    const std::string& wanted = quantization->at("engine").string();
    static constexpr std::pair<const char*, at::QEngine> known[] = {{"x86", at::QEngine::X86},
                                                                    {"fbgemm", at::QEngine::FBGEMM},
                                                                    {"onednn", at::QEngine::ONEDNN},
                                                                    {"qnnpack", at::QEngine::QNNPACK}};
    const auto& here = at::globalContext().supportedQEngines();
    for (const auto& [name, engine] : known) {
      if (wanted != name || std::find(here.begin(), here.end(), engine) == here.end()) continue;
      lock_ = std::unique_lock(mutex());
      before_ = at::globalContext().qEngine();
      at::globalContext().setQEngine(engine);
    }
  }

  ~Packing() {
    if (before_) at::globalContext().setQEngine(*before_);
  }

  Packing(const Packing&) = delete;
  Packing& operator=(const Packing&) = delete;

 private:
  // The engine is one for the process.
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }

  std::unique_lock<std::mutex> lock_;
  std::optional<at::QEngine> before_;
};

// Throws std::invalid_argument for a device on which no tensor can be made.
inline void require(at::Device device) {
  try {
    at::empty({0}, at::TensorOptions(device));
  } catch (const std::exception& error) {
    const std::string said = said_by(error);
    const bool lacks = said.rfind("Could not run", 0) == 0;  // and a list of what it does have
    throw std::invalid_argument("device '" + device.str() + "' can't be used here: " +
                                (lacks ? "this libtorch was built without it" : said));
  }
}

}  // namespace detail

inline void Model::Loaded::open(const detail::Adapter& file, std::optional<at::Device> device, bool in_lite) {
  const detail::Packing packing(manifest);
  if (in_lite) {
    lite = torch::jit::_load_for_mobile(std::make_unique<detail::SharedFile>(file), device);
    if (!takes_records()) return;
    lite.reset();
  }
  module = torch::jit::load(file, device);
}

// Whether an argument of a method is a record: the lite interpreter knows such a type by name only, so that nothing
// tells what its fields are. The other interpreter runs the same file.
inline bool Model::Loaded::takes_records() const {
  for (const auto& one : manifest.at("methods").fields) {
    const auto method = lite->find_method(one.first);
    if (!method || !method->function().hasSchema()) continue;
    const auto& arguments = method->function().getSchema().arguments();
    for (std::size_t at = 1; at < arguments.size(); ++at) {
      if (arguments[at].type()->kind() != c10::TypeKind::DynamicType) return true;
    }
  }
  return false;
}

inline void Model::Loaded::guard(const Options& options) {
  const bool grad = options.grad || manifest.at("mode").string() == "train";
  const detail::Json& given = manifest.at("methods");
  given.at("forward");
  for (const auto& [called, content] : given.fields) {
    const std::string label = called == "forward" ? name : name + "." + called;
    Method::Manner manner{grad, false};
    Method::Run run;
    const c10::FunctionSchema* schema = nullptr;
    if (module) {
      const auto method = module->find_method(called);
      if (!method) throw detail::Malformed("has a method `" + detail::one_line(called, 80) + "` that the graph lacks");
      schema = &method->function().getSchema();
      manner.hooked = called == "forward" &&
                      !(module->type()->getForwardHooks().empty() && module->type()->getForwardPreHooks().empty());
      if (manner.hooked) {
        run = [own = *module](std::vector<c10::IValue> values) {
          torch::jit::Module hooked = own;
          return hooked(std::move(values));
        };
      } else {
        run = [method = *method](std::vector<c10::IValue> values) { return method(std::move(values)); };
      }
    } else {
      const auto method = lite->find_method(called);
      // The lite interpreter trusts the number of values that it is given.
      if (!method || !method->function().hasSchema()) {
        throw detail::Malformed("has a method `" + detail::one_line(called, 80) + "` that the graph lacks");
      }
      schema = &method->function().getSchema();
      method->function().initialize_operators(true);
      // Not by way of the method: its check of types crashes over tuples whose type was asked for before, and over what
      // it refuses. Our own check went before.
      run = [self = lite->_ivalue(), function = &method->function()](std::vector<c10::IValue> values) {
        values.insert(values.begin(), self);
        torch::jit::mobile::InterpreterState(function->get_code()).run(values);
        return values.front();
      };
    }
    methods.try_emplace(called, content.at("signature"), content.at("plan"), label, *schema, manner, std::move(run));
  }
}

// Loads the model of an archive, onto `device` if one is given. The manifest is read and its digest verified, and those
// of the records, before torch opens the file. Throws ArchiveError, and std::invalid_argument for a device that is not
// there.
inline Model load(const std::string& path, std::optional<at::Device> device = std::nullopt,
                  const Options& options = {}) {
  const std::string where = detail::one_line(path, 300);
  auto model = std::make_shared<Model::Loaded>();
  if (device) detail::require(*device);
  try {
    const detail::Adapter file = detail::opened(path, where);
    bool in_lite = options.lite.value_or(path.size() >= 4 && path.compare(path.size() - 4, 4, ".ptl") == 0);
    {
      detail::Reader reader(file);
      model->manifest = detail::read_manifest(reader, where);
      const detail::Json* digests = model->manifest.find("digests");
      if (options.records && digests != nullptr) detail::check_records(reader, *digests, where);
      if (in_lite && !reader.hasRecord("bytecode.pkl")) {
        if (options.lite) {
          throw ArchiveError(where + ": holds no program for the lite interpreter; load it without `lite`, or lower the "
                                     "model to .ptl");
        }
        in_lite = false;
      }
    }
    model->name = detail::one_line(model->manifest.at("name").string(), 1000);
    model->open(file, device, in_lite);
  } catch (const ArchiveError&) {
    throw;
  } catch (const detail::Malformed& problem) {
    throw detail::broken(where, std::string(detail::manifest_name) + " " + detail::one_line(problem.what(), 300));
  } catch (const std::exception& error) {
    throw detail::broken(where, "torch can't load it (" + detail::said_by(error) + ")");
  }
  try {
    model->guard(options);
  } catch (const detail::Malformed& problem) {
    throw detail::broken(where, "no guard fits its signature (it " + detail::one_line(problem.what(), 300) + ")");
  } catch (const std::exception& error) {
    throw detail::broken(where, "torch can't load it (" + detail::said_by(error) + ")");
  }
  return Model(std::move(model));
}

}  // namespace namedtorch
