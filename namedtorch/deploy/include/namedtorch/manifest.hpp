// What an archive says of the model in it: found, bounded and held to its digests before torch opens the file.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <caffe2/serialize/file_adapter.h>
#include <caffe2/serialize/inline_container.h>

#include <namedtorch/error.hpp>
#include <namedtorch/json.hpp>
#include <namedtorch/messages.hpp>
#include <namedtorch/saying.hpp>
#include <namedtorch/sha256.hpp>

namespace namedtorch::detail {

using Adapter = std::shared_ptr<caffe2::serialize::ReadAdapterInterface>;
using Reader = caffe2::serialize::PyTorchStreamReader;

inline ArchiveError broken(const std::string& where, const std::string& problem) {
  return ArchiveError(where + ": " + problem + "; " + again);
}

// The file, if it is a plain one and a zip.
inline Adapter opened(const std::string& path, const std::string& where) {
  std::error_code problem;
  const auto status = std::filesystem::status(path, problem);
  if (!problem && status.type() == std::filesystem::file_type::directory) {
    throw ArchiveError(where + ": is a folder; give the path of an archive (.pt, .ptl)");
  }
  // Opening a pipe would wait for a writer: what the file is comes first.
  if (!problem && status.type() != std::filesystem::file_type::regular &&
      status.type() != std::filesystem::file_type::not_found) {
    throw ArchiveError(where + ": is no plain file; give the path of an archive (.pt, .ptl)");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::string reason = std::strerror(errno);
    if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z') reason[0] = static_cast<char>(reason[0] | 32);
    throw ArchiveError(where + ": can't be read (" + reason + "); check the path");
  }
  char start[2] = {};
  file.read(start, 2);
  if (file.gcount() == 0) throw broken(where, "is empty");
  if (file.gcount() != 2 || start[0] != 'P' || start[1] != 'K') throw broken(where, "is no TorchScript file");
  return std::make_shared<caffe2::serialize::FileAdapter>(path);
}

// JSON without the whitespace between its values: the form that a digest is of, for what `json.dumps` wrote.
inline std::string compact(std::string_view text) {
  std::string found;
  found.reserve(text.size());
  bool inside = false, escaped = false;
  for (char one : text) {
    if (inside) {
      inside = escaped || one != '"';
      escaped = !escaped && one == '\\';
    } else if (one == ' ' || one == '\n' || one == '\t' || one == '\r') {
      continue;
    } else {
      inside = one == '"';
    }
    found += one;
  }
  return found;
}

// Holds a document to its own digest, which stands first in it.
inline void check_own_digest(std::string_view data, const std::string& digest) {
  std::string text = compact(data);
  const std::string start = "{\"digest\":" + json_text(digest) + ",";
  bool same = text.compare(0, start.size(), start) == 0;
  if (same) {
    text.replace(0, start.size(), "{");
    Sha256 hash;
    hash.update(text);
    same = hash.finish() == digest;
  }
  if (!same) throw Malformed("was changed after it was written (it does not match its own digest)");
}

// The groups of records that have a digest each, and what messages call them.
inline constexpr std::pair<const char*, const char*> record_groups[] = {{"weights", "its weights"},
                                                                        {"code", "its code"},
                                                                        {"constants", "its constants"},
                                                                        {"other", "its other records"}};

inline std::size_t group_of(std::string_view name) {
  const auto starts = [&](std::string_view start) { return name.substr(0, start.size()) == start; };
  if (starts("data/")) return 0;
  if (starts("constants/") || name == "constants.pkl") return 2;
  const bool python = starts("code/") && name.size() >= 3 && name.substr(name.size() - 3) == ".py";
  const bool program = name == "data.pkl" || name == "bytecode.pkl" || name == "version" || name == "byteorder";
  return python || program ? 1 : 3;
}

inline std::string length_bytes(std::uint64_t length) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>((length >> shift) & 255);
  return bytes;
}

// Holds every record of a file to the digests in its manifest: one read of the file, and one hash.
inline void check_records(Reader& reader, const Json& digests, const std::string& where) {
  if (digests.fields.empty()) return;
  std::vector<std::string> names = reader.getAllRecords();
  std::sort(names.begin(), names.end());
  std::array<Sha256, 4> hashes;
  const std::string own = std::string("extra/") + manifest_name;
  for (const std::string& name : names) {
    if (name == own) continue;
    const auto [data, size] = reader.getRecord(name);
    Sha256& hash = hashes[group_of(name)];
    hash.update(length_bytes(name.size()) + length_bytes(size) + name);
    hash.update({static_cast<const char*>(data.get()), size});
  }
  std::string changed;
  for (std::size_t at = 0; at < hashes.size(); ++at) {
    const Json* wanted = digests.find(record_groups[at].first);
    if (wanted != nullptr && wanted->string() == hashes[at].finish()) continue;
    changed += (changed.empty() ? "" : " and ") + std::string(record_groups[at].second);
  }
  if (!changed.empty()) throw broken(where, changed + " changed since the file was saved");
}

inline int schema_of(const Json& document, const std::string& where) {
  if (!document.is(Json::Kind::object)) throw Malformed("is no JSON object");
  const Json& version = document.at("schema_version");
  const bool whole = version.is(Json::Kind::integer);
  if (!whole || (version.text.empty() && version.number < 1)) throw Malformed("has a bad 'schema_version'");
  if (version.text.empty() && version.number <= newest_schema) return static_cast<int>(version.number);
  const Json* writer = document.find("namedtorch_version");
  const std::string written = version.text.empty() ? std::to_string(version.number) : version.text;
  throw ArchiveError(where + ": written by namedtorch " +
                     (writer != nullptr && writer->is(Json::Kind::text) ? one_line(writer->text, 40)
                                                                        : "a newer version") +
                     " with schema " + one_line(written, 20) + ", and this header (namedtorch " + own_version +
                     ") reads schemas up to " + std::to_string(newest_schema) + "; take the header of a newer one");
}

// The manifest of an open file. Throws ArchiveError, one line.
inline Json read_manifest(Reader& reader, const std::string& where) {
  const std::string name = std::string("extra/") + manifest_name;
  if (!reader.hasRecord(name)) {
    const bool graph = reader.hasRecord("constants.pkl");
    throw ArchiveError(where + (graph ? ": is a TorchScript file without a manifest, not a namedtorch archive (plain "
                                        "torch drops the manifest when it loads and saves); lower the model again"
                                      : ": is a zip file, but not a namedtorch archive; write one with "
                                        "namedtorch.lower(model).save(...)"));
  }
  const std::size_t size = reader.getRecordSize(name);
  if (size > JsonReader::longest) {
    throw broken(where, std::string(manifest_name) + " is too large (" + std::to_string(size) + " bytes)");
  }
  if (size == 0) throw broken(where, std::string(manifest_name) + " is empty");
  const auto record = reader.getRecord(name);
  const std::string_view text(static_cast<const char*>(std::get<0>(record).get()), std::get<1>(record));
  try {
    Json document = JsonReader::parse(text);
    if (schema_of(document, where) > 1) check_own_digest(text, document.at("digest").string());
    const Json* format = document.find("format");
    if (format != nullptr && format->string() != "torchscript") {
      throw ArchiveError(where + ": is of the format '" + one_line(format->string(), 40) +
                         "', and libtorch runs TorchScript; lower the model to .pt or .ptl");
    }
    return document;
  } catch (const Malformed& problem) {
    throw broken(where, std::string(manifest_name) + " " + one_line(problem.what(), 300));
  }
}

}  // namespace namedtorch::detail
