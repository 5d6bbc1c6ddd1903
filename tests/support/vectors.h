#pragma once
// Published test vectors as text: blocks of "name = value" lines, an empty line between blocks, '#'
// before remarks.

#include "tests/support/checkout.h"

#include "base/core/bytes.h"

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace sallyport::test {

class Vector {
public:
    [[nodiscard]] const std::string& text(const std::string& name) const {
        return fields_.at(name);
    }

    [[nodiscard]] Bytes bytes(const std::string& name) const {
        return from_hex(fields_.at(name)).value();
    }

    [[nodiscard]] bool empty() const { return fields_.empty(); }

    void add(const std::string& line) {
        const auto equals = line.find(" =");
        if (equals == std::string::npos) throw std::runtime_error("no vector: " + line);
        const auto start = line.find_first_not_of(' ', equals + 2);
        fields_[line.substr(0, equals)] = start == std::string::npos ? "" : line.substr(start);
    }

private:
    std::map<std::string, std::string> fields_;
};

// `name` below tests/vectors. An absent or empty file is an error, so that no test passes for the
// want of cases.
[[nodiscard]] inline std::vector<Vector> read_vectors(const std::string& name) {
    std::ifstream file(in_vectors(name));
    std::vector<Vector> vectors;
    Vector current;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        if (!line.empty()) {
            current.add(line);
        } else if (!current.empty()) {
            vectors.push_back(std::move(current));
            current = {};
        }
    }
    if (!current.empty()) vectors.push_back(std::move(current));
    if (vectors.empty()) throw std::runtime_error("no vectors in " + name);
    return vectors;
}

}  // namespace sallyport::test
