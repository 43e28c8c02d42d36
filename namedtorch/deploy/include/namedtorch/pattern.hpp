// What an annotation says of the axes of one tensor: as text, and where sizes are known as sizes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <namedtorch/size.hpp>

namespace namedtorch::detail {

// One axis: a name, a size, both (`C=3`), or neither (`_`).
struct Dim {
  std::optional<std::string> name;
  std::optional<Size> size;
  bool broadcast = false;
  bool each = false;

  std::string text() const {
    const std::string prefix = std::string(broadcast ? "#" : "") + (each ? "?" : "");
    if (!size) return prefix + name.value_or("_");
    const std::string written = size->text();
    if (name) return prefix + *name + "=" + written;
    // A lone symbol in parentheses is arithmetic: it waits for its dim instead of binding it.
    const bool lone = size->op == Size::Op::symbol && !is_attribute(size->symbol);
    return prefix + (lone ? "(" + written + ")" : written);
  }
};

// Any number of axes: `*batch` bound as a group, `...` free; `*#batch` also accepts what broadcasts to it.
struct Group {
  std::optional<std::string> name;
  bool broadcast = false;
  bool each = false;

  std::string text() const {
    if (!name) return "...";
    return std::string("*") + (broadcast ? "#" : "") + (each ? "?" : "") + *name;
  }
};

// One axis of a shape: how it is written, and what it is if it is a dim by itself.
struct Axis {
  enum class Kind { dim, flattened, group };

  std::string text;
  Kind kind = Kind::dim;
  Dim dim;

  // The name of the dim, or what is written.
  const std::string& label() const { return kind == Kind::dim && dim.name ? *dim.name : text; }
};

// The shape of a tensor. Its text is data of a file that nobody vouches for: it is split at spaces, and no more.
struct Shape {
  std::string text;   // as annotated
  std::string alone;  // without its constraints
  std::vector<Axis> axes;
  std::vector<std::string> where;  // its constraints
  std::vector<std::string> each;   // the names that are bound anew for every element

  static Shape read(const std::string& text) {
    Shape shape;
    shape.text = text;
    const std::size_t where = text.substr(0, 6) == "where " ? 0 : text.find(" where ");
    shape.alone = text.substr(0, where);
    if (where != std::string::npos) {
      std::string_view rest = std::string_view(text).substr(where + (where == 0 ? 6 : 7));
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(", "), rest.size());
        shape.where.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 2, rest.size()));
      }
    }
    std::string_view rest = shape.alone;
    rest = rest.substr(0, rest.substr(0, 2) == "@ " ? 0 : rest.find(" @ "));
    while (!rest.empty()) {
      Axis axis;
      int depth = 0;
      std::size_t end = 0;
      for (; end < rest.size() && (depth > 0 || rest[end] != ' '); ++end) {
        depth += rest[end] == '(' ? 1 : rest[end] == ')' ? -1 : 0;
      }
      axis.text = rest.substr(0, end);
      if (axis.text[0] == '*' || axis.text == "...") {
        axis.kind = Axis::Kind::group;
      } else if (axis.text.find(' ') != std::string::npos) {
        axis.kind = Axis::Kind::flattened;
      } else {
        for (char one : axis.text.substr(0, 2)) {
          axis.dim.broadcast |= one == '#';
          axis.dim.each |= one == '?';
        }
      }
      shape.axes.push_back(std::move(axis));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return shape;
  }
};

}  // namespace namedtorch::detail
