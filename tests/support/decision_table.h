#pragma once
// The approved table of what the context demands (tests/vectors/context), one cell for each role,
// posture, place and segment.

#include "tests/support/checkout.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sallyport::test {

struct DecisionRow {
    std::string role, posture, place;
    std::vector<std::string> outcomes;  // by segment, as the head names them
};

struct DecisionTable {
    std::vector<std::string> segments;  // "unzoned", then the kinds of zones
    std::vector<DecisionRow> rows;
};

[[nodiscard]] inline DecisionTable approved_decisions() {
    std::ifstream file(in_vectors("context/decision_table.txt"));
    DecisionTable table;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        std::istringstream words(line);
        DecisionRow row;
        words >> row.role >> row.posture >> row.place;
        for (std::string cell; words >> cell;) {
            row.outcomes.push_back(cell);
        }
        if (row.role == "role") {
            table.segments = row.outcomes;
        } else {
            table.rows.push_back(row);
        }
    }
    return table;
}

}  // namespace sallyport::test
